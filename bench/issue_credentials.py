"""Rate of building and signing one credential, as a share of serialising and signing the same payload.

    python bench/issue_credentials.py [packs]

Per kind of credential, medians of interleaved rounds (processor time of this thread, so that other work on the machine
does not count):

* ``issued``: from claim to compact token (`Publication.issue`), with every page that it links to already made;
* ``floor``: ``orjson.dumps`` + base64url + ES256 (RFC 6979) + base64url of the same payload;
* ``cold``: the same as ``issued``, but for credentials that were never built before (pages and digests included).

The aim is a ratio of at least 0.40.
"""

from __future__ import annotations

import base64
import statistics
import sys
import time
from collections.abc import Callable

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from assay.simulator import load_scenario, publish, simulate
from assay.simulator.dataset import Publication
from assay.simulator.issuance.agenda import Entry
from assay.simulator.scenario import Scenario

ROUNDS = 15
_ES256 = ec.ECDSA(SHA256(), deterministic_signing=True)


def scenario_with(packs: int) -> Scenario:
    """The default corridor with more packs to make, on as many lines as that takes."""
    scenario = load_scenario()
    sites = [site.model_copy(update={"lines": 60}) for site in scenario.sites]
    demand = scenario.demand.model_copy(update={"packs": packs})
    return scenario.model_copy(update={"demand": demand, "sites": sites})


def seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def floor(key: ec.EllipticCurvePrivateKey, header: bytes, payload: object) -> bytes:
    signed = header + b"." + base64.urlsafe_b64encode(orjson.dumps(payload)).rstrip(b"=")
    r, s = decode_dss_signature(key.sign(signed, _ES256))
    return (
        signed + b"." + base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")
    )


def measure(publication: Publication, entries: list[Entry]) -> tuple[float, float]:
    """Medians of (issued, floor), microseconds for each credential."""
    payloads = [publication.renderer.render(entry) for entry in entries]
    key = ec.generate_private_key(ec.SECP256R1())
    header = base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"did:web:party.example#key-1","typ":"vc+jwt"}')
    issued, floors = [], []
    for _ in range(ROUNDS):
        issued.append(seconds(lambda: [publication.issue(entry) for entry in entries]))
        floors.append(seconds(lambda: [floor(key, header, payload) for payload in payloads]))
    scale = 1e6 / len(entries)
    return statistics.median(issued) * scale, statistics.median(floors) * scale


def main() -> None:
    packs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    world = simulate(scenario_with(packs), 1)
    publication = publish(world)
    entries = publication.book.agenda.entries
    for entry in entries:
        publication.signer(entry.issuer)
    cold = seconds(lambda: [publication.issue(entry) for entry in entries]) * 1e6 / len(entries)
    print(f"{len(entries)} credentials, {packs} packs; cold: {cold:.0f} us each")
    print(f"{'kind':6}{'count':>7}{'issued us':>11}{'floor us':>10}{'ratio':>7}")
    for kind in ("dia", "dfr", "dpp", "dcc", "dte", "all"):
        chosen = [entry for entry in entries if kind in (entry.kind, "all")]
        issued, least = measure(publication, chosen)
        print(f"{kind:6}{len(chosen):7}{issued:11.1f}{least:10.1f}{least / issued:7.2f}")


if __name__ == "__main__":
    main()
