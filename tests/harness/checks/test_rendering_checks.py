"""Templates and their digests."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.harness.checks.digests import DigestError, decode_multihash, matches
from assay.harness.judge import DocumentJudge
from assay.harness.results import Outcome
from assay.harness.selftest import Bench
from tests.harness.rows import failing, mutant, outcome

LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(raw: bytes) -> str:
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = LETTERS[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def spellings(data: bytes) -> list[str]:
    found = []
    for code, length, name in ((0x12, 32, "sha256"), (0x13, 64, "sha512"), (0x20, 48, "sha384")):
        raw = bytes((code, length)) + hashlib.new(name, data).digest()
        found += [
            "z" + base58(raw),
            "u" + base64.urlsafe_b64encode(raw).decode().rstrip("="),
            "f" + raw.hex(),
        ]
        found += ["m" + base64.b64encode(raw).decode().rstrip("=")]
    return found


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_digest_matches_its_data_in_every_spelling_and_nothing_else(data: bytes, other: bytes) -> None:
    for digest in spellings(data):
        assert matches(digest, data)
        assert matches(digest, other) is (data == other)


@given(st.text(max_size=300))
def test_any_text_is_a_digest_or_a_digest_error(text: str) -> None:
    try:
        name, raw = decode_multihash(text)
    except DigestError:
        return
    assert len(raw) == hashlib.new(name).digest_size


@pytest.mark.parametrize(
    "digest", ["", "z", "zQmX", "z0OIl", "u====", "Qm1", "f1220ab", "f12", "z" + "1" * 500]
)
def test_a_malformed_digest_says_what_is_wrong(digest: str) -> None:
    with pytest.raises(DigestError):
        decode_multihash(digest)


def test_a_template_that_has_to_be_fetched_is_not_judged_by_its_digest() -> None:
    found = mutant("dia", ["del", "/renderMethod/0"])
    assert outcome(found, "RND-007") is Outcome.NOT_APPLICABLE


def test_no_render_method_is_advice_only() -> None:
    assert failing(mutant("dia", ["del", "/renderMethod"])) == {"RND-001"}
    assert failing(mutant("dia", ["set", "/renderMethod", []])) == {"RND-001"}


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["RenderTemplate2024"], {"schema": Outcome.PASSED, "text": Outcome.PASSED}),
        (["TemplateRenderMethod"], {"schema": Outcome.FAILED, "text": Outcome.PASSED}),
        (
            ["SvgRenderingTemplate2023"],
            {"schema": Outcome.FAILED, "text": Outcome.FAILED, None: Outcome.FAILED},
        ),
    ],
)
def test_schema_and_text_give_a_verdict_each_and_one_together_where_they_agree(
    types: list[str], expected: dict[str | None, Outcome]
) -> None:
    bench = Bench.default()
    rows = {"RND-003": bench.requirements["RND-003"]}
    results = DocumentJudge(rows, bench.checks).judge(mutant("dia", ["set", "/renderMethod/1/type", types]))
    assert {result.basis: result.outcome for result in results} == expected
