"""Who answers for what: trials of published things and the hosts they are held against."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from assay.harness.credential.intake import read
from assay.harness.credential.verify import Shelf
from assay.harness.discovery import Discovery, Visit
from assay.harness.evidence import Exchange
from assay.harness.leads import Lead, Want
from assay.harness.material import Unavailable
from assay.harness.published_trials import published_trials

SOURCE = read("https://mine.example/linkset", b'{"linkset": []}')


def hosts_asked(answer: Exchange | Unavailable, via: int | None = 0) -> list[str]:
    """The hosts that trials are held against when a document of ours links to somebody else's credential."""
    own = Visit(
        Lead(Want.LINKSET, "https://mine.example/linkset"),
        Exchange("GET", "https://mine.example/linkset", 200),
        0,
    )
    link = Visit(
        Lead(Want.CREDENTIAL, "https://theirs.example/1", via, ("linkset", 0, "dpp", 0, "href"), "dpp"),
        answer,
    )
    discovery = Discovery((SOURCE,), Shelf(), (own, link))
    hosts: list[str] = []

    def subject_of(url: str) -> int:
        hosts.append(urlsplit(url).netloc)
        return len(hosts) - 1

    published_trials(discovery, subject_of)
    return hosts


@pytest.mark.parametrize(
    ("answer", "host"),
    [
        (Exchange("GET", "https://theirs.example/1", 200), "theirs.example"),
        (Unavailable("https://theirs.example/1", "not-found", definitive=True), "theirs.example"),
        (Unavailable("https://theirs.example/1", "dns"), "mine.example"),
        (Unavailable("https://theirs.example/1", "timeout"), "mine.example"),
    ],
)
def test_a_host_that_never_answered_is_not_judged_by_itself(answer: Any, host: str) -> None:
    assert hosts_asked(answer) == [host]


def test_a_silent_host_that_the_manifest_names_answers_for_itself() -> None:
    assert hosts_asked(Unavailable("https://theirs.example/1", "dns"), via=None) == ["theirs.example"]
