"""Every fault shows, and shows nowhere else: a node with it differs from an honest one in the named observations only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from assay.simulator.sandbox import FAULTS, FaultError
from assay.simulator.sandbox.example import build, with_neighbours
from assay.simulator.sandbox.faults import Faults, faults_by_nation
from assay.simulator.sandbox.store import NodeStore, load_node
from tests.simulator.sandbox_cases import cases
from tests.simulator.sandbox_probes import CHANGING, OTHERS, PROBES, READING, SAMPLE, VERIFYING, Scene, dumped


def rejected(*codes: str) -> set[str]:
    """Names of the probes whose submission an honest verifier rejects for reasons among ``codes`` (all: any reason)."""
    return {
        f"verify: {name}"
        for name, (_, found) in cases().items()
        if found and (not codes or found <= set(codes))
    }


BAD_LINKS = {"certificate as dpp", "page as dpp", "server error", "loop", "shop page as linkset"}
BAD_IDENTITIES = {"anchor of another", "anchor by a stranger", "anchor of another kind"}
NOT_VERIFIED = (
    {"present: not a token"}
    | rejected()
    | {f"link: {name}" for name in BAD_LINKS}
    | {f"identity: {name}" for name in BAD_IDENTITIES}
)
LINKSET = {
    f"linkset: {n}" for n in ("member", "anchors", "relations", "href", "title", "type", "hreflang", "rel")
} | {
    "linkset: method",
    "linkset: accessRole",
    "linkset: size",
}
REDIRECTS = {f"resolve: {n}" for n in ("default", "default of the class", "dpp", "of the class above")} | {
    "resolve: unknown relation",
    "resolve: language by header",
    "resolve: language by query",
}
EN_DEFAULTS = {"resolve: default", "resolve: unknown relation"}
DEFAULTS = EN_DEFAULTS | {"resolve: language by header", "resolve: language by query"}

DIFFERENCES: dict[str, Iterable[str]] = {
    "reject-presentations": {"present: good", "present: not a token"},
    "delegation-unknown": {"resolve: delegated"},
    "always-valid": NOT_VERIFIED,
    "always-invalid": set(VERIFYING) - {"link: well-known asked"},
    "no-reasons": NOT_VERIFIED,
    "verifier-crashes": NOT_VERIFIED,
    "accept-alg-none": rejected("alg-none"),
    "accept-any-alg": rejected("alg-not-allowed"),
    "accept-bad-signature": rejected("bad-signature"),
    "accept-foreign-key": rejected("issuer-mismatch"),
    "accept-unlisted-key": rejected("key-not-found"),
    "accept-unauthorised-key": rejected("key-not-authorised"),
    "accept-unresolvable-issuer": rejected("did-unresolvable"),
    "accept-unsigned": rejected("unsigned", "unsupported-proof"),
    "accept-expired": rejected("expired"),
    "accept-not-yet-valid": rejected("not-yet-valid"),
    "accept-revoked": rejected("revoked"),
    "accept-suspended": rejected("suspended"),
    "ignore-status-unavailable": rejected("status-unavailable"),
    "ignore-status-invalid": rejected("status-list-invalid", "status-list-length"),
    "ignore-status-range": rejected("status-range"),
    "ignore-schema": rejected("schema") | {"verify: of both versions"},
    "ignore-dropped-terms": rejected("json-ld") | {"verify: of both versions"},
    "ignore-crit": {"verify: unknown crit"},
    "reject-without-issuing-software": {"verify: without issuing software"},
    "reject-extensions": {
        "verify: extension",
        "verify: extension whose context is gone",
        "verify: extension without context",
        "verify: one of several",
        "verify: of both versions",
    },
    "reject-open-characteristics": {"verify: own characteristics"},
    "reject-urns": {"verify: named by a URN"},
    "reject-company-terms": {
        "verify: extension without context",
        "verify: one of several",
        "verify: of both versions",
    },
    "reject-bindings": {"verify: with a related resource"},
    "reject-variants": {"verify: one of several"},
    "accept-mixed-versions": {"verify: of both versions"},
    "reject-eddsa": {"verify: good EdDSA", "verify: good, Ed25519 under its newer name"},
    "reject-older-versions": {"verify: older version"},
    "reject-other-proofs-silently": {"verify: embedded proof"},
    "links-trusted": {"link: certificate as dpp", "link: page as dpp"},
    "links-assumed-resolver": {"link: shop page as linkset"},
    "links-crash": {"link: server error", "link: loop"},
    "well-known-not-read": {"link: well-known asked"},
    "accept-any-identity": {"identity: anchor of another", "identity: anchor of another kind"},
    "accept-any-register": {"identity: anchor by a stranger", "identity: anchor of another kind"},
    "resolver-ignores-linktype": {"resolve: of the class above"},
    "linkset-ignored": {"resolve: linkset", "resolve: all", "linkset: media type", *LINKSET},
    "all-ignored": {"resolve: all"},
    "wrong-linkset-media-type": {"linkset: media type"},
    "html-linkset": {"linkset: media type", *LINKSET},
    "no-well-known": {"resolve: well-known"},
    "default-missing": {"resolve: default of the class", *DEFAULTS},
    "default-200": {"resolve: default of the class", *DEFAULTS},
    "old-version-default": DEFAULTS,
    "500-for-malformed": {"resolve: malformed"},
    "200-for-unknown": {"resolve: unknown"},
    "language-ignored": {"resolve: language by header", "resolve: language by query"},
    "language-query-ignored": {"resolve: language by query"},
    "no-fallback": {"resolve: of the class above", "resolve: unknown relation"},
    "item-only": {"linkset: anchors", "linkset: relations", *(LINKSET - {"linkset: member"})},
    "linktype-body": {"resolve: dpp", "resolve: of the class above"},
    "linkset-without-anchor": {"linkset: anchors"},
    "linkset-renamed": {"linkset: member"},
    "target-without-title": {"linkset: title"},
    "target-without-type": {"linkset: type"},
    "target-without-href": {"linkset: href"},
    "hreflang-string": {"linkset: hreflang"},
    "rel-string": {"linkset: rel"},
    "method-string": {"linkset: method"},
    "access-role-string": {"linkset: accessRole"},
    "target-type-invalid": {"linkset: type"},
    "extra-target-attribute": {"linkset: size"},
    "anchor-did": {"linkset: anchors"},
    "made-up-relation": {"linkset: relations"},
    "one-link-only": LINKSET - {"linkset: member", "linkset: anchors"},
    "predecessor-unmarked": {"linkset: rel"},
    "edit-without-method": {"linkset: method"},
    "redirect-loop": REDIRECTS,
    "wrong-link-target": {"linkset: href"},
    "broken-link": {"linkset: href"},
    "anonymous-link-accepted": {"links: anonymous"},
    "stale-status": {"update: effect"},
    "revoke-wrong-bit": {"update: effect"},
    "list-without-type": {"list: type"},
    "list-wrong-subject-type": {"list: subject type"},
    "list-bad-signature": {"list: proof"},
    "list-too-short": {"list: length"},
    "list-without-multibase": {"list: prefix"},
    "list-bits-reversed": {"list: start"},
    "wrong-purpose": {"list: purpose"},
    "list-404": {f"list: {n}" for n in ("status", "media type", "caching", "proof", "type", "subject type")}
    | {"list: purpose", "list: prefix", "list: start", "list: length"},
    "list-unsigned": {"list: media type", "list: proof"},
    "status-media-type": {"list: media type"},
    "list-cache-forever": {"list: caching"},
    "revocation-reversible": {"update: taken back"},
    "anonymous-update-accepted": {"update: anonymous"},
    "did-http-404": {
        f"did: {n}" for n in ("status", "media type", "id", "assertion", "methods", "keys", "service")
    },
    "did-wrong-id": {"did: id"},
    "did-without-assertion": {"did: assertion"},
    "did-relative-ids": {"did: methods", "did: assertion"},
    "did-private-key": {"did: keys"},
    "did-service-string": {"did: service"},
    "did-media-type-html": {"did: media type"},
    "credential-as-octet-stream": {"credential: media type"},
    "credential-unsigned": {"credential: media type", "credential: body"},
    "credential-401": {"credential: status", "credential: media type", "credential: body"},
    "credential-altered": {"credential: body"},
    "passport-of-another": {"credential: body"},
    "archives-gone": {"copy: first", "copy: second"},
    "second-archive-gone": {"copy: second"},
    "copies-altered": {"copy: first", "copy: second"},
    "template-404": {"page: template"},
    "listing-on": {"page: folder"},
    "issue-anonymous": {"issue: anonymous"},
    "issue-invalid": {"issue: backwards validity"},
    "issue-without-status": {"issue: status", "issue: indices"},
    "issue-sequential-index": {"issue: indices"},
    "issue-wrong-key": {"issue: key"},
    "issue-typ-jwt": {"issue: header"},
    "issue-without-kid": {"issue: header"},
    "issue-alters-subject": {"issue: subject"},
    "issue-expired": {"issue: validity"},
}


SINGLE = [name for name, fault in FAULTS.items() if fault.role != "graph"]
"""Faults that show in single credentials; those in sets are told apart by the self-test of the trials (role ``graph``)."""

_FIRST = {codes: f"verify: {name}" for name, (_, codes) in reversed(cases().items())}
REPRESENTATIVES = {
    *_FIRST.values(),
    *(name for name in VERIFYING if not name.startswith("verify:")),
    *("verify: good EdDSA", "verify: without issuing software", "verify: extension", "verify: older version"),
}
"""One verification for each reason there is, and the liberal ones: the rest says the same again."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> NodeStore:
    return with_neighbours(load_node(build(tmp_path_factory.mktemp("world")), "KR"))


async def observe(store: NodeStore, names: Iterable[str], faults: Faults) -> dict[str, str]:
    scene = Scene.of(store, faults)
    found = {}
    for name in names:
        fresh = Scene.of(store, faults, scene.web) if name in CHANGING else scene
        found[name] = await PROBES[name](fresh)
    return dumped(found)


@pytest.fixture(scope="module")
def honest(store: NodeStore) -> dict[str, str]:
    return asyncio.run(observe(store, PROBES, Faults()))


def test_every_fault_is_told_apart() -> None:
    assert set(DIFFERENCES) == set(SINGLE)
    assert len(FAULTS) >= 45
    assert all(fault.description[0].islower() and "\n" not in fault.description for fault in FAULTS.values())


@pytest.mark.parametrize("fault", [name for name, fault in FAULTS.items() if fault.role == "graph"])
def test_a_fault_about_sets_shows_in_no_single_credential(
    fault: str, store: NodeStore, honest: dict[str, str]
) -> None:
    names = [name for name in PROBES if name in REPRESENTATIVES][:6]
    assert asyncio.run(observe(store, names, Faults([fault]))) == {name: honest[name] for name in names}


def test_an_honest_node_passes_what_it_should(honest: dict[str, str]) -> None:
    for name, (_, codes) in cases().items():
        assert (honest[f"verify: {name}"].startswith("[true")) is (not codes), name
    for name in ("passport as dpp", "linkset"):
        assert honest[f"link: {name}"].startswith("[true")
    for name in BAD_LINKS:
        assert honest[f"link: {name}"].startswith("[false")
    assert honest["identity: anchored"].startswith("[true")
    for name in BAD_IDENTITIES:
        assert honest[f"identity: {name}"].startswith("[false")


@pytest.mark.parametrize("fault", SINGLE)
def test_a_fault_changes_what_it_says_and_nothing_else(
    fault: str, store: NodeStore, honest: dict[str, str]
) -> None:
    verifying = FAULTS[fault].role == "verifier"
    expected = set(DIFFERENCES[fault])
    watched = expected | REPRESENTATIVES | set(OTHERS)
    names = [n for n in PROBES if n in watched] if verifying else [*SAMPLE, *READING, *CHANGING]

    seen = asyncio.run(observe(store, names, Faults([fault])))

    assert {name for name in names if seen[name] != honest[name]} == expected


def test_an_unknown_fault_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(FaultError, match="fault 'stale-statu' is unknown; did you mean 'stale-status'"):
        Faults(["stale-statu"])


def test_a_fault_that_resembles_none_is_refused_with_the_list() -> None:
    with pytest.raises(FaultError, match="choose one of: 200-for-unknown, 500-for-malformed"):
        Faults(["zzzzzz"])


def test_faults_go_to_all_nations_or_to_the_one_named() -> None:
    spread = faults_by_nation(["list-404", "KR:always-valid"], ["KR", "DE"])

    assert set(spread["KR"]) == {"list-404", "always-valid"}
    assert set(spread["DE"]) == {"list-404"}


def test_a_fault_for_an_unknown_nation_is_refused() -> None:
    with pytest.raises(
        FaultError, match="nation 'FR' in fault 'FR:list-404' is unknown; choose one of: KR, DE"
    ):
        faults_by_nation(["FR:list-404"], ["KR", "DE"])
