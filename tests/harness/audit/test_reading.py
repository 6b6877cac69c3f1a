"""How credentials lie on disk, what words say, and what users may assume."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.audit.assumptions import AssumptionError, read_assumed
from assay.harness.audit.meters import mass_slack_mg
from assay.harness.audit.published import SourceError, ledger_of, published
from assay.harness.audit.words import capacity_in, fastest_kmh, route_in, yearly_limit_mg

DOCUMENT = {"type": ["DigitalProductPassport", "VerifiableCredential"], "id": "https://a.example/1"}


def _token(value: object) -> str:
    body = urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJFUzI1NiJ9.{body}.c2lnbmF0dXJl"


ENVELOPED = {"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + _token(DOCUMENT)}


@pytest.mark.parametrize(
    "line",
    [
        _token(DOCUMENT),
        json.dumps(_token(DOCUMENT)),
        json.dumps(DOCUMENT),
        json.dumps(ENVELOPED),
        json.dumps({"token": _token(DOCUMENT), "n": 1}),
        json.dumps({"verifiableCredential": ENVELOPED}),
    ],
    ids=["token", "quoted token", "document", "enveloped", "wrapped token", "wrapped envelope"],
)
def test_every_way_of_writing_a_credential_on_a_line_is_read(line: str, tmp_path: Path) -> None:
    path = tmp_path / "tokens.jsonl"
    path.write_text(f"{line}\n\n{line}\n")
    assert [(found.source, found.value) for found in published(path)] == [
        ("tokens.jsonl:1", DOCUMENT),
        ("tokens.jsonl:3", DOCUMENT),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[1, 2]",
        "{",
        "a.b.c",
        '"no token"',
        "[" * 5000 + "]" * 5000,
        '{"a":' * 200 + "1" + "}" * 200,
        "1e400",
        "\x00",
    ],
)
def test_what_is_no_credential_is_nothing(line: str, tmp_path: Path) -> None:
    path = tmp_path / "tokens.jsonl"
    path.write_text(line + "\n")
    assert [found.value for found in published(path)] == [None]


def test_a_line_beyond_the_limit_is_passed_over_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.harness.audit.published.MAXIMUM_BYTES", 200)
    path = tmp_path / "tokens.jsonl"
    path.write_text("x" * 1000 + "\n" + json.dumps(DOCUMENT) + "\n")
    assert [found.value for found in published(path)] == [None, DOCUMENT]


@pytest.mark.parametrize("names", [["000001.jwt", "000002.jwt"], ["part-00001.jsonl", "part-00002.jsonl"]])
def test_a_dataset_is_read_from_its_credentials_alone(names: list[str], tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "files" / "a.example").mkdir(parents=True)
    for name in ("dataset.json", "ledger.jsonl", "files/a.example/1.json"):
        (tmp_path / name).write_text(json.dumps(DOCUMENT))
    for name in names:
        (tmp_path / "credentials" / name).write_text(_token(DOCUMENT))
    found = list(published(tmp_path))
    assert [one.source.split(":")[0] for one in found] == [f"credentials/{name}" for name in names]
    assert all(one.value == DOCUMENT for one in found)
    assert ledger_of(tmp_path) == tmp_path / "ledger.jsonl"


def test_any_folder_is_read_with_its_folders_and_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/one.json", "two.jwt", ".hidden.json", "notes.md"):
        (tmp_path / name).write_text(json.dumps(DOCUMENT))
    assert [found.source for found in published(tmp_path)] == ["b/one.json", "two.jwt"]
    assert ledger_of(tmp_path) is None


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file and no folder"):
        list(published(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("words", "modes", "km"),
    [
        ("Route: road 130 km, sea 7000 km.", {"road", "sea"}, 7130),
        ("Shipment via sea freight", {"sea"}, None),
        ("Route: conveyor 6 km.", {"conveyor"}, 6),
        ("sea 20,500 km", {"sea"}, 20500),
        ("by train", {"rail"}, None),
        ("delivered", set(), None),
        ("research by seamen in a railing", set(), None),
    ],
)
def test_routes_are_read_from_words(words: str, modes: set[str], km: int | None) -> None:
    route = route_in(words)
    assert (set(route.modes), route.km) == (modes, km)
    assert (fastest_kmh(route.modes) is None) is (not modes)


def test_an_assumed_mode_takes_the_place_of_words() -> None:
    assert route_in("by air", "sea").modes == {"sea"}


@pytest.mark.parametrize(
    ("words", "tonnes", "of"),
    [
        (
            "Annual production capacity of approximately 250,000 tonnes of copper in concentrate.",
            250_000,
            "Cu",
        ),
        ("Refinery with annual capacity of 43 kt of lithium hydroxide.", 43_000, "lithium-salt"),
        ("Capacity of 1200 t per year.", 1_200, ""),
        ("a yearly capacity of 500 kg of nickel", 0.5, "Ni"),
    ],
)
def test_capacities_are_read_from_words(words: str, tonnes: float, of: str) -> None:
    found = capacity_in(words)
    assert found is not None
    assert (found.mg, found.of) == (tonnes * 1_000_000_000, of)


@pytest.mark.parametrize(
    "words", ["", "capacity of 40 GWh a year", "storage capacity of 900 tonnes of acid", "annual report"]
)
def test_other_words_are_no_capacity(words: str) -> None:
    assert capacity_in(words) is None


def test_limits_of_permits_are_read_from_their_conditions() -> None:
    assert yearly_limit_mg("No more than 1200000 tonnes of ore a year under title X") == 1_200_000 * 10**9
    assert yearly_limit_mg("not more than 25,000 t per year") == 25_000 * 10**9
    assert yearly_limit_mg("No more than 40 people on site") is None


@given(st.integers(0, 10**15))
def test_slack_grows_with_the_load_and_stays_small(mass: int) -> None:
    assert mass_slack_mg(mass) >= 10_000
    assert mass_slack_mg(mass + 1) >= mass_slack_mg(mass)
    assert mass < 10**9 or mass_slack_mg(mass) <= mass // 500


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "expected a mapping"),
        ({"Copper": 0.3}, "key 'Copper': expected element grades"),
        ({"Copper": {}}, "key 'Copper': expected element grades"),
        (
            {"Copper": {"Cu": 30}},
            "key 'Copper.Cu': 30 is no mass fraction; write a number above 0 and at most 1",
        ),
        ({"Copper": {"copper": 0.3}}, "'copper' is no element symbol; write Cu"),
        ({"Pack": {"voltage": "400 V"}}, "key 'Pack.voltage': '400 V' is no number of volts above 0"),
        ({"Pack": {"capacity": -1}}, "key 'Pack.capacity': -1 is no number of ampere-hours"),
        ({"Pack": {"energy": True}}, "key 'Pack.energy': True is no number of kilowatt-hours"),
        ({"Mine": {"yearly_tonnes": 0}}, "key 'Mine.yearly_tonnes': 0 is no number of tonnes a year"),
        ({"Mine": {"of": "COPPER!"}}, "key 'Mine.of': 'COPPER!' is neither an element symbol nor a family"),
        (
            {"Move": {"transport": "boat"}},
            "key 'Move.transport': 'boat' is no mode of transport; write one of: air",
        ),
        ({"Pack": {1: 0.3}}, "key 'Pack': '1' is no element symbol"),
    ],
)
def test_a_wrong_assumption_is_refused_with_key_value_and_mend(content: object, words: str) -> None:
    with pytest.raises(AssumptionError) as refused:
        read_assumed(content)
    assert words in str(refused.value)


def test_assumptions_are_found_by_identifier_name_or_words_of_it() -> None:
    found = read_assumed(
        {"Pack": {"voltage": 1}, "big pack": {"voltage": 2}, "https://a.example/p": {"voltage": 3}}
    )
    assert found.figure("https://a.example/p", "x", "voltage") == 3
    assert found.figure("other", "The Big Pack", "voltage") == 2
    assert found.figure("other", "Small pack 9", "voltage") == 1
    assert found.figure("other", "Packaging", "voltage") is None
    assert found.figure("other", None, "energy") is None
