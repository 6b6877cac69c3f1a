"""Verifiers that judge credentials together: what they have to notice in a set, and what they may not object to (TG, MB rows)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.adapters import Reading
from assay.harness.checks import Remark, check
from assay.harness.results import Finding
from assay.harness.trials import ApiTrial, accepting, must_reject, refusing

__all__: list[str] = []

_REFUSED: dict[tuple[str, ...], tuple[str, str, str]] = {
    # rows: trial, what is expected, hint
    ("TG-001",): (
        "graph-evidence",
        "a passport alone proves none of its claims",
        "Ask for the credentials that the claims rest on.",
    ),
    ("TG-006",): (
        "graph-product-claim",
        "a claim about a product counts only when its criterion is assessed for that product",
        "Match claims with assessments by product and criterion.",
    ),
    ("TG-007",): (
        "graph-conformance",
        "an assessment supports a claim only when it says that the object conforms",
        "Read conformance of the matching assessment.",
    ),
    ("TG-008",): (
        "graph-all-criteria",
        "a claim counts as verified only when all its criteria are",
        "Match every criterion that the claim names.",
    ),
    ("TG-010",): (
        "graph-facility-claim",
        "a claim about a facility counts only when it is assessed for that facility",
        "Match claims with assessments by facility and criterion.",
    ),
    ("TG-011",): (
        "graph-value",
        "claimed and assessed values agree",
        "Compare measures of the same metric and unit.",
    ),
    ("TG-012",): (
        "graph-accreditation",
        "an assessor without accreditation verifies nothing",
        "Look for an identity anchor from an accreditation register about the assessor.",
    ),
    ("TG-013",): (
        "graph-scope",
        "an accreditation counts for the schemes in its scope",
        "Compare registrationScope with the scheme of the attestation.",
    ),
    ("DCC-014",): (
        "graph-authorisation",
        "an authorisation counts only when its evidence confirms it",
        "Follow endorsementEvidence; without it the authorisation is a statement.",
    ),
    ("DCC-040",): (
        "graph-condition",
        "an assessment under one regulation supports no claim under another",
        "Compare referenceRegulation of claim and assessment before matching them.",
    ),
    ("DFR-025",): (
        "graph-totals",
        "the products of a facility do not add up to more than the facility declares",
        "Multiply intensities of products with what was made, and compare with the total of the site.",
    ),
    ("TG-014",): (
        "graph-anchor",
        "a chain of trust ends at a listed anchor",
        "Follow whoever vouches for whom until an anchor is reached.",
    ),
    ("TG-016",): (
        "graph-operator",
        "the operator of a facility stands in a business register",
        "Look for an identity anchor about the operator.",
    ),
    ("TG-017",): (
        "graph-passport-issuer",
        "a passport comes from a party of the facility that made the product",
        "Follow the passport to the facility and from there to its parties.",
    ),
    ("TG-018",): (
        "graph-issuer",
        "every issuer is attested or is an anchor",
        "Look for an identity anchor about every issuer.",
    ),
    ("TG-019",): (
        "graph-mass",
        "no more matter comes out of a make event than goes in",
        "Sum the quantities on both sides.",
    ),
    ("MB-003",): (
        "graph-content",
        "no more of an element comes out of a make event than goes in",
        "Multiply quantities with the grades in the passports.",
    ),
    ("MB-011",): (
        "graph-yield",
        "yields that no plant reaches are noticed",
        "Compare each yield with what the process can give; nothing lost at all is an anomaly.",
    ),
    ("MB-006",): ("graph-stock", "no stock falls below zero", "Replay the events of each facility."),
    ("MB-007",): (
        "graph-arrival",
        "nothing is used at a place before it was sent there",
        "Compare dates of moves and makes at their place.",
    ),
    ("DTE-035",): (
        "graph-order",
        "nothing is used or moved before it was made",
        "Put the events of each product in order.",
    ),
    ("MB-008",): (
        "graph-counterparty",
        "both parties of a consignment record the same quantity",
        "Match move events by consignmentId.",
    ),
    ("MB-010",): (
        "graph-speed",
        "nothing arrives faster than its transport goes",
        "Divide the distance between the facilities by the time.",
    ),
    ("MB-013",): (
        "graph-spent",
        "no batch is used more than once over",
        "Sum the uses of each batch.",
    ),
    ("MB-014",): (
        "graph-segregated",
        "every input of a segregated product conforms itself",
        "Judge the custody model of every input.",
    ),
    ("MB-015",): (
        "graph-identity",
        "a product of preserved identity has one source",
        "Follow the inputs back to where they begin.",
    ),
    ("MB-016",): (
        "graph-book-and-claim",
        "book and claim is no physical custody",
        "Take the weakest model of the inputs.",
    ),
    ("MB-023",): (
        "graph-bill",
        "declared shares of materials agree with the inputs",
        "Compare massFraction with the inputs of the make event.",
    ),
    ("TG-023",): (
        "graph-link",
        "evidence that is missing, or not what it was, flags the set",
        "Follow evidence links and compare their digests.",
    ),
    ("TG-025",): (
        "graph-member",
        "a set with a credential that does not verify is not accepted",
        "Verify each member before anything is concluded from it.",
    ),
    ("VRF-017",): (
        "graph-unsigned",
        "an unsigned member is not taken for verified",
        "Mark what carries no proof as unverified.",
    ),
    ("TG-026",): (
        "graph-outdated",
        "revoked and expired evidence supports nothing",
        "Look at time and status of each member.",
    ),
    ("TG-027",): (
        "graph-lineage",
        "an input without passport and make event is a gap",
        "Follow make events upstream.",
    ),
    ("TG-028",): (
        "graph-criterion",
        "a criterion stands in a published scheme that others endorse",
        "Look the criterion up in the vocabularies.",
    ),
    ("TG-029",): (
        "graph-object",
        "an assessment of something whose identity was not verified does not count in full",
        "Read idVerifiedByCAB.",
    ),
    ("TG-030",): (
        "graph-identifier",
        "an identifier belongs to one issuer",
        "Compare the issuers of all passports of a product.",
    ),
}

_ACCEPTED: dict[tuple[str, ...], tuple[str, str, str]] = {
    ("TG-015",): (
        "graph-longer-chain",
        "accepted: a chain of trust may have further links",
        "Follow accreditations until an anchor is reached.",
    ),
    ("MB-004",): (
        "graph-tolerance",
        "accepted: quantities are weighed, and weighing has its tolerance",
        "Allow for two per cent.",
    ),
    ("MB-005",): (
        "graph-units",
        "accepted: quantities in different units of mass",
        "Convert before comparing.",
    ),
}


for _rows, (_name, _expected, _hint) in _REFUSED.items():
    check(*_rows, trial=_name)(refusing(_expected, _hint))
for _rows, (_name, _expected, _hint) in _ACCEPTED.items():
    check(*_rows, trial=_name)(accepting(_expected, _hint))


def _names(trial: ApiTrial, expected: str, hint: str) -> Iterator[Finding | Remark]:
    """Every refusal names what it is about; parties by the last part of their DIDs."""
    yield from must_reject(trial, expected, hint)
    for attempt, names in zip(trial.attempts, trial.about.get("names", ()), strict=True):
        if attempt.answer.reading is not Reading.REJECTED:
            continue
        told = "\n".join(attempt.answer.reasons)
        missing = [
            name for name in names if name.removeprefix("did:web:").removesuffix(".example") not in told
        ]
        if missing:
            yield Finding(
                at=trial.location(),
                expected=expected,
                received=f"{attempt.what}: no reason names {', '.join(missing)}",
                hint=hint,
                evidence=attempt.answer.evidence,
            )


@check("TG-009", trial="graph-unverified-named")
def unverified_claims_are_named(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """A claim that nothing supports is flagged as such: the answer says which."""
    yield from _names(trial, "the answer names the unverified claim", "Give the id of the claim as a reason.")


@check("TG-024", trial="graph-gaps")
def gaps_are_reported(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """All gaps are reported, not only the first."""
    yield from _names(
        trial,
        "the answer names the input without passport, the unassessed claim and the unknown operator",
        "Go on after the first gap, and give each as a reason.",
    )


@check("MB-024", trial="graph-frauds")
def frauds_are_noticed(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Something notices frauds with mass balances: not all of them are accepted."""
    said = list(must_reject(trial, "at least one of several frauds is noticed", "Balance masses."))
    if len(said) == len(trial.attempts):
        yield from said
