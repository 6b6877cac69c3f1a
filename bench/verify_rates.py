"""Rates of verifying and of issuing single credentials, as shares of what the machine could do at all.

    python bench/verify_rates.py [--worlds 28] [--rounds 9] [--json FILE]

Credentials come from simulated worlds of the default corridor: many shapes, all distinct. Per type and round, the
floor and the fast path (then floor and full path) take turns on the same tokens; medians of ratios within a round are reported.
Times are processor times, since other work on the machine should not count.

* **Floor of verifying**: ``key.verify`` (ES256) + ``orjson.loads`` + ``jsonschema-rs`` ``is_valid`` on the same compact bytes,
  with key and signature ready.
* **Verifying**: envelope, strict JSON, signature, status bit, schema, JSON-LD and every code rule of ``untp-0.7``; DID documents
  and status lists warm.
* **Stream**: every passport of all worlds once, none seen before, a tenth of them faulty; tokens that leave the fast path,
  passports without a certificate and headers met for the first time are counted.
* **Peer**: ``dppvalidator`` (its Python API, default layers: neither signature nor JSON-LD) on the same passports.
* **Issuing**: building, serialising and signing, against ``orjson.dumps`` + base64url + ES256 of the same payload.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pybase64
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from assay import fixtures
from assay.harness.checks import load_checks
from assay.harness.credential.did import methods, public_key
from assay.harness.credential.fast import FastVerifier
from assay.harness.credential.intake import read
from assay.harness.credential.linked_data import LinkedDataJudge
from assay.harness.credential.schema import SchemaJudge
from assay.harness.credential.verify import Judges, Shelf, verify
from assay.harness.judge import DocumentJudge
from assay.harness.material import DidDocument, StatusList
from assay.harness.results import Verdict
from assay.profiles.catalogue import load_profiles
from assay.profiles.untp_0_7 import schema
from assay.simulator import load_scenario, publish, simulate
from assay.simulator.issuance.keys import signer_for

SCENARIO = Path(fixtures.__file__).parent / "scenarios" / "au-kr-de-nmc811.yaml"
FAULTY = 10
"""One passport in this many is faulty in the stream."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One token with what the floor needs ready: key, DER signature, signed bytes, payload bytes, schema."""

    kind: str
    token: bytes
    payload: bytes
    message: bytes
    der: bytes
    key: Any
    validator: Any


@dataclass(frozen=True, slots=True)
class Corpus:
    samples: dict[str, list[Sample]]
    payloads: list[tuple[str, bytes]]
    shelf: Shelf
    as_of: Any


_ES256 = ec.ECDSA(SHA256())
_VALIDATORS: dict[str, Any] = {}


def validator(kind: str) -> Any:
    if kind not in _VALIDATORS:
        _VALIDATORS[kind] = jsonschema_rs.Draft202012Validator(schema(kind), offline=True)
    return _VALIDATORS[kind]


def sample(kind: str, token: bytes, key: Any) -> Sample:
    message, _, signature = token.rpartition(b".")
    raw = pybase64.urlsafe_b64decode(signature + b"==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    body = message.partition(b".")[2]
    payload = pybase64.urlsafe_b64decode(body + b"=" * (-len(body) % 4))
    return Sample(kind, token, payload, message, der, key, validator(kind))


def corpus(worlds: int) -> Corpus:
    """Credentials of several worlds, all signed with the keys of the first, so that one shelf serves them."""
    scenario = load_scenario(SCENARIO)
    first = publish(simulate(scenario, 1))
    dids, lists = {}, {}
    for resource in first.did_documents():
        document = read(resource.url, resource.body)
        assert isinstance(document, DidDocument)
        dids[document.did] = document
    for resource in first.status_lists():
        found = read(resource.url, resource.body)
        assert isinstance(found, StatusList)
        lists[resource.url] = found
    keys = {did: public_key(next(methods(document)).value)[0] for did, document in dids.items()}
    samples: dict[str, list[Sample]] = {}
    payloads = []
    for seed in range(1, worlds + 1):
        publication = publish(simulate(scenario, seed))
        for entry in publication.book.agenda.entries:
            payload = publication.payload(entry)
            did = entry.issuer.did
            kind = orjson.loads(payload)["type"][0]
            samples.setdefault(kind, []).append(sample(kind, signer_for(1, did).sign(payload), keys[did]))
            payloads.append((did, payload))
    return Corpus(samples, payloads, Shelf(dids, lists), scenario.as_of)


def floor(one: Sample) -> None:
    one.key.verify(one.der, one.message, _ES256)
    one.validator.is_valid(orjson.loads(one.payload))


def interleaved(
    works: dict[str, Callable[[Any], object]], things: list[Any], rounds: int
) -> dict[str, list[float]]:
    """Seconds per thing, per round. The works take turns on every single thing, and who begins changes."""
    times: dict[str, list[float]] = {name: [] for name in works}
    order = list(works.items())
    clock = time.thread_time
    for turn in range(rounds):
        totals = dict.fromkeys(works, 0.0)
        for place, thing in enumerate(things):
            shift = (turn + place) % len(order)
            for name, work in order[shift:] + order[:shift]:
                start = clock()
                work(thing)
                totals[name] += clock() - start
        for name, total in totals.items():
            times[name].append(total / len(things))
    return times


def share(times: dict[str, list[float]], of: str, base: str = "floor") -> float:
    """Median over rounds of the rate of one work as a share of the rate of another."""
    return statistics.median(a / b for a, b in zip(times[base], times[of], strict=True))


def microseconds(times: list[float]) -> float:
    return statistics.median(times) * 1e6


FAULTS: dict[str, Callable[[dict[str, Any], random.Random], None]] = {
    "unknown member": lambda doc, rng: doc["credentialSubject"].update(
        {f"colour{rng.randrange(99)}": "grey"}
    ),
    "missing name": lambda doc, rng: doc["credentialSubject"].pop("name", None),
    "validUntil first": lambda doc, rng: doc.update(validUntil="2001-01-01T00:00:00Z"),
    "bad unit": lambda doc, rng: (
        doc["credentialSubject"]
        .setdefault("dimensions", {})
        .update(weight={"value": rng.random(), "unit": "kilos"})
    ),
    "bad granularity": lambda doc, rng: doc["credentialSubject"].update(idGranularity="pallet"),
    "index out of range": lambda doc, rng: doc["credentialStatus"].update(
        statusListIndex=10**7 + rng.randrange(99)
    ),
    "relative id": lambda doc, rng: doc["credentialSubject"].update(id=f"product {rng.randrange(10**6)}"),
}


def stream(found: Corpus) -> list[Sample]:
    """Every passport once, a tenth of them faulty in turn; one more fault is a wrong signature."""
    rng = random.Random(7)
    signers = {did: signer_for(1, did) for did in found.shelf.dids}
    mixed = []
    names = [*FAULTS, "wrong signature"]
    for place, one in enumerate(found.samples["DigitalProductPassport"]):
        if place % FAULTY:
            mixed.append(one)
            continue
        name = names[(place // FAULTY) % len(names)]
        document = orjson.loads(one.payload)
        did = document["issuer"]["id"]
        if name == "wrong signature":
            document["name"] += " "
            body = pybase64.urlsafe_b64encode(orjson.dumps(document)).rstrip(b"=")
            header, _, signature = one.token.split(b".")
            mixed.append(sample(one.kind, b".".join((header, body, signature)), one.key))
            continue
        FAULTS[name](document, rng)
        mixed.append(sample(one.kind, signers[did].sign(orjson.dumps(document)), one.key))
    rng.shuffle(mixed)
    return mixed


def lenient_floor(one: Sample) -> None:
    """The floor on tokens that may be forged: the signature check counts, whatever it says."""
    with contextlib.suppress(InvalidSignature):
        one.key.verify(one.der, one.message, _ES256)
    one.validator.is_valid(orjson.loads(one.payload))


def peer() -> Callable[[Any], object] | None:
    try:
        from dppvalidator.validators import ValidationEngine
    except ImportError:
        return None
    engine = ValidationEngine()
    return lambda document: engine.validate(document)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--worlds", type=int, default=28)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = corpus(options.worlds)
    judges = Judges(SchemaJudge(), LinkedDataJudge())
    requirements, checks = load_profiles(("untp-0.7",)), load_checks()
    full = DocumentJudge(requirements, checks)

    def fresh() -> FastVerifier:
        return FastVerifier(found.shelf, found.as_of, judges, requirements, checks)

    def by_full(one: Sample) -> None:
        document = read("token", one.token)
        verify(document, found.shelf, found.as_of, judges)
        full.judge(document)

    fast = fresh()
    report: dict[str, Any] = {"types": {}, "python": sys.version.split()[0]}
    gc.collect()
    gc.freeze()
    print(
        f"{'type':30} {'tokens':>6} {'bytes':>6} {'floor us':>9} {'fast us':>9} {'share':>6} {'full share':>10}"
    )
    for kind, every in sorted(found.samples.items()):
        some = every[:60]
        for one in some:
            assert fast.verify(one.token).verdict is Verdict.CONFORMANT
        works: dict[str, Callable[[Any], object]] = {
            "floor": floor,
            "fast": lambda one: fast.verify(one.token),
        }
        times = interleaved(works, some, options.rounds)
        slow = interleaved({"floor": floor, "full": by_full}, some, 2)
        size = statistics.median(len(one.token) for one in some)
        row = {
            "tokens": len(some),
            "bytes": size,
            "floor_us": microseconds(times["floor"]),
            "fast_us": microseconds(times["fast"]),
            "fast_share": share(times, "fast"),
            "full_share": share(slow, "full"),
        }
        report["types"][kind] = row
        print(
            f"{kind:30} {len(some):6} {size:6.0f} {row['floor_us']:9.0f} {row['fast_us']:9.0f} "
            f"{row['fast_share']:6.2f} {row['full_share']:10.2f}"
        )

    mixed = stream(found)
    shares, misses = [], {}
    for _ in range(5):
        warm, verdicts = fresh(), []
        warm.verify(found.samples["DigitalProductPassport"][0].token)

        def judge_one(one: Sample, warm: FastVerifier = warm, verdicts: list[Any] = verdicts) -> None:
            found = warm.verify(one.token)
            # documents are let go, as a service would: kept, the garbage collector would go through all of them
            verdicts.append((found.verdict, found.certified, found.fast))

        times = interleaved({"floor": lenient_floor, "fast": judge_one}, mixed, 1)
        shares.append(share(times, "fast"))
        misses = {
            "tokens": len(mixed),
            "not_conformant": sum(verdict is Verdict.NOT_CONFORMANT for verdict, _, _ in verdicts),
            "without_certificate": sum(not certified for _, certified, _ in verdicts),
            "full_path": sum(not fast_path for _, _, fast_path in verdicts),
            "memo": getattr(judges.linked_data, "statistics", None),
        }
    report["stream"] = {"share": statistics.median(shares), "shares": shares, **misses}
    print(
        f"\nstream of distinct passports, one in {FAULTY} faulty: share {report['stream']['share']:.2f} "
        f"({', '.join(f'{one:.2f}' for one in shares)})  {misses}"
    )

    validate = peer()
    if validate is None:
        print("dppvalidator is not installed: pip install 'untp-assay[bench]'")
    else:
        passports = found.samples["DigitalProductPassport"][:40]
        pairs = [(one, orjson.loads(one.payload)) for one in passports]
        times = interleaved(
            {"peer": lambda pair: validate(pair[1]), "fast": lambda pair: fast.verify(pair[0].token)},
            pairs,
            3,
        )
        report["peer"] = {"version": version("dppvalidator"), "times_faster": share(times, "fast", "peer")}
        print(
            f"dppvalidator {report['peer']['version']}: we are {report['peer']['times_faster']:.1f} times as fast"
        )

    print()
    report["issuing"] = issuing(options.rounds)
    for kind, value in report["issuing"].items():
        print(f"issuing {kind:30} share {value:.2f}")
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2, default=str) + "\n", encoding="utf-8")


def issuing(rounds: int) -> dict[str, float]:
    """Building and signing as a share of serialising and signing alone, by type."""
    publication = publish(simulate(load_scenario(SCENARIO), 1))
    groups: dict[str, list[Any]] = {}
    for entry in publication.book.agenda.entries:
        document = publication.renderer.render(entry)
        key = signer_for(1, entry.issuer.did)
        groups.setdefault(document["type"][0], []).append((entry, document, key._key, key._header))
    signing = ec.ECDSA(SHA256(), deterministic_signing=True)

    def least(item: Any) -> None:
        _, document, key, header = item
        body = header + b"." + pybase64.urlsafe_b64encode(orjson.dumps(document))
        key.sign(body, signing)

    shares = {}
    for kind, items in sorted(groups.items()):
        works: dict[str, Callable[[Any], object]] = {
            "floor": least,
            "issue": lambda item: publication.issue(item[0]),
        }
        shares[kind] = share(interleaved(works, items * 3, rounds), "issue")
    return shares


if __name__ == "__main__":
    try:
        main()
    except PackageNotFoundError as error:
        sys.exit(str(error))
