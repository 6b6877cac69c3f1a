"""Trials: what was sent to an endpoint, what it answered, and how checks judge that.

A trial is data. It holds a positive control and the attempts sent after it over the same channel, frozen once everything is
recorded; the checks registered with ``trial="<name>"`` are pure functions over it. Three rules hold for every one of them:

* a refusal counts only if the positive control just before was accepted (:func:`must_reject`);
* an acceptance counts only if a paired forgery was refused (:func:`must_accept`);
* a refusal is a verdict, never a crash, a time-out or a wrong address (:class:`Unreachable`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.harness.adapters import Answer, Reading
from assay.harness.checks import Check, NotApplicable, Remark, Undecided
from assay.harness.crashes import FAILURES, crashed
from assay.harness.evidence import Exchange
from assay.harness.material import Document, Unavailable
from assay.harness.results import Finding, Location, Outcome, RequirementResult, writable
from assay.profiles.catalogue import CheckKind, Requirement

__all__ = [
    "ApiTrial",
    "Attempt",
    "HttpTrial",
    "Trial",
    "Unreachable",
    "accepting",
    "judge_trials",
    "must_accept",
    "must_reject",
    "reached",
    "refusing",
    "run_check",
]


class Unreachable(Undecided):
    """The endpoint gave no verdict: not reached, throttled, crashed, misconfigured. Reported as *error*."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing sent and the answer to it; ``what`` says in words what was sent."""

    what: str
    answer: Answer


@dataclass(frozen=True)
class ApiTrial:
    """Requests to an issuer, verifier or status API.

    ``foil`` is the paired forgery of a positive test. ``about`` carries what else a check needs: documents read from
    answers, addresses asked for by the system, ...
    """

    name: str
    subject: int
    """Index of the endpoint among the endpoint subjects of the run."""
    target: str
    control: Attempt | None = None
    attempts: tuple[Attempt, ...] = ()
    foil: Attempt | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def location(self) -> Location:
        return Location(source=self.target)


@dataclass(frozen=True)
class HttpTrial:
    """Plain GETs (and the odd POST) to a resolver or publisher. ``answers`` by the name of the question.

    ``document`` is what the control was read as: the linkset of an identifier, a status list, a credential.
    """

    name: str
    subject: int
    target: str
    answers: Mapping[str, Exchange | Unavailable] = field(default_factory=dict)
    document: Document | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def location(self, *path: str | int) -> Location:
        if path and self.document is not None:
            return self.document.at(*path)
        return Location(source=self.target)


Trial = ApiTrial | HttpTrial


def _evidence(*attempts: Attempt | None) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(d for attempt in attempts if attempt is not None for d in attempt.answer.evidence)
    )


def _held(trial: Trial) -> tuple[str, ...]:
    """All evidence of a trial."""
    if isinstance(trial, ApiTrial):
        return _evidence(trial.control, trial.foil, *trial.attempts)
    answers = trial.answers.values()
    digests = ((answer.digest,) if isinstance(answer, Exchange) else answer.evidence for answer in answers)
    return tuple(dict.fromkeys(digest for some in digests for digest in some))


def _control(trial: ApiTrial) -> Attempt:
    """The positive control, accepted; otherwise nothing can be concluded from the rest."""
    control = trial.control
    if control is None:
        raise Undecided("there was no positive control")
    if control.answer.reading is Reading.REJECTED:
        raise Undecided(
            f"the positive control ({control.what}) was refused, so a refusal says nothing: {control.answer}. "
            "Can the system reach the harness's DID documents and status lists ([harness] in the manifest)?"
        )
    if control.answer.reading is not Reading.ACCEPTED:
        raise Unreachable(f"no verdict on the positive control ({control.what}): {control.answer}")
    return control


def must_reject(trial: ApiTrial, expected: str, hint: str = "") -> Iterator[Finding]:
    """Every attempt has to be refused. Findings are the accepted ones; attempts without verdict make an error."""
    control = _control(trial)
    lost = []
    for attempt in trial.attempts:
        if attempt.answer.reading is Reading.ACCEPTED:
            yield Finding(
                at=trial.location(),
                expected=expected,
                received=f"{attempt.what}: accepted",
                hint=hint,
                evidence=_evidence(control, attempt),
            )
        elif not attempt.answer.is_verdict:
            lost.append(attempt)
    if not trial.attempts:
        raise Undecided("nothing could be sent")
    if lost:
        raise Unreachable(
            f"no verdict on {lost[0].what}: {lost[0].answer}; a refusal has to be an answer, not a failure"
        )


def must_accept(trial: ApiTrial, expected: str, hint: str = "") -> Iterator[Finding]:
    """Every attempt has to be accepted, by a system that accepts the control and refuses the paired forgery."""
    control = _control(trial)
    foil = trial.foil
    if foil is None:
        raise Undecided("there was no paired forgery")
    if foil.answer.reading is Reading.ACCEPTED:
        raise Undecided(f"the paired forgery ({foil.what}) was accepted too, so an acceptance says nothing")
    if not foil.answer.is_verdict:
        raise Unreachable(f"no verdict on the paired forgery ({foil.what}): {foil.answer}")
    for attempt in trial.attempts:
        if attempt.answer.reading is Reading.REJECTED:
            yield Finding(
                at=trial.location(),
                expected=expected,
                received=f"{attempt.what}: {attempt.answer}",
                hint=hint,
                evidence=_evidence(control, foil, attempt),
            )
        elif attempt.answer.reading is not Reading.ACCEPTED:
            raise Unreachable(f"no verdict on {attempt.what}: {attempt.answer}")


Judge = Callable[[ApiTrial], Iterator[Finding | Remark]]


def refusing(expected: str, hint: str) -> Judge:
    """A check that asks for nothing but :func:`must_reject`."""

    def refuses(trial: ApiTrial) -> Iterator[Finding | Remark]:
        yield from must_reject(trial, expected, hint)

    return refuses


def accepting(expected: str, hint: str) -> Judge:
    """A check that asks for nothing but :func:`must_accept`."""

    def accepts(trial: ApiTrial) -> Iterator[Finding | Remark]:
        yield from must_accept(trial, expected, hint)

    return accepts


def reached(trial: HttpTrial, name: str) -> Exchange:
    """The answer to a question of an HTTP trial.

    :raises Unreachable: no answer, throttled, or a server error.
    :raises NotApplicable: the question was not asked.
    """
    answer = trial.answers.get(name)
    if answer is None:
        raise NotApplicable(f"'{name}' was not asked of {trial.target}")
    if isinstance(answer, Unavailable):
        raise Unreachable(f"{answer.url}: {answer.reason}, {answer.detail}")
    if answer.status == 429 or answer.status in (502, 503, 504):
        raise Unreachable(f"{answer.url} answers {answer.status}")
    return answer


def run_check(check: Check, requirement: Requirement, trial: Trial) -> RequirementResult:
    """Judge one trial by one check. Findings made before a check gives up are kept: they are facts."""
    basis = check.basis or requirement.basis
    findings: list[Finding] = []
    remarks: list[str] = []
    outcome, note = Outcome.PASSED, ""
    try:
        for said in check.function(trial):
            if isinstance(said, Remark):
                remarks.append(said.text)
            elif isinstance(said, Finding):
                findings.append(said)
            else:
                raise TypeError(f"expected a Finding or a Remark, received {type(said).__name__}")
    except NotApplicable as reason:
        outcome, note = Outcome.NOT_APPLICABLE, str(reason)
    except Unreachable as reason:
        outcome, note = Outcome.ERROR, str(reason)
    except Undecided as reason:
        outcome, note = Outcome.INCONCLUSIVE, str(reason)
    except FAILURES as error:  # our own mistake must not read as one of the endpoint
        return crashed(
            requirement,
            error,
            check.function,
            at=trial.location(),
            evidence=_held(trial),
            basis=basis,
            subjects=(trial.subject,),
        )
    if findings:
        outcome = Outcome.FAILED
    told = writable("; ".join(part for part in (note, *remarks) if part))
    return RequirementResult(requirement, outcome, (trial.subject,), tuple(findings), basis, told)


def judge_trials(
    trials: Sequence[Trial],
    requirements: Mapping[str, Requirement] | Iterable[Requirement],
    checks: Mapping[str, Sequence[Check]],
    first: int = 0,
) -> Iterator[RequirementResult]:
    """One result per requirement, trial and basis; subjects are counted from ``first``.

    A row whose trial was not held (no endpoint in that role) is *not applicable*.
    """
    rows = requirements.values() if isinstance(requirements, Mapping) else requirements
    by_name: dict[str, list[Trial]] = {}
    for trial in trials:
        by_name.setdefault(trial.name, []).append(trial)
    for row in rows:
        if row.check is not CheckKind.CODE:
            continue
        for check in checks.get(row.check_id, ()):
            if check.trial is None:
                continue
            held = by_name.get(check.trial, [])
            for trial in held:
                result = run_check(check, row, trial)
                yield RequirementResult(
                    row, result.outcome, (first + trial.subject,), result.findings, result.basis, result.note
                )
            if not held:
                note = f"no endpoint was put to the trial '{check.trial}'"
                yield RequirementResult(
                    row, Outcome.NOT_APPLICABLE, basis=check.basis or row.basis, note=note
                )
