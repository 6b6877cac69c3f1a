"""A verifier that never answers is not waited for fifty times, and one that answers now and then is asked everything."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from assay.harness.adapters import Answer, Reading
from assay.harness.exercise import authority_of
from assay.harness.manifest import Manifest
from assay.harness.selftest import load_bases
from assay.harness.verifier_trials import Bench, TestCredentials, verifier_trials

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SILENCE = Answer(Reading.UNREACHABLE, detail="timeout: no full answer within 20 s")


class Verifier:
    """An adapter that only verifies; ``answer`` gives the reading of the n-th request."""

    def __init__(self, answer: Callable[[int], Answer]) -> None:
        self.requests = 0
        self._answer = answer

    async def verify(self, token: str, **options: Any) -> Answer:
        self.requests += 1
        return self._answer(self.requests)

    async def verify_document(self, document: Any) -> Answer:
        return await self.verify("")


def held(verifier: Any) -> Any:
    credentials = TestCredentials(authority_of(Manifest(system={"name": "silent"}), NOW), load_bases())
    return asyncio.run(verifier_trials(Bench(verifier, credentials, 0, "https://verifier.example")))


def test_after_two_controls_without_an_answer_nothing_more_is_asked() -> None:
    silent, answering = Verifier(lambda number: SILENCE), Verifier(lambda number: Answer(Reading.REJECTED))
    trials, all_trials = held(silent), held(answering)
    assert silent.requests < 10 < answering.requests
    assert [trial.name for trial in trials] == [trial.name for trial in all_trials]
    last = trials[-1].control.answer
    assert last.reading is Reading.UNREACHABLE and "not asked" in str(last) and "timeout" in str(last)


def test_silence_on_forgeries_alone_does_not_end_the_trials() -> None:
    class OnlyControls(Verifier):
        async def verify(self, token: str, **options: Any) -> Answer:
            answer = await super().verify(token)
            return (
                answer if token and b"control" in urlsafe_b64decode(token.split(".")[1] + "===") else SILENCE
            )

    some, all_answers = (make(lambda number: Answer(Reading.ACCEPTED)) for make in (OnlyControls, Verifier))
    held(some), held(all_answers)
    assert some.requests == all_answers.requests


def test_an_answer_that_says_try_again_later_is_no_silence() -> None:
    busy = Verifier(lambda number: Answer(Reading.UNREACHABLE, status=503))
    usual = Verifier(lambda number: Answer(Reading.ACCEPTED))
    held(busy), held(usual)
    assert busy.requests == usual.requests
