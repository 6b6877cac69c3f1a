"""The manifest (``assay.toml``): the system under test, where it is reached, and how it may be treated.

Every mistake is one line with key, value and mend; nothing is half-used. Secrets are never written down: ``auth`` names an
environment variable (``env:NAME``) or a file (``file:PATH``), and what they hold is handed to the evidence store for redaction.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from assay.harness.adapters import adapter_names
from assay.harness.guard import HostMap
from assay.harness.manifest_errors import problems_of
from assay.profiles.catalogue import is_path, profile_names

__all__ = [
    "FEATURES",
    "HarnessAuthority",
    "Issuer",
    "Manifest",
    "ManifestError",
    "Publisher",
    "Resolver",
    "StatusProvider",
    "Verifier",
    "load",
    "template",
]

FEATURES: Mapping[str, str] = {
    "verify-links": "POST /credentials/verify takes {'link': {...}} and follows it",
    "verify-identity": "POST /credentials/verify takes 'identityAnchor' and 'options.trustedRegisters'",
    "verify-presentations": "POST /presentations/verify takes presentations of enveloped credentials",
    "verify-graph": "POST /credentials/verify takes 'graph' and 'options.trustAnchors', and judges credentials together",
    "data-integrity": "verifies Data Integrity proofs",
    "untp-0.6": "declares support for UNTP 0.6.x",
}
"""What a system may say it can do beyond its roles."""

_MAX_BYTES = 1024 * 1024


class ManifestError(ValueError):
    """A manifest that cannot be used; ``problems`` are lines of key, value and mend."""

    def __init__(self, path: str, problems: Iterable[str]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path}: {problem}" for problem in self.problems))


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an http(s) URL with a host")
    if parts.username or parts.password:
        raise ValueError('credentials do not belong into a URL; use auth = "env:NAME"')
    return value


def _reference(value: str) -> str:
    if not value.startswith(("env:", "file:")) or value.endswith(":"):
        raise ValueError('secrets are given by reference: write "env:NAME" or "file:PATH"')
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Url = Annotated[str, Field(min_length=8), BeforeValidator(lambda v: _url(v) if isinstance(v, str) else v)]
Reference = Annotated[str, BeforeValidator(lambda v: _reference(v) if isinstance(v, str) else v)]


class _Endpoint(_Model):
    endpoint: Url
    """Base address; the adapter adds its paths (``/credentials/verify``)."""
    name: str = ""
    adapter: str = "vc-api"
    auth: Reference | None = None
    auth_header: str = "Authorization"
    auth_scheme: str = "Bearer"
    """Put before the secret; empty for a bare key."""

    @field_validator("endpoint")
    @classmethod
    def _base(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("adapter")
    @classmethod
    def _installed(cls, value: str) -> str:
        _known(value, adapter_names(), "adapter")
        return value


class Issuer(_Endpoint):
    """An API that issues credentials."""

    issuer: str | None = Field(default=None, pattern=r"^did:")
    """The DID to write into requests."""


class Verifier(_Endpoint):
    """An API that verifies credentials."""

    form: Literal["enveloped", "token"] = "enveloped"


class StatusProvider(_Endpoint):
    """An API that changes the status of credentials that the issuer of the same manifest has issued."""

    dialect: Literal["vc-api", "vc-api-2021"] = "vc-api"


class Resolver(_Model):
    """An identity resolver, reached by its identifiers."""

    name: str = ""
    identifiers: tuple[Url, ...] = ()
    """Identifiers it resolves; default: those of ``[system]``, and what the crawl finds on their hosts."""
    writes: bool = False
    """Whether edit links may be posted to (without credentials, to see them refused)."""
    malformed: Url | None = None
    unknown: Url | None = None
    delegated: Url | None = None
    """An identifier that another resolver answers for, and that this one sends on."""


class Publisher(_Model):
    """Where credentials, vocabularies and other files are published."""

    name: str = ""
    urls: tuple[Url, ...] = ()
    archives: tuple[Url, ...] = ()
    """Where archives keep copies: addresses with ``{url}``, which stands for the address of the original, percent-encoded."""

    @field_validator("archives")
    @classmethod
    def _placed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any("{url}" not in archive for archive in value):
            raise ValueError("expected {url} in each address, where the address of the original goes")
        return value


class HarnessAuthority(_Model):
    """How verifiers under test reach the harness's own DID documents and status lists."""

    authority: str = Field(default="harness.assay.example", pattern=r"^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$")
    seed: Reference | None = None
    listen: str | None = Field(default=None, pattern=r"^(127\.0\.0\.1|\[::1\]|localhost|0\.0\.0\.0):\d{1,5}$")
    certificate: Path | None = None
    key: Path | None = None


class _System(_Model):
    name: str = Field(min_length=1, max_length=200)
    profiles: tuple[str, ...] = ("untp-0.7",)
    at: datetime | None = None
    identifiers: tuple[str, ...] = ()
    trust_anchors: tuple[str, ...] = ()
    features: tuple[str, ...] = ()

    @field_validator("profiles")
    @classmethod
    def _known_profiles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("nothing to judge by; name a profile, or leave the key out for untp-0.7")
        for name in value:
            if not is_path(name):
                _known(
                    name, profile_names(), "profile", "; or give the folder of your own, such as ./my-profile"
                )
        return value

    @field_validator("trust_anchors")
    @classmethod
    def _anchors_are_dids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for anchor in value:
            if not re.match(r"did:[a-z0-9]+:[^/?#\s]+\Z", anchor):
                raise ValueError(f"'{anchor}' is no DID; write for example did:web:register.example")
        return value

    @field_validator("features")
    @classmethod
    def _known_features(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            _known(name, FEATURES, "feature")
        return value

    @field_validator("identifiers")
    @classmethod
    def _identifiers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            if not item.startswith(("https://", "http://", "did:")):
                raise ValueError(f"'{item}' cannot be resolved; give http(s) URLs or DIDs")
        return value

    @field_validator("at")
    @classmethod
    def _zoned(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class _Roles(_Model):
    issuer: Annotated[tuple[Issuer, ...], BeforeValidator(_listed)] = ()
    verifier: Annotated[tuple[Verifier, ...], BeforeValidator(_listed)] = ()
    status: Annotated[tuple[StatusProvider, ...], BeforeValidator(_listed)] = ()
    resolver: Annotated[tuple[Resolver, ...], BeforeValidator(_listed)] = ()
    publisher: Annotated[tuple[Publisher, ...], BeforeValidator(_listed)] = ()


class _Network(_Model):
    ca: Path | None = None
    allow: tuple[str, ...] = ()
    hosts: dict[str, str] = Field(default_factory=dict)

    @field_validator("hosts")
    @classmethod
    def _addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for host, target in value.items():
            address, _, port = target.rpartition(":")
            if not address or not port.isdigit() or not 0 < int(port) < 65536:
                raise ValueError(
                    f"'{host}' = '{target}': write \"address:port\", for example \"127.0.0.1:8443\""
                )
        return value


class _LimitsTable(_Model):
    bytes: int = Field(default=16 * 1024 * 1024, ge=1024, le=1024**3)
    seconds: float = Field(default=20.0, gt=0, le=600)
    connect_seconds: float = Field(default=5.0, gt=0, le=60)
    redirects: int = Field(default=5, ge=0, le=20)
    documents: int = Field(default=2000, ge=1, le=1_000_000)
    """How many addresses a crawl may ask for."""
    depth: int = Field(default=12, ge=0, le=100)
    """How many steps away from the start a crawl may go."""
    concurrency: int = Field(default=16, ge=1, le=256)


class Manifest(_Model):
    """A manifest that was read and found good."""

    system: _System
    roles: _Roles = _Roles()
    network: _Network = _Network()
    harness: HarnessAuthority = HarnessAuthority()
    limits: _LimitsTable = _LimitsTable()
    secrets: dict[str, str] = Field(default_factory=dict, repr=False, exclude=True)
    """What the references of the manifest hold; filled by :func:`load`."""

    @property
    def host_map(self) -> HostMap:
        pairs = ((host, target.rpartition(":")) for host, target in self.network.hosts.items())
        return {host.lower(): (address.strip("[]"), int(port)) for host, (address, _, port) in pairs}

    def secret(self, reference: str | None) -> str | None:
        """What a reference stands for."""
        return None if reference is None else self.secrets[reference]

    def headers(self, endpoint: _Endpoint) -> dict[str, str]:
        """The headers that authorise requests to an endpoint."""
        secret = self.secret(endpoint.auth)
        return {} if secret is None else {endpoint.auth_header: f"{endpoint.auth_scheme} {secret}".strip()}

    def supports(self, feature: str) -> bool:
        return feature in self.system.features


def load(path: Path, environ: Mapping[str, str] | None = None) -> Manifest:
    """Read and check a manifest; relative paths in it are relative to its folder.

    :raises ManifestError: unreadable, not TOML, unknown keys, wrong values, missing files or variables.
    """
    name = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ManifestError(name, [f"cannot be read: {error.strerror}; 'assay init' writes one"]) from error
    if len(raw) > _MAX_BYTES:
        raise ManifestError(name, [f"{len(raw):,} bytes; a manifest has at most {_MAX_BYTES:,}"])
    try:
        content = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(name, [f"not TOML: {error}"]) from error
    if "secrets" in content:
        raise ManifestError(name, ['secrets: no such key; secrets are given by reference, auth = "env:NAME"'])
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        raise ManifestError(name, problems_of(error, content, Manifest)) from None
    return _completed(manifest, path.parent, name, os.environ if environ is None else environ)


def _completed(manifest: Manifest, folder: Path, name: str, environ: Mapping[str, str]) -> Manifest:
    """Fetch what references stand for, make paths absolute, and check that what is named is there."""
    problems: list[str] = []
    secrets: dict[str, str] = {}
    roles = manifest.roles
    references = [
        (f"roles.{role}.auth", endpoint.auth)
        for role, endpoints in (
            ("issuer", roles.issuer),
            ("verifier", roles.verifier),
            ("status", roles.status),
        )
        for endpoint in endpoints
    ]
    for key, reference in [*references, ("harness.seed", manifest.harness.seed)]:
        if reference is not None:
            try:
                secrets[reference] = _secret(reference, folder, environ)
            except ValueError as error:
                problems.append(f'{key} = "{reference}": {error}')
    ca, certificate, tls_key = (
        None if path is None else folder / path
        for path in (manifest.network.ca, manifest.harness.certificate, manifest.harness.key)
    )
    for key, file in (("network.ca", ca), ("harness.certificate", certificate), ("harness.key", tls_key)):
        if file is not None and not file.is_file():
            problems.append(
                f'{key} = "{file}": there is no such file; give its path relative to the manifest'
            )
    profiles = tuple(_placed(reference, folder) for reference in manifest.system.profiles)
    problems += [
        f'system.profiles = "{reference}": there is no profile.yaml in {path}; give the folder relative to the manifest'
        for reference, path in zip(manifest.system.profiles, profiles, strict=True)
        if is_path(reference) and not (Path(path) / "profile.yaml").is_file()
    ]
    own = manifest.harness
    if own.listen is not None and (own.certificate is None or own.key is None):
        problems.append(
            "harness.listen: needs 'certificate' and 'key' too; verifiers fetch DID documents over HTTPS only"
        )
    if problems:
        raise ManifestError(name, problems)
    return manifest.model_copy(
        update={
            "secrets": secrets,
            "system": manifest.system.model_copy(update={"profiles": profiles}),
            "network": manifest.network.model_copy(update={"ca": ca}),
            "harness": own.model_copy(update={"certificate": certificate, "key": tls_key}),
        }
    )


def _placed(reference: str, folder: Path) -> str:
    """A profile as the engine takes it: a name as it stands, a folder as seen from here."""
    if not is_path(reference):
        return reference
    path = str(folder / reference)
    return path if is_path(path) else f"./{path}"


def _secret(reference: str, folder: Path, environ: Mapping[str, str]) -> str:
    kind, _, name = reference.partition(":")
    if kind == "env":
        if not environ.get(name):
            raise ValueError(f"the environment variable {name} is not set")
        return environ[name]
    try:
        text = (folder / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the file cannot be read ({type(error).__name__})") from error
    if not text:
        raise ValueError("the file is empty")
    return text


def _known(name: str, names: Iterable[str], what: str, else_: str = "") -> None:
    known = sorted(names)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        mend = f"did you mean '{close[0]}'?" if close else f"choose one of: {', '.join(known)}"
        raise ValueError(f"{what} '{name}' is unknown; {mend}{else_}")


def template(name: str = "my system") -> str:
    """A commented manifest to start from."""
    features = "\n".join(f"#   {feature:<16} {meaning}" for feature, meaning in FEATURES.items())
    return _TEMPLATE.format(name=name.replace("\\", "").replace('"', "'"), features=features)


_TEMPLATE = """\
# What Assay is to test. Delete what you do not have: every role is optional.
# Secrets never stand here: write "env:NAME" for an environment variable, "file:PATH" for a file.

[system]
name = "{name}"
profiles = ["untp-0.7"]          # see: assay requirements --profiles; or the folder of your own: "./my-profile"
# at = "2026-11-22T00:00:00Z"    # judge as of this instant; default: now
# Where discovery starts: identifiers of products, facilities, organisations (https URLs or DIDs).
identifiers = ["https://id.example.com/product/123"]
# DIDs of registers you trust; identity anchors issued by others anchor nothing.
trust_anchors = []
# What the system can do beyond its roles:
{features}
features = []

[roles.issuer]                   # [[roles.issuer]] for several
endpoint = "https://issuer.example.com"       # POST /credentials/issue is added
issuer = "did:web:issuer.example.com"
# auth = "env:ISSUER_TOKEN"      # sent as "Authorization: Bearer ..."
# auth_header = "X-API-Key"
# auth_scheme = ""

[roles.verifier]
endpoint = "https://verifier.example.com"     # POST /credentials/verify
form = "enveloped"               # or "token": the bare compact token
# auth = "env:VERIFIER_TOKEN"

[roles.status]
endpoint = "https://issuer.example.com"       # POST /credentials/status
# auth = "env:ISSUER_TOKEN"
# dialect = "vc-api-2021"        # the older request body

[roles.resolver]
identifiers = []                 # default: those of [system]
writes = false                   # true: edit links are posted to without credentials, to see them refused
# malformed = "https://id.example.com/product/%3C"   # what your scheme calls malformed
# unknown = "https://id.example.com/product/0000"    # well formed, but nobody's
# delegated = "https://id.example.com/other/1"       # what you send on to another resolver

[roles.publisher]
urls = []                        # credentials and vocabularies to read besides those that discovery finds
# archives = ["https://archive.example.org/copies?of={{url}}"]   # who else keeps what you publish

[network]
# ca = "ca.pem"                  # trusted besides the system's roots
allow = []                       # hosts that may have private addresses
[network.hosts]
# "id.example.com" = "127.0.0.1:8443"

[limits]
seconds = 20.0                   # per request
bytes = 16777216                 # per answer, also after decompression
redirects = 5
documents = 2000                 # addresses asked for while discovering
depth = 12                       # steps away from the start
concurrency = 16

# Test credentials for verifiers are signed by DIDs of this authority. The verifier has to reach them: publish the files
# that 'assay forge publish DIR' writes at https://AUTHORITY/, or let Assay serve them while the run lasts.
[harness]
authority = "harness.assay.example"
# seed = "env:ASSAY_HARNESS_SEED"  # keys are derived from it; without it they are publicly known
# listen = "127.0.0.1:8499"
# certificate = "harness.crt"
# key = "harness.key"
"""
