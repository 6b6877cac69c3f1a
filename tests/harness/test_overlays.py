"""Overlays: rows that hold for documents of some nations, and only for these."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.harness.credential.intake import read
from assay.harness.engine import Engine, Settings
from assay.harness.forge.ring import Ring
from assay.harness.material import Document, Kind
from assay.harness.overlays import Atlas, OverlaidJudge
from assay.harness.results import Outcome, RequirementResult, RunResult, Verdict
from assay.harness.rulebook import Overlay, rulebook
from assay.harness.selftest import load_bases
from assay.profiles.catalogue import CatalogueError, load_folder

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
ZIMBABWE = Path(__file__).parents[2] / "docs" / "example-overlay"
BASES = load_bases()
RING = Ring.of("overlays")
Json = dict[str, Any]

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an overlay: nations, rows that it adopts of untp-0.7 with their level, more keys of its head."""

    def written(nations: str, adopts: Mapping[str, str], head: str = "", name: str = "overlay") -> Path:
        folder = tmp_path / name
        (folder / "requirements").mkdir(parents=True)
        (folder / "profile.yaml").write_text(
            f"name: {name}\nextends: [untp-0.7]\nnations: {nations}\n{head}\n"
        )
        rows = "".join(f"    {row}: {{level: {level}, status: pattern}}\n" for row, level in adopts.items())
        (folder / "requirements" / "rows.yaml").write_text(f"adopts:\n  untp-0.7:\n{rows}")
        return folder

    return written


def record(country: str, *, placed: bool = True) -> Json:
    """A facility record of a country; without a place on the map DFR-008 fails, which is a SHOULD."""
    value = copy.deepcopy(BASES["dfr"])
    subject = value["credentialSubject"]
    subject["countryOfOperation"]["countryCode"] = country
    subject["address"]["addressCountry"]["countryCode"] = country
    if not placed:
        subject["locationInformation"] = {}
    return value


def document(value: Json, name: str = "x.jwt") -> Document:
    return read(name, RING.sign(RING.adopt(value)))


def judged(values: Sequence[Json], *profiles: Path) -> RunResult:
    documents = [document(value, f"{number}.jwt") for number, value in enumerate(values)]
    chosen = Settings(as_of=AS_OF, profiles=tuple(map(str, profiles)), advisory=(), companions=())
    return Engine(chosen).judge(documents, RING.shelf())


def of(run: RunResult, row: str, profile: str = "overlay") -> dict[Outcome, RequirementResult]:
    return {
        one.outcome: one
        for one in run.results
        if one.requirement.id == row and one.requirement.profile == profile and one.basis is None
    }


def test_of_two_nations_only_one_is_judged_by_it(write: Write) -> None:
    run = judged([record("AU", placed=False), record("CD", placed=False)], write("[CD]", {"DFR-008": "MUST"}))
    failed = of(run, "DFR-008")[Outcome.FAILED]
    assert failed.subjects == (1,)
    assert failed.note == "overlay overlay holds for CD: facility in CD"
    assert of(run, "DFR-008", "untp-0.7")[Outcome.FAILED].subjects == (0,)
    assert [one.verdict for one in run.subjects] == [Verdict.CONFORMANT, Verdict.NOT_CONFORMANT]
    assert run.own_profiles == {"overlay": ("CD",)}


def test_alone_in_another_nation_its_rows_are_not_applicable_and_say_so(write: Write) -> None:
    run = judged([record("AU", placed=False)], write("[CD, ZM]", {"DFR-008": "MUST"}))
    (outcome,) = of(run, "DFR-008").items()
    assert outcome[0] is Outcome.NOT_APPLICABLE
    assert outcome[1].note == "overlay overlay holds for CD, ZM; the document is of AU"


def test_a_lowered_row_no_longer_decides_for_its_nation_and_does_for_others(write: Write) -> None:
    values = [record("AU"), record("CD")]
    for value in values:
        value["name"] = 5
    failed = {
        one.requirement.id
        for one in judged(values[:1], write("[CD]", {"DFR-008": "MUST"}, name="other")).results
        if one.outcome is Outcome.FAILED and one.requirement.decides_conformity and one.basis is None
    }
    assert failed
    run = judged(values, write("[CD]", dict.fromkeys(failed, "SHOULD")))
    assert [one.verdict for one in run.subjects] == [Verdict.NOT_CONFORMANT, Verdict.CONFORMANT]


def test_a_row_that_the_schema_decides_is_found_failing_under_both(write: Write) -> None:
    values = [record("CD"), record("AU")]
    for value in values:
        del value["credentialSubject"]["name"]
    plain = {
        one.requirement.id
        for one in judged(values, write("[ZM]", {"DFR-008": "MUST"}, name="none")).results
        if one.outcome is Outcome.FAILED and one.requirement.check == "schema" and one.basis is None
    }
    assert plain
    run = judged(values, write("[CD]", dict.fromkeys(plain, "MUST")))
    for name in plain:
        assert of(run, name)[Outcome.FAILED].subjects == (0,)


def test_where_nobody_can_tell_the_row_is_inconclusive_and_says_why(write: Write) -> None:
    folder = write("[CD]", {"VCP-014": "MUST"})
    row = next(row for row in load_folder(folder).own_rows())
    run = judged([BASES["make"]], folder)
    found = of(run, row.id)[Outcome.INCONCLUSIVE]
    assert found.subjects == (0,)
    assert found.note.startswith(
        "overlay overlay holds for CD, and whether it is of there cannot be told: "
        "no document says in which country the facility is"
    )
    assert run.verdict is Verdict.INCONCLUSIVE


KOREA = Overlay("k", frozenset({"KR"}), ("facility", "subject"))


def holds(overlay: Overlay, one: Json, *others: Json) -> bool | None:
    documents = [document(value) for value in (one, *others)]
    return Atlas(documents).holding(documents[0], overlay).holds


def test_what_other_documents_say_of_the_same_facility_decides() -> None:
    assert holds(KOREA, BASES["make"]) is None
    assert holds(KOREA, BASES["make"], BASES["dpp"]) is True
    elsewhere = copy.deepcopy(BASES["dpp"])
    elsewhere["credentialSubject"]["countryOfProduction"]["countryCode"] = "JP"
    assert holds(KOREA, BASES["make"], elsewhere) is False
    assert holds(KOREA, BASES["make"], elsewhere, BASES["dpp"]) is None


def test_one_end_of_a_journey_is_enough_and_one_unknown_end_is_not() -> None:
    assert holds(KOREA, BASES["move"], BASES["dfr"], BASES["dpp"]) is True
    assert holds(KOREA, BASES["move"], BASES["dfr"]) is None
    australia = Overlay("a", frozenset({"AU"}), ("facility",))
    assert holds(australia, BASES["move"], BASES["dfr"]) is True
    japan = Overlay("j", frozenset({"JP"}), ("facility",))
    assert holds(japan, BASES["move"], BASES["dfr"], BASES["dpp"]) is False


def test_the_issuer_counts_where_the_overlay_says_so() -> None:
    by_issuer = Overlay("i", frozenset({"AU"}), ("issuer",))
    assert holds(by_issuer, BASES["dpp"]) is None
    stated = copy.deepcopy(BASES["dpp"])
    stated["issuer"]["issuerAlsoKnownAs"][0]["registrationCountry"] = {"countryCode": "AU"}
    assert holds(by_issuer, stated) is True
    assert holds(KOREA, stated) is True
    assert holds(Overlay("j", frozenset({"AU"}), ("facility",)), stated) is False


def test_a_passport_states_its_nation_in_0_6_too() -> None:
    value = copy.deepcopy(BASES["dpp-0.6"])
    one = read("old.jwt", Ring.of("old").sign(value))
    assert one.kind is Kind.DPP
    code = value["credentialSubject"]["product"]["countryOfProduction"]
    overlay = Overlay("o", frozenset({code}), ("facility",))
    assert Atlas([one]).holding(one, overlay).holds is True


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("KR"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "product",
                    "facility",
                    "producedAtFacility",
                    "countryOfProduction",
                    "countryCode",
                    "party",
                    "relatedParty",
                    "conformityAssessment",
                    "assessedFacility",
                    "issuerAlsoKnownAs",
                    "address",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(["dpp", "dcc", "dfr", "dia", "make"]), subject=JUNK, issuer=JUNK)
def test_nothing_that_a_document_says_stops_the_question(kind: str, subject: Any, issuer: Any) -> None:
    one = document(BASES[kind])
    one.value = {**one.value, "credentialSubject": subject, "issuer": issuer}
    found = Atlas([one]).holding(one, Overlay("o", frozenset({"KR"}), ("facility", "subject", "issuer")))
    assert found.holds in (True, False, None)
    assert found.why


def journey(ware: str, target: str) -> list[Json]:
    """A shipment from a Zimbabwean mine, with the records of both ends."""
    move, mine, end = copy.deepcopy(BASES["move"]), record("ZW"), record(target)
    product = move["credentialSubject"][0]["movedProduct"][0]["product"]
    product["name"] = ware
    end["credentialSubject"]["id"] = move["credentialSubject"][0]["toFacility"]["id"]
    return [move, mine, end]


@pytest.mark.parametrize(
    ("ware", "target", "outcome"),
    [
        ("Spodumene ore", "CN", Outcome.FAILED),
        ("Spodumene ore", "ZW", Outcome.PASSED),
        ("Spodumene concentrate", "CN", Outcome.NOT_APPLICABLE),
    ],
)
def test_the_example_of_the_docs_judges_shipments_of_its_nation(
    ware: str, target: str, outcome: Outcome
) -> None:
    found = of(judged(journey(ware, target), ZIMBABWE), "ZW-001", "zw-lithium")
    assert set(found) == {outcome}
    assert found[outcome].note.startswith("overlay zw-lithium holds for ZW")


def test_a_rule_over_a_set_speaks_only_of_documents_of_the_nation(write: Write) -> None:
    folder = write("[AU]", {})
    (folder / "requirements" / "rows.yaml").write_text("adopts: {custody: {G-101: {level: MUST}}}\n")
    row = load_folder(folder).own_rows()[0]
    judge = OverlaidJudge(rulebook((load_folder(folder),)))
    documents = [document(record("AU")), document(record("CD")), document(BASES["make"])]
    judge.meet(documents)
    scope = judge.scope(row, documents)
    assert scope is not None
    assert (scope.held, scope.unknown) == ({0}, {2})
    passed = RequirementResult(row, Outcome.PASSED)
    assert scope.settled(passed, in_doubt=0).outcome is Outcome.PASSED
    assert scope.settled(passed, in_doubt=1).outcome is Outcome.INCONCLUSIVE


def test_endpoints_are_of_no_nation_that_a_document_states(write: Write) -> None:
    book = rulebook((load_folder(write("[AU]", {"STS-023": "MUST"})),))
    row = next(row for row in book.requirements.values() if row.profile == "overlay")
    (found,) = OverlaidJudge(book).trial_results([RequirementResult(row, Outcome.PASSED, (0,))])
    assert (found.outcome, found.subjects) == (Outcome.INCONCLUSIVE, (0,))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("nations: [CONGO]", "profile.yaml:3: 'CONGO' is no country code"),
        ("nations: [NO]", 'profile.yaml:3: False is no country code.*write "NO" in quotes'),
        ("nations: []", "profile.yaml:3: 'nations' has to be a list with at least one entry"),
        ("nations: CD", "profile.yaml:3: 'nations' has to be a list"),
        ("nation: [CD]", "profile.yaml:3: 'nation' is no key of a profile"),
        ("nation_of: [issuer]", "profile.yaml:3: 'nation_of' belongs to a profile with 'nations'"),
        ("nations: [CD]\nnation_of: [owner]", "profile.yaml:4: 'owner' is unknown; choose from: facility"),
    ],
)
def test_a_head_that_would_be_passed_over_is_refused(tmp_path: Path, head: str, words: str) -> None:
    (tmp_path / "profile.yaml").write_text(f"name: o\nextends: [untp-0.7]\n{head}\n")
    with pytest.raises(CatalogueError, match=words):
        load_folder(tmp_path)


def test_a_row_of_what_it_extends_is_changed_under_adopts(write: Write) -> None:
    folder = write("[CD]", {"DFR-008": "MUST"})
    text = "requirements:\n- {id: DFR-008, level: MUST, status: pattern, rule: r, source: s, role: [ISS], tier: '1', black_box: Y,"
    (folder / "requirements" / "rows.yaml").write_text(f"{text} decided_from: document, check: code}}\n")
    with pytest.raises(
        CatalogueError, match=r"rows.yaml:2: DFR-008 is a row of untp-0.7; say under 'adopts'"
    ):
        load_folder(folder)


def test_a_rule_in_sql_that_knows_no_nation_is_held_to_the_documents_of_one(tmp_path: Path) -> None:
    adopts = "adopts: {trust-graph: {G-011: {level: MUST}}}\n"
    for name, head in (("every", ""), ("one", "nations: [CD]")):
        (tmp_path / name / "requirements").mkdir(parents=True)
        (tmp_path / name / "profile.yaml").write_text(f"name: {name}\n{head}\n")
        (tmp_path / name / "requirements" / "rows.yaml").write_text(adopts)
    values = [record("AU"), record("CD")]
    for number, value in enumerate(values):
        value["credentialSubject"]["id"] += f"-{number}"
    sources = {
        name: {
            finding.at.source
            for finding in of(judged([*values, BASES["dia"]], tmp_path / name), "G-011", name)[
                Outcome.FAILED
            ].findings
        }
        for name in ("every", "one")
    }
    assert sources == {"every": {"0.jwt", "1.jwt"}, "one": {"1.jwt"}}
