"""Verifiers: what they have to refuse, what they must not refuse, and what they may not take on trust (VRF, VFY rows)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.adapters import Reading
from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.results import Finding
from assay.harness.trials import ApiTrial, Attempt, Unreachable, accepting, must_accept, refusing

__all__: list[str] = []

_REFUSALS: dict[str, tuple[str, str, str]] = {
    # row: trial, what is expected, hint
    "VRF-001": (
        "tampered",
        "a credential whose signature fails is refused",
        "Verify the signature over the bytes as received.",
    ),
    "VRF-002": (
        "alg-none",
        "a token with alg none is refused",
        "Accept only algorithms from a fixed list; compare them case-sensitively.",
    ),
    "VRF-003": (
        "foreign-key",
        "only a key that the issuer's DID document lists under assertionMethod is accepted",
        "Look the key up in the DID document of the issuer that the payload names, never in what the token brings.",
    ),
    "VRF-004": (
        "validity",
        "a credential outside its validity is not reported as valid",
        "Compare validFrom and validUntil with the clock.",
    ),
    "VRF-005": (
        "revoked",
        "a revoked credential is not reported as valid",
        "Fetch the status list and read the bit; index 0 is the left-most.",
    ),
    "VRF-006": (
        "status-unavailable",
        "without a status list that verifies, a credential is not reported as valid",
        "A list that cannot be had or does not verify leaves the status unknown; say so.",
    ),
    "VRF-007": ("status-range", "an index beyond the end of the list is an error", "Raise RANGE_ERROR."),
    "VRF-011": (
        "link-content",
        "what a link leads to is judged by its content, not by relation, media type or address",
        "Dereference, then check the type of the credential.",
    ),
    "VRF-015": (
        "identity-subject",
        "an identity anchor counts only for the DID that it is about",
        "Compare credentialSubject.id of the DIA with the issuer of the credential.",
    ),
    "VRF-016": (
        "identity-register",
        "an identity anchor counts only when a trusted register issued it",
        "Look the issuer of the DIA up in the list of trusted registers.",
    ),
    "VFY-001": (
        "algorithm-confusion",
        "a MAC keyed with the public key is refused",
        "Bind each key to its algorithm; a public key is no secret.",
    ),
    "VFY-002": (
        "critical-header",
        "a token whose critical header extension is not understood is refused",
        "Refuse when crit names anything that is not implemented.",
    ),
    "VFY-003": (
        "suspended",
        "a suspended credential is not reported as valid",
        "Read the lists of every status entry.",
    ),
    "VFY-004": (
        "unsecured",
        "a credential without proof is not reported as verified",
        "No proof, no verification.",
    ),
    "VFY-005": (
        "data-model",
        "a signed document that is no credential of the data model is refused",
        "Check the required properties before reporting success.",
    ),
    "VFY-006": (
        "issuer-unresolvable",
        "a credential whose issuer's DID document cannot be had is not reported as verified",
        "Without the document nobody knows whose key signed.",
    ),
    "VFY-008": (
        "schema",
        "a signed document that breaks the UNTP schema is not reported as valid",
        "Validate the payload against the schema of its type and version.",
    ),
    "VSN-002": (
        "schema-choice",
        "a credential is judged by the schema of the version that its context names",
        "Choose the schema by the versioned context URL, never by what the subject looks like.",
    ),
    "VFY-009": (
        "dropped-terms",
        "a member that JSON-LD processing would drop is reported",
        "Process in a mode that fails on undefined terms.",
    ),
}


for _row, (_name, _expected, _hint) in _REFUSALS.items():
    check(_row, trial=_name)(refusing(_expected, _hint))


_PERMISSIONS: dict[tuple[str, ...], tuple[str, str, str]] = {
    # rows: trial, what is expected, hint
    ("VRF-008", "ENV-001"): (
        "without-software",
        "accepted: issuingSoftware is optional",
        "Do not require the member.",
    ),
    ("DPP-065",): (
        "open-characteristics",
        "accepted: characteristics are open to members of any name",
        "Keep what is not known, and judge the rest.",
    ),
    ("IDR-017",): (
        "urn-identifiers",
        "accepted: a URN identifies as well as a URL does",
        "Ask for an absolute URI, not for an http address.",
    ),
    ("EXT-029",): (
        "company-terms",
        "accepted: the vocabulary of each class catches a company's own terms",
        "Treat a term that becomes an IRI of its class as a term nobody else knows.",
    ),
    ("VBD-010",): (
        "other-variants",
        "accepted: otherVariants and access roles are additions",
        "Ignore what is not known.",
    ),
    ("VCP-036",): (
        "algorithms",
        "accepted: another algorithm than that of the control",
        "Implement ES256 and EdDSA at least, chosen by key and header.",
    ),
    ("ENV-012",): (
        "software-binding",
        "accepted: a vendor may vouch for the binding of credential and software",
        "Leave related resources that are not understood to those who do.",
    ),
    ("RND-010",): (
        "presentation",
        "accepted: credentials may travel in a presentation",
        "Verify what EnvelopedVerifiableCredential holds, one by one.",
    ),
    ("WAL-004",): (
        "formats",
        "accepted: any form that can be verified with common means",
        "Take compact tokens and EnvelopedVerifiableCredential, ES256 and EdDSA.",
    ),
}


for _rows, (_name, _expected, _hint) in _PERMISSIONS.items():
    check(*_rows, trial=_name)(accepting(_expected, _hint))


@check("VRF-009", trial="other-proof")
def other_proofs_are_dealt_with(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Another proof format is verified, or refused with a reason; never silently."""
    control = trial.control
    if control is None or control.answer.reading is not Reading.ACCEPTED:
        raise Undecided("the positive control was not accepted, so a refusal says nothing")
    if trial.foil is not None and trial.foil.answer.reading is Reading.ACCEPTED:
        raise Undecided(
            "an embedded proof over other content was accepted too, so an acceptance says nothing"
        )
    for attempt in trial.attempts:
        answer = attempt.answer
        if answer.reading is Reading.ACCEPTED:
            continue
        if answer.reading is not Reading.REJECTED:
            raise Unreachable(f"no verdict on {attempt.what}: {answer}")
        if answer.reasons:
            yield Remark(f"{attempt.what} is refused with a reason: {answer.reasons[0]}")
            continue
        yield Finding(
            at=trial.location(),
            expected="verified, or refused with a reason that names the proof",
            received=f"{attempt.what}: refused without any reason",
            hint="Say that the kind of proof is not supported.",
            evidence=answer.evidence,
        )


@check("VRF-010", trial="extension")
def extensions_are_processed(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Properties of an extension do not make a credential invalid."""
    yield from must_accept(
        trial, "accepted: extensions add properties under their own context", "Ignore what is not known."
    )


@check("VSN-003", trial="older-version")
def older_versions_still_verify(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Credentials of a version that is declared as supported keep verifying."""
    yield from must_accept(
        trial, "accepted: the system declares support for UNTP 0.6.x", "Choose the schema by the context."
    )


@check("VFY-007", trial="tampered")
def refusals_say_why(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Whoever refuses a credential says why."""
    refused = [attempt for attempt in trial.attempts if attempt.answer.reading is Reading.REJECTED]
    if not refused:
        raise NotApplicable("nothing was refused")
    for attempt in refused:
        if not attempt.answer.reasons:
            yield Finding(
                at=trial.location(),
                expected="at least one reason, best as problem details",
                received=f"{attempt.what}: refused without a reason",
                hint="Answer with 'errors' or 'problemDetails'.",
                evidence=attempt.answer.evidence,
            )
    _accepted_control(trial)


def _accepted_control(trial: ApiTrial) -> Attempt:
    """The positive control. :raises Undecided: it was not accepted, so a refusal says nothing."""
    control = trial.control
    if control is None or control.answer.reading is not Reading.ACCEPTED:
        raise Undecided(
            f"the positive control gave no acceptance: {control.answer if control else 'none was sent'}"
        )
    return control


def _survives(trial: ApiTrial, expected: str) -> Iterator[Finding | Remark]:
    """Bad material at the end of a link is refused; a crash or an acceptance is a finding."""
    control = _accepted_control(trial)
    for attempt in trial.attempts:
        if attempt.answer.reading is Reading.REJECTED:
            continue
        if attempt.answer.reading is Reading.MISCONFIGURED:
            raise Unreachable(f"no verdict on {attempt.what}: {attempt.answer}")
        yield Finding(
            at=trial.location(),
            expected=expected,
            received=f"{attempt.what}: {attempt.answer}",
            hint="Expect anything at the end of a link: bound time and redirects, and report what was found.",
            evidence=(*control.answer.evidence, *attempt.answer.evidence),
        )


@check("VRF-012", trial="resolver-pattern")
def patterns_promise_nothing(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """An address shaped like a resolver's may serve anything."""
    yield from _survives(trial, "a refusal that says there is no linkset")


@check("VRF-014", trial="robust-links")
def bad_links_are_survived(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Pages, errors and loops at the end of a link are reported, not suffered."""
    yield from _survives(trial, "a refusal that says what is wrong with the link's target")


@check("VRF-013", trial="resolver-description")
def description_is_read_first(trial: ApiTrial) -> Iterator[Finding | Remark]:
    """Before a domain is taken for a resolver, its description file is looked at."""
    asked = trial.about.get("asked")
    if asked is None:
        raise Undecided("the harness's files are served by somebody else, so nobody saw what was asked for")
    if not any(path.startswith("/products/") for path in asked):
        raise Undecided("the verifier did not ask the harness's resolver for anything")
    if "/.well-known/resolver" not in asked:
        yield Finding(
            at=trial.location(),
            expected="GET /.well-known/resolver before the linkset is taken for one",
            received=f"asked for {', '.join(asked)}",
            hint="Look for the Resolver Description File of the domain first.",
            evidence=trial.control.answer.evidence if trial.control else (),
        )
