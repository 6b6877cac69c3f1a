"""Reading credentials into rows: units, names, transport, hostile values; and laws of the balance."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.harness.graph.grades import grade_of
from assay.harness.graph.load import database, read_set
from assay.harness.graph.reading import day, instant, slug, text
from assay.harness.graph.rows import columns
from assay.harness.graph.transport import distance_km, fastest
from assay.harness.graph.units import LARGEST_MG, MASS_UNITS, decimal, mass_mg
from assay.harness.material import Credential, Kind, Signature, SignatureState
from assay.harness.results import Outcome

from .graph_material import (
    MINE,
    WORKS,
    credential,
    document,
    events,
    judged,
    line,
    make,
    move,
    passport,
    together,
)

ORE, METAL = "https://products.example/ore", "https://products.example/metal"


def smelting(mass_in: Any, mass_out: Any, *, grade: float = 0.3, unit: str = "TNE") -> Any:
    return together(
        passport(ORE, MINE, {"Cu": grade}),
        passport(METAL, WORKS, {"Cu": 1.0}),
        events(
            make(
                "m", WORKS, "2025-03-05T06:00:00Z", [line(ORE, mass_in, unit)], [line(METAL, mass_out, unit)]
            )
        ),
    )


# units


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1, "KGM", 1_000_000),
        (0.5, "TNE", 500_000_000),
        (3, "GRM", 3_000),
        (1, "LBR", 453_592),
        (2, "https://vocabulary.uncefact.org/UnitMeasureCode#KGM", 2_000_000),
        (1, "LTR", None),
        (-1, "KGM", None),
        (float("inf"), "KGM", None),
        (True, "KGM", None),
        ("5", "KGM", None),
        (10**400, "KGM", None),
        (10**7, "TNE", None),
    ],
)
def test_masses_become_whole_milligrams_or_stay_unknown(value: Any, unit: str, expected: int | None) -> None:
    assert mass_mg({"value": value, "unit": unit}) == expected


def test_pieces_become_masses_by_the_weight_of_one() -> None:
    assert mass_mg({"value": 3, "unit": "C62"}, 450_000_000) == 1_350_000_000
    assert mass_mg({"value": 3, "unit": "C62"}) is None


@given(st.sampled_from(sorted(MASS_UNITS)), st.integers(0, 10**6))
def test_a_quantity_is_its_number_times_one_unit(unit: str, number: int) -> None:
    found = mass_mg({"value": number, "unit": unit})
    exact = number * MASS_UNITS[unit]
    assert found is None if exact > LARGEST_MG else found is not None and abs(found - exact) <= Decimal("0.5")


def test_decimals_keep_the_digits_that_were_written() -> None:
    assert decimal(0.1) == Decimal("0.1")
    assert decimal(float("nan")) is None


# times, names, transport


def test_dates_last_a_day_and_instants_a_moment() -> None:
    assert day("1970-01-02") == (86_400, 172_799)
    assert day("1970-01-01T00:00:05Z") == (5, 5)
    assert instant("1970-01-01T09:00:00+09:00") == 0
    assert [day("2025-02-30"), day(20250101), instant("soon"), instant("9" * 99)] == [None] * 4


def test_topics_are_compared_by_the_last_part_of_their_iri() -> None:
    singular = slug("https://vocabulary.uncefact.org/conformity-topic/Water-Conservation")
    assert singular == slug("https://vocabulary.uncefact.org/conformity-topics/water-conservation/")


def test_strings_without_sense_are_left_out_or_cleaned() -> None:
    assert [text(""), text("x" * 3000), text(7)] == [None, None, None]
    assert text("a\ud800b\0") == "a?b\ufffd"


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        ("Copper concentrate shipment via sea freight", "sea"),
        ("by rail and then by sea", "rail"),
        ("urn:carrier:zm-road:WB-1", "road"),
        ("Airfreight AWB 1", "air"),
        ("Shipping of goods to Airlie", None),
    ],
)
def test_the_fastest_mode_that_an_event_names_counts(words: str, mode: str | None) -> None:
    assert fastest(words)[0] == mode


def test_distances_are_great_circles() -> None:
    assert distance_km((0, 0), (0, 180_000_000)) == 20_015
    assert distance_km((52_150_000, 10_330_000), (52_150_000, 10_330_000)) == 0


# content


def test_what_a_passport_states_wins_over_what_the_user_assumes() -> None:
    stated = {"credentialSubject": {"characteristics": {"elementGrades": {"Li": 0.05}, "moisture": 0.1}}}
    found = grade_of("p", "Spodumene concentrate", (), stated, {"concentrate": {"Li": 0.5}})
    assert found is not None and not found.assumed
    assert found.contained == {"Li": Decimal("0.045")}


@pytest.mark.parametrize("key", ["p", "Spodumene Concentrate", "14110", "concentrate"])
def test_assumptions_apply_by_identifier_name_classification_or_word(key: str) -> None:
    found = grade_of("p", "spodumene concentrate", ["14110"], None, {key: {"Li": 0.02}, "cathode": {"Li": 1}})
    assert found is not None and found.assumed and found.ppm == {"Li": 20_000}


def test_an_assumption_does_not_apply_to_part_of_a_word() -> None:
    assert grade_of("p", "Ferrocathode", (), None, {"cathode": {"Li": 0.02}}) is None


@pytest.mark.parametrize("grades", [{"Li": 2}, {"Li": -0.1}, {"Li": "0.1"}, [], {}, {"lithium oxide": 0.1}])
def test_grades_that_make_no_sense_are_unknown(grades: Any) -> None:
    stated = {"credentialSubject": {"characteristics": {"elementGrades": grades}}}
    assert grade_of("p", None, (), stated, {}) is None


# the balance


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_make_event_fails_exactly_beyond_two_per_cent_of_what_went_in(mass_in: int, mass_out: int) -> None:
    result = judged(smelting(mass_in, mass_out, unit="KGM"), "G-101")["G-101"]
    too_much = mass_out * 1000 > Decimal(mass_in) * Decimal("0.3") * 1020
    assert result.outcome is (Outcome.FAILED if too_much else Outcome.PASSED)


def test_units_are_converted_before_they_are_balanced() -> None:
    mixed = together(
        passport(ORE, MINE, {"Cu": 0.3}),
        passport(METAL, WORKS, {"Cu": 1.0}),
        events(make("m", WORKS, "2025-03-05T06:00:00Z", [line(ORE, 10, "TNE")], [line(METAL, 2900, "KGM")])),
    )
    assert judged(mixed, "G-101")["G-101"].outcome is Outcome.PASSED


def test_moisture_is_no_metal() -> None:
    wet = passport(ORE, MINE, {"Cu": 0.3})
    wet.value["credentialSubject"]["characteristics"]["moisture"] = 0.1
    dry = smelting(10, 2.9)
    assert judged(dry, "G-101")["G-101"].outcome is Outcome.PASSED
    moist = together(wet, *dry.documents[1:])
    assert judged(moist, "G-101")["G-101"].outcome is Outcome.FAILED


def test_an_input_of_unknown_content_leaves_the_balance_unknown_unless_nothing_could_explain_it() -> None:
    def with_scrap(out: float) -> Any:
        return together(
            passport(ORE, MINE, {"Cu": 0.3}),
            passport(METAL, WORKS, {"Cu": 1.0}),
            events(
                make(
                    "m",
                    WORKS,
                    "2025-03-05T06:00:00Z",
                    [line(ORE, 10), line("https://products.example/scrap", 1)],
                    [line(METAL, out)],
                )
            ),
        )

    assert judged(with_scrap(4.0), "G-101")["G-101"].outcome is Outcome.INCONCLUSIVE
    assert judged(with_scrap(4.1), "G-101")["G-101"].outcome is Outcome.FAILED


def test_two_records_of_one_consignment_count_once() -> None:
    consignment = {"consignmentId": "https://freight.example/c/1"}
    sent = move("s", MINE, WORKS, "2025-03-01T00:00:00Z", [line(ORE, 10)], **consignment)
    received = move("r", MINE, WORKS, "2025-03-01T00:00:00Z", [line(ORE, 10)], **consignment)
    spent = make("m", WORKS, "2025-04-01T00:00:00Z", [line(ORE, 20)], [line(METAL, 1)])
    by_two = together(
        passport(ORE, MINE), events(sent), events(received, issuer="did:web:works.example"), events(spent)
    )
    assert judged(by_two, "G-103", "G-109")["G-103"].outcome is Outcome.FAILED
    by_one = together(passport(ORE, MINE), events(sent), events(received), events(spent))
    assert judged(by_one, "G-103")["G-103"].outcome is Outcome.PASSED


def test_a_document_or_event_given_twice_counts_once() -> None:
    honest = smelting(10, 2.9)
    doubled = together(*honest.documents, *honest.documents)
    again = make("m", WORKS, "2025-03-05T06:00:00Z", [line(ORE, 10)], [line(METAL, 2.9)])
    repeated = together(*honest.documents, events({**again, "name": "told again"}))
    for credentials in (doubled, repeated):
        assert len(read_set(credentials)["event"]) == 1


def test_lineage_that_runs_in_a_circle_ends() -> None:
    circle = together(
        events(
            make("a", WORKS, "2025-03-05T06:00:00Z", [line(ORE, 1)], [line(METAL, 1)]),
            make("b", WORKS, "2025-03-06T06:00:00Z", [line(METAL, 1)], [line(ORE, 1)]),
        )
    )
    assert {(row["product"], row["ancestor"]) for row in read_set(circle)["lineage"]} == {
        (ORE, METAL),
        (METAL, ORE),
    }


def test_batches_of_one_identifier_are_kept_apart() -> None:
    two = together(
        passport(ORE, MINE, {"Cu": 0.3}, batchNumber="A"),
        events(make("m", WORKS, "2025-03-05T06:00:00Z", [line(ORE, 1, batchNumber="B")], [line(METAL, 0.1)])),
    )
    assert {row["id"] for row in read_set(two)["product"]} == {ORE + " batch A", ORE + " batch B", METAL}


def test_aliases_join_facilities_but_nobody_swallows_a_stranger() -> None:
    def record(name: str, *aliases: str) -> Any:
        subject = {
            "id": name,
            "name": "F",
            "facilityAlsoKnownAs": [{"id": alias, "name": "F"} for alias in aliases],
        }
        return credential(Kind.DFR, subject)

    alias = "https://cadastre.example/7"
    known = together(passport(ORE, alias), record(MINE, alias))
    assert [row["produced_at"] for row in read_set(known)["product"]] == [MINE]
    greedy = together(passport(ORE, MINE), record(MINE), record(WORKS, MINE))
    assert [row["produced_at"] for row in read_set(greedy)["product"]] == [MINE]
    disputed = together(passport(ORE, alias), record(MINE, alias), record(WORKS, alias))
    assert [row["produced_at"] for row in read_set(disputed)["product"]] == [alias]


def test_accreditation_comes_from_authorities_only() -> None:
    def anchor(issuer: str, party: str, kind: str) -> Any:
        return credential(Kind.DIA, {"id": party, "registerType": kind, "registeredId": "1"}, issuer)

    root, body, company, friend = (
        f"did:web:{name}.example" for name in ("root", "body", "company", "friend")
    )
    chained = together(
        anchor(root, body, "accreditation"),
        anchor(body, company, "business"),
        anchor(company, friend, "accreditation"),
        anchor(friend, friend, "accreditation"),
        trust_anchors=frozenset({root}),
    )
    rows = read_set(chained)
    assert [(row["party"], row["depth"]) for row in rows["anchored"]] == [(body, 1), (root, 0)]
    assert len(rows["identity"]) == 3


# hostile values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
HOLDERS = {
    Kind.DPP: (
        "producedAtFacility",
        "characteristics",
        "materialProvenance",
        "performanceClaim",
        "relatedParty",
    ),
    Kind.DFR: ("locationInformation", "facilityAlsoKnownAs", "processCategory", "performanceClaim"),
    Kind.DCC: ("issuedToParty", "referenceScheme", "conformityAssessment"),
    Kind.DIA: ("registerType", "registrationScope", "idScheme"),
    Kind.DTE: (
        "inputProduct",
        "outputProduct",
        "movedProduct",
        "eventDate",
        "madeAtFacility",
        "consignmentId",
    ),
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(HOLDERS)), st.data())
def test_whatever_stands_in_a_document_rows_have_the_declared_types(kind: Kind, data: st.DataObject) -> None:
    members = data.draw(st.dictionaries(st.sampled_from(HOLDERS[kind]), JSON))
    subject: Any = {"id": "https://x.example/1", **members}
    odd = document({"type": [kind.value], "issuer": data.draw(JSON), "credentialSubject": subject})
    rows = read_set(together(odd, as_of=datetime(2025, 6, 1, tzinfo=UTC)))
    kinds = {"BIGINT": int, "VARCHAR": str}
    for table, names in columns().items():
        for row in rows[table]:
            assert row.keys() <= {name for name, _ in names}
            for name, declared in names:
                value = row.get(name)
                assert value is None or (isinstance(value, kinds[declared]) and not isinstance(value, bool))


def test_quotes_and_commands_in_identifiers_are_only_text() -> None:
    nasty = "https://x.example/'); DROP TABLE claim; --\u2028\"\\"
    named = together(passport(nasty, MINE, {"Cu": 0.3}))
    connection = database(read_set(named))
    assert connection.execute("SELECT id FROM product").fetchall() == [(nasty,)]


def test_the_database_reaches_neither_files_nor_network() -> None:
    connection = database(read_set(together()))
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM read_text('/etc/hostname')")
    with pytest.raises(duckdb.Error):
        connection.execute("SET enable_external_access = true")


def test_a_set_that_takes_too_long_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: Any) -> Any:
        raise duckdb.InterruptException("interrupted")

    monkeypatch.setattr("assay.harness.graph.judge._result", give_up)
    result = judged(smelting(10, 2.9), "G-101")["G-101"]
    assert result.outcome is Outcome.ERROR
    assert "beyond what Assay joins" in result.note


def test_an_empty_set_has_nothing_to_judge() -> None:
    assert {result.outcome for result in judged(together()).values()} == {Outcome.NOT_APPLICABLE}


def test_a_forged_record_joins_no_facilities_and_places_none() -> None:
    alias = "https://cadastre.example/7"
    subject = {"id": MINE, "name": "F", "facilityAlsoKnownAs": [{"id": alias, "name": "F"}]}
    forged = credential(Kind.DFR, subject)
    assert isinstance(forged, Credential)
    forged.signature = Signature(SignatureState.INVALID, "bad-signature")
    rows = read_set(together(passport(ORE, alias), forged))
    assert [(row["id"], row["recorded"]) for row in rows["facility"]] == [(alias, 0)]
    assert rows.notes == ["document is left out (signature)"]
