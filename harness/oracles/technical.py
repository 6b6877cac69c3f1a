"""Domains, keys, signatures and status lists that do not bear out what a credential says (F36, F37, F38, F41)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from assay.harness.credential.did import DidError, public_key
from assay.harness.credential.envelope import PublicKey, b64url_decode, verify_bytes
from assay.harness.oracles.credential import Credential
from assay.harness.oracles.reading import moment
from assay.harness.oracles.registry import Sighting, decisive, oracle
from assay.harness.oracles.truth import Truth
from assay.harness.oracles.view import ANCHOR, CERTIFICATE, EVENT, View

__all__ = ["compromised_key", "look_alike_domain", "status_list_manipulation", "tampered_credential"]

_NEAR = 2
"""Letters by which a domain may differ from a known one to look like it."""


# F36


def _listed(view: View) -> set[str]:
    """DIDs that a register or anchor vouches for."""
    found = set(view.anchors)
    for anchor in view.credentials(ANCHOR):
        if (identity := anchor.identity) is not None and identity.subject != anchor.issuer:
            found.add(identity.subject)
    return found


def _alike(one: str, other: str) -> bool:
    """Do two domains differ by no more than :data:`_NEAR` letters (edit distance)?"""
    if abs(len(one) - len(other)) > _NEAR:
        return False
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        last, row[0] = row[0], number
        for place, known in enumerate(other, 1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (letter != known))
    return row[-1] <= _NEAR


@oracle("F36")
def look_alike_domain(view: View) -> Iterator[Sighting]:
    """The issuer's domain stands in no register, and is a letter or two from one that does."""
    listed = _listed(view)
    known: dict[str, str] = {}
    for credential in view.credentials():
        issuer = credential.issuer
        if issuer in listed:
            continue
        if issuer not in known:
            known[issuer] = next((one for one in sorted(listed) if one != issuer and _alike(one, issuer)), "")
        if known[issuer]:
            yield Sighting((credential.url,), f"looks like {known[issuer]}", (issuer,))


@decisive("F36")
def nobody_of_that_name(truth: Truth, view: View) -> Iterator[Sighting]:
    """Issued by somebody whom no office ever registered, under a domain a letter or two from a registered one."""
    kinds = ("registered", "mandated", "accredited", "recognised")
    registered = {row["of"] for kind in kinds for row in truth.acts(kind)} | set(view.anchors)
    known: dict[str, bool] = {}
    for credential in view.credentials():
        issuer = credential.issuer
        if issuer not in known:
            known[issuer] = issuer not in registered and any(_alike(one, issuer) for one in registered)
        if known[issuer]:
            yield Sighting((credential.url,), "issued by nobody who is registered", (issuer,))


# F37


class _Keys:
    """Verification methods that tokens name, and their public keys: each is looked up once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._methods: dict[str, dict[object, dict[str, Any]]] = {}
        self._keys: dict[tuple[str, str], PublicKey | None] = {}

    def method(self, credential: Credential) -> dict[str, Any]:
        """The verification method that a token names, from the DID document of its issuer; empty where there is none."""
        did = credential.issuer
        if did not in self._methods:
            listed = (self._view.did(did) or {}).get("verificationMethod")
            some = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
            self._methods[did] = {one["id"]: one for one in reversed(some) if isinstance(one.get("id"), str)}
        kid = credential.header.get("kid")
        return self._methods[did].get(kid, {}) if isinstance(kid, str) else {}

    def broken(self, credential: Credential) -> bool:
        """Does the signature not hold under the key that the token names? Where no such key is published, nobody can say."""
        key = self._key(credential)
        signed, _, signature = credential.token.rpartition(b".")
        try:
            seal = b64url_decode(signature)
        except ValueError:
            return key is not None
        algorithm = str(credential.header.get("alg"))
        return key is not None and bool(verify_bytes(key, algorithm, seal, signed))

    def _key(self, credential: Credential) -> PublicKey | None:
        method = self.method(credential)
        name = credential.issuer, str(method.get("id"))
        if name not in self._keys:
            try:
                self._keys[name] = public_key(method)[0]
            except DidError:
                self._keys[name] = None
        return self._keys[name]


@oracle("F37")
def compromised_key(view: View) -> Iterator[Sighting]:
    """Signed with a key that the DID document says was revoked before."""
    keys = _Keys(view)
    for credential in view.credentials():
        revoked, start = moment(keys.method(credential).get("revoked")), credential.valid_from
        if revoked is not None and start is not None and start >= revoked:
            yield Sighting(
                (credential.url,), f"the key was revoked on {revoked:%Y-%m-%d}", (credential.issuer,)
            )


@decisive("F37")
def signed_after_revocation(truth: Truth, view: View) -> Iterator[Sighting]:
    """Signed, after its owner had revoked the key."""
    revoked = {row["key"]: datetime.fromisoformat(row["time"]) for row in truth.acts("key-revoked")}
    if not revoked:
        return
    for credential in view.credentials():
        since = revoked.get(str(credential.header.get("kid")))
        if since is None:
            continue
        signed = [row["time"] for row in truth.about(credential.url) if row.get("act") == "issued"]
        if signed and datetime.fromisoformat(min(signed)) >= since:
            yield Sighting((credential.url,), "signed by whoever had stolen the key", (credential.issuer,))


# F38


@oracle("F38")
def tampered_credential(view: View) -> Iterator[Sighting]:
    """The signature does not hold."""
    keys = _Keys(view)
    for credential in view.credentials():
        if keys.broken(credential):
            yield Sighting((credential.url,), "changed after it was signed", (credential.issuer,))


_SCALE = 0.004
"""Weighing error, rounding and moisture that shipping papers may be off by (four times the scale's own)."""


@decisive("F38")
def more_than_was_signed(truth: Truth, view: View) -> Iterator[Sighting]:
    """A broken signature under shipping papers that say more than what was loaded, dry, weighs as the passports say."""
    keys = _Keys(view)
    for credential in view.credentials(EVENT):
        if not keys.broken(credential):
            continue
        lots = truth.lots(credential.url)
        said = sum(line.kg or 0.0 for event in credential.events for line in event.items)
        if said > (1 + _SCALE) * _loaded_kg(truth, lots):
            yield Sighting((credential.url,), "says more than was loaded", (credential.issuer,))


def _loaded_kg(truth: Truth, lots: tuple[str, ...]) -> float:
    """Kilograms, moist, of the consignment that these lots left in, or the least of several."""
    found = []
    for lot in lots[:1]:
        for row in truth.lot(lot):
            if row["fact"] == "departure" and {item["lot"] for item in row["items"]} == set(lots):
                found.append(sum(_moist(truth, item) for item in row["items"]))
    return min(found, default=float("inf"))


def _moist(truth: Truth, item: dict[str, object]) -> float:
    mass = float(str(item["mass"])) / 1e6
    for row in truth.lot(str(item["lot"])):
        for out in row.get("outputs", ()):
            if out["lot"] == item["lot"]:
                return mass / (1 - float(out["moisture"]) / 1e6)
    return mass


# F41


@oracle("F41")
def status_list_manipulation(view: View) -> Iterator[Sighting]:
    """A bit whose purpose is revocation was set on one day of the archive and is clear on a later one."""
    for credential in view.credentials(CERTIFICATE):
        if not any(purpose == "revocation" for purpose, _, _ in credential.status_entries):
            continue
        history = [bit for _, bit in view.status_history(credential)]
        if any(before and not after for before, after in pairwise(history)):
            yield Sighting((credential.url,), "revoked, and valid again", (credential.issuer,))


@decisive("F41")
def revoked_and_valid(truth: Truth, view: View) -> Iterator[Sighting]:
    """Its issuer revoked it, for good, and the list of now says that it holds."""
    for row in truth.acts("revoked"):
        credential = view.get(row.get("url", ""))
        if credential is not None and not view.status(credential):
            yield Sighting((credential.url,), "revoked for good, and the bit is clear", (credential.issuer,))
