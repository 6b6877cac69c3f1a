"""Every pattern of the handbook with its twin in one world, three composites, and every kind of look-alike alone.

``bench/deceptions.py`` does the same at three severities and five seeds.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from assay.harness.checks import load_checks
from assay.harness.credential.fast import FastVerifier
from assay.harness.credential.intake import read
from assay.harness.credential.linked_data import LinkedDataJudge
from assay.harness.credential.schema import SchemaJudge
from assay.harness.credential.status import entries
from assay.harness.credential.verify import Judges, Shelf, status_of
from assay.harness.judge import judge_set
from assay.harness.material import CredentialSet, DidDocument, Document, StatusList
from assay.harness.oracles.selfcheck import SelfCheck, self_check
from assay.harness.results import Outcome
from assay.profiles.catalogue import load_profiles
from assay.profiles.deceptions.handbook import look_alikes, patterns
from assay.simulator import load_scenario
from assay.simulator.dataset import write_dataset
from assay.simulator.operations import run
from assay.simulator.scenario import Scenario, parse_scenario
from assay.simulator.world import build_world

pytestmark = pytest.mark.whole_worlds


def checked(scenario: Scenario, folder: Path) -> SelfCheck:
    """The world of a scenario against the same without deceptions."""
    for name, told in (("world", scenario), ("honest", scenario.model_copy(update={"deceptions": []}))):
        world = build_world(told, 1)
        write_dataset(world, folder / name, facts=run(world.scenario, 1), formats=("jsonl",))
    return self_check(folder / "world", folder / "honest")


def objections(folder: Path, known: Mapping[str, bytes] = MappingProxyType({})) -> set[tuple[str, str]]:
    """Credentials and the rows of the technical and the schema tier (1 and 2) that they do not pass, or that nothing
    decides; a row of the set as a whole comes without a credential.

    Of credentials that are byte for byte those ``known``, only the status is looked at: nothing else can have changed.
    """
    as_of = datetime.fromisoformat(json.loads((folder / "dataset.json").read_bytes())["as_of"])
    shelf = shelf_of(folder)
    rows, checks = load_profiles(("untp-0.7", "registers"), ()), load_checks()
    verifier = FastVerifier(shelf, as_of, Judges(SchemaJudge(), LinkedDataJudge()), rows, checks)
    refused: set[tuple[str, str]] = set()
    around = (*shelf.dids.values(), *shelf.status_lists.values())
    documents = [one for one in around if isinstance(one, Document)]
    assert len(documents) == len(around)  # a dataset brings all that its credentials name
    for url, token in tokens_of(folder).items():
        if known.get(url) == token:
            if any(status_of((), entry, shelf, as_of).bit is not False for entry in status_entries(token)):
                refused.add((url, "IN-016"))
            continue
        verdict = verifier.verify(token, url)
        documents.append(verdict.document)
        refused |= {(url, one.requirement.id) for one in verdict.results if one.requirement.tier in TIERS}
    for result in judge_set(
        CredentialSet(tuple(documents), as_of), rows, checks, lambda row: row.tier in TIERS
    ):
        if result.outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE):
            refused.add(("", result.requirement.id))
    return refused


def tokens_of(folder: Path) -> dict[str, bytes]:
    """Tokens by URL."""
    return {
        row["url"]: row["token"].encode()
        for part in sorted((folder / "credentials").glob("part-*.jsonl"))
        for row in map(json.loads, part.read_text(encoding="utf-8").splitlines())
    }


def shelf_of(folder: Path) -> Shelf:
    """The DID documents and status lists that a world publishes."""
    dids: dict[str, DidDocument] = {}
    lists: dict[str, StatusList] = {}
    for row in map(
        json.loads, (folder / "resources" / "standing.jsonl").read_text(encoding="utf-8").splitlines()
    ):
        if row["role"] in ("did", "status-list"):
            found = read(row["url"], row["body"].encode(), content_type=row["media_type"])
            if isinstance(found, DidDocument):
                dids[found.value["id"]] = found
            else:
                assert isinstance(found, StatusList)
                lists[row["url"]] = found
    return Shelf(dids, lists)


def status_entries(token: bytes) -> Iterator[dict[str, Any]]:
    """The status entries of a token."""
    yield from (entry for _, entry in entries(json.loads(urlsafe_b64decode(token.split(b".")[1] + b"=="))))


TIERS = ("1", "2", "1-2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("everything")


@pytest.fixture(scope="module")
def everything(folder: Path) -> SelfCheck:
    return checked(load_scenario("crossroads-deceived"), folder)


def test_every_pattern_is_there_and_visible_and_its_twin_is_clean(everything: SelfCheck) -> None:
    assert [one for one in everything.instances if not one.ok] == []
    frauds = {one.code for one in everything.instances if not one.honest}
    twins = {one.code for one in everything.instances if one.honest}
    assert frauds == twins == set(patterns())


def test_nothing_honest_is_accused_and_nothing_else_differs(everything: SelfCheck) -> None:
    assert everything.false_sightings == ()
    assert everything.differences == ()


@pytest.mark.usefixtures("everything")
def test_all_papers_pass_the_technical_and_the_schema_tier_but_for_what_technical_patterns_bend(
    folder: Path,
) -> None:
    refused = objections(folder / "world", tokens_of(folder / "honest"))
    technical = {code for code, row in patterns().items() if row.technical}
    labels = [json.loads(line) for line in (folder / "world" / "labels.jsonl").read_text().splitlines()]
    bent = {
        url
        for label in labels
        # what an honest twin reissues, it revokes
        if label["code"] in technical or (label["honest"] and label["look_alike"] == "B04")
        for url in (*label["root"], *label["changed"], *label["added"])
    }
    strange = {url for url, _ in refused} - bent
    # the world without deceptions revokes papers of its own
    honest = objections(folder / "honest", {url: token for url, token in tokens_of(folder / "honest").items()
                                            if url not in strange})  # fmt: skip
    assert {one for one in refused - honest if one[0] not in bent} == set()
    by_code = {
        code: {
            row
            for url, row in refused
            if any(url in (*label["root"], *label["changed"]) for label in labels if label["code"] == code)
        }
        for code in ("F08", "F21", "F22", "F38")
    }
    assert by_code == {"F08": {"IN-018"}, "F21": {"IN-018"}, "F22": {"IN-016"}, "F38": {"VCP-021"}}


def test_three_composites_are_seen_as_each_of_their_patterns(everything: SelfCheck) -> None:
    parts: dict[str, set[str]] = {}
    for one in everything.instances:
        if one.composite is not None:
            parts.setdefault(one.composite.rstrip("-0123456789"), set()).add(one.code)
    assert parts == {
        "forged-behind-look-alike": {"F18", "F36"},
        "laundered-through-a-licensed-mine": {"F06", "F09"},
        "bought-permit-and-over-extraction": {"F06", "F28"},
    }


def test_every_kind_of_look_alike_is_clean(tmp_path: Path) -> None:
    asked = "".join(f"  - {{look_alike: {code}}}\n" for code in look_alikes())
    found = checked(parse_scenario(f"based_on: crossroads\ndeceptions:\n{asked}".encode()), tmp_path)
    assert [one for one in found.instances if not one.ok] == []
    assert found.false_sightings == found.differences == found.also_seen == ()
    assert len(found.instances) == len(look_alikes()) == 24
    assert all(one.honest for one in found.instances)
