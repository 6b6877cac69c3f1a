"""Identity resolvers: what a client gets for each way of asking about an identifier (IDR rows)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.addresses import join, split
from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.evidence import Exchange
from assay.harness.material import Linkset, Unavailable
from assay.harness.resolver_trials import Link, same_url
from assay.harness.results import Finding
from assay.harness.trials import HttpTrial, reached

__all__: list[str] = []

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LINKSET_TYPES = frozenset({"application/linkset+json"})


def _works(trial: HttpTrial) -> None:
    """The positive control: the resolver knows this identifier, and does not say the same of everything.

    :raises Undecided: it does not, so that nothing follows from how it answers.
    """
    unknown = trial.answers.get("unknown")
    for name in ("linkset", "default", "all"):
        answer = trial.answers.get(name)
        if not isinstance(answer, Exchange) or _same(answer, unknown):
            continue
        if _is_linkset(answer) or (answer.status in _REDIRECTS and answer.location):
            return
        if answer.status == 200 and isinstance(unknown, Exchange) and unknown.status != 200:
            return
    reached(trial, "linkset")
    raise Undecided(
        f"the resolver answers nothing about {trial.target} that it does not answer about anything; "
        "is the identifier in the manifest right?"
    )


def _same(answer: Exchange, other: Exchange | Unavailable | None) -> bool:
    """Whether two answers say the same."""
    if not isinstance(other, Exchange):
        return False
    return (answer.status, answer.location, answer.body) == (other.status, other.location, other.body)


def _links(trial: HttpTrial) -> tuple[Link, ...]:
    links: tuple[Link, ...] = trial.about.get("links", ())
    if not links:
        raise Undecided("the linkset could not be read, so nobody knows what should be found")
    return links


def _shown(answer: Exchange) -> str:
    if answer.status in _REDIRECTS:
        return f"{answer.status} to {answer.location[:200] or 'nowhere'}"
    return f"{answer.status}, {answer.media_type or 'no content type'}, {len(answer.body):,} bytes"


def _finding(
    trial: HttpTrial, answer: Exchange, expected: str, hint: str = "", received: str = ""
) -> Finding:
    return Finding(
        at=trial.location(),
        expected=expected,
        received=received or f"{answer.url}: {_shown(answer)}",
        hint=hint,
        evidence=(answer.digest,),
    )


def _target(trial: HttpTrial, answer: Exchange) -> str:
    return join(trial.target, answer.location) if answer.status in _REDIRECTS and answer.location else ""


def _is_linkset(answer: Exchange) -> bool:
    content = answer.json()
    return answer.status == 200 and isinstance(content, dict) and isinstance(content.get("linkset"), list)


# -- the linkset -----------------------------------------------------------------------------------------------------


@check("IDR-014", trial="identifier")
def answers_a_linkset(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """``linkType=linkset`` is answered with an RFC 9264 linkset in JSON."""
    _works(trial)
    answer = reached(trial, "linkset")
    if not _is_linkset(answer):
        yield _finding(
            trial, answer, "200 with a JSON object that has a linkset array", "Serve RFC 9264 JSON."
        )


@check("IDR-056", trial="identifier")
def linkset_media_type(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A linkset is served as ``application/linkset+json``."""
    _works(trial)
    answer = reached(trial, "linkset")
    if answer.status != 200:
        raise Undecided(f"no linkset was served: {_shown(answer)}")
    if answer.media_type not in _LINKSET_TYPES:
        yield _finding(trial, answer, "Content-Type: application/linkset+json", "RFC 9264, section 4.2.")


@check("IDR-006", trial="identifier")
def links_can_be_filtered(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A client gets all links, links of one type, or the default."""
    _works(trial)
    every = reached(trial, "all")
    if not _is_linkset(every):
        yield _finding(
            trial, every, "linkType=all answers the whole linkset", "Treat all like linkset (P-04)."
        )
    linkset = reached(trial, "linkset")
    if not _is_linkset(linkset):
        yield _finding(trial, linkset, "linkType=linkset answers the whole linkset")
        return
    relations: dict[str, set[str]] = {}
    for name in trial.answers:
        if name.startswith("link:"):
            relations[name.removeprefix("link:")] = {_target(trial, reached(trial, name))}
    by_relation: dict[str, list[str]] = {}
    for link in _links(trial):
        by_relation.setdefault(link.relation, []).append(link.href)
    for relation, targets in relations.items():
        (target,) = targets
        wrong = target and not any(same_url(target, href) for href in by_relation.get(relation, []))
        known = any(same_url(target, href) for hrefs in by_relation.values() for href in hrefs)
        if wrong and known:
            answer = reached(trial, f"link:{relation}")
            yield _finding(trial, answer, f"linkType={relation} leads to a target of that relation")


@check("IDR-043", trial="identifier")
def coarser_levels_are_included(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The linkset of an item includes the links of its batch and class, where the resolver knows them."""
    answer = reached(trial, "linkset")
    if not _is_linkset(answer):
        raise Undecided("no linkset was served")
    contexts = trial.document.nodes("LinkContext") if trial.document is not None else ()
    anchors = {anchor for node in contexts if isinstance(anchor := node.value.get("anchor"), str)}
    known = []
    for name, above in trial.answers.items():
        if (
            name.startswith("level:")
            and isinstance(above, Exchange)
            and _is_linkset(above)
            and above.json()["linkset"]
        ):
            known.append(name.removeprefix("level:"))
    if not known:
        raise NotApplicable("the resolver knows no coarser level of this identifier")
    for level in known:
        if not any(same_url(level, anchor) for anchor in anchors):
            told = ", ".join(sorted(anchors)) or "no anchor"
            yield _finding(
                trial,
                answer,
                f"a context with anchor {level}",
                "Append the links of the level above.",
                f"anchors: {told}",
            )


# -- redirects -------------------------------------------------------------------------------------------------------


@check("IDR-002", trial="identifier")
def one_identifier_keeps_all_its_links(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """An identifier leads to many things: its linkset holds no fewer than single questions lead to."""
    _works(trial)
    answer = reached(trial, "linkset")
    if not _is_linkset(answer):
        raise Undecided("no linkset was served")
    listed = [link.href for link in _links(trial)]
    asked = {
        target
        for name, reply in trial.answers.items()
        if (name == "default" or name.startswith(("link:", "probe:"))) and isinstance(reply, Exchange)
        if (target := _target(trial, reply)) and not same_url(target, trial.target)
    }
    lost = sorted(target for target in asked if not any(same_url(target, href) for href in listed))
    if lost and len(set(listed)) < len(asked):
        yield _finding(
            trial,
            answer,
            f"all {len(asked)} places that the identifier leads to, {lost[0][:160]} among them",
            "Keep every link of an identifier, not only the last.",
        )


@check("IDR-042", trial="identifier")
def delegated_identifiers_are_sent_on(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """An identifier that another resolver answers for is sent on to it with 307."""
    _works(trial)
    answer = reached(trial, "delegated")
    target = _target(trial, answer)
    if not target or split(target).netloc == split(answer.url).netloc:
        yield _finding(
            trial,
            answer,
            "307 to the resolver that knows the identifier",
            "Redirect to the other resolver, with the question that was asked.",
        )
    elif answer.status != 307:
        yield Remark(f"the redirect is a {answer.status}; the workflow of the page says 307")


@check("IDR-039", trial="identifier")
def default_redirects(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """Without ``linkType`` a client is redirected to the default link."""
    _works(trial)
    answer = reached(trial, "default")
    target = _target(trial, answer)
    if not target:
        yield _finding(trial, answer, "307 to the default link", "Define a default link for every anchor.")
    elif same_url(target, trial.target):
        yield _finding(trial, answer, "307 to the default link", "The identifier redirects to itself.")
    elif not any(same_url(target, link.href) for link in _links(trial)):
        yield _finding(trial, answer, "307 to one of the links in the linkset")
    elif answer.status != 307:
        yield Remark(f"the redirect is a {answer.status}; the workflow of the page says 307")


@check("IDR-011", trial="identifier")
def default_is_the_newest(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The default leads to the newest version."""
    _works(trial)
    answer = reached(trial, "default")
    target = _target(trial, answer)
    links = [link for link in _links(trial) if same_url(link.href, target) and "edit" not in link.rel]
    if not target or not links:
        raise Undecided(f"there is no default link to look at: {_shown(answer)}")
    if not any(link.is_current for link in links):
        yield _finding(
            trial, answer, "the newest version", "Point the default at the link without predecessor-version."
        )


def _own_level(trial: HttpTrial, link: Link) -> bool:
    return same_url(link.anchor, trial.target)


def _asked(trial: HttpTrial, *, own_level: bool) -> Iterator[tuple[str, Exchange, list[str]]]:
    """Relations that were asked for by name: at the level of the identifier, or only above it."""
    links = [link for link in _links(trial) if link.is_current]
    own = {link.relation for link in links if _own_level(trial, link)}
    for name in trial.answers:
        if not name.startswith("link:"):
            continue
        relation = name.removeprefix("link:")
        if (relation in own) is own_level:
            wanted = [
                link.href
                for link in links
                if link.relation == relation and _own_level(trial, link) is own_level
            ]
            yield relation, reached(trial, name), wanted


@check("IDR-044", trial="identifier")
def specific_type_redirects(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A specific link type is answered with a redirect to its target."""
    _works(trial)
    asked = list(_asked(trial, own_level=True))
    if not asked:
        raise NotApplicable("the identifier has no link of its own that could be asked for by type")
    for relation, answer, wanted in asked:
        target = _target(trial, answer)
        if not any(same_url(target, href) for href in wanted):
            yield _finding(trial, answer, f"linkType={relation}: 307 to {' or '.join(wanted)[:200]}")


@check("IDR-045", trial="identifier")
def missing_type_falls_back(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A type that is missing at the level asked for is looked for one level up, then the default is taken (P-05)."""
    _works(trial)
    for relation, answer, wanted in _asked(trial, own_level=False):
        target = _target(trial, answer)
        if not any(same_url(target, href) for href in wanted):
            yield _finding(
                trial, answer, f"linkType={relation}: 307 to the coarser level's {' or '.join(wanted)[:160]}"
            )
    absent = reached(trial, "absent")
    default = trial.answers.get("default")
    expected = _target(trial, default) if isinstance(default, Exchange) else ""
    if absent.status == 404:
        yield Remark(
            "an unknown link type is answered with 404 instead of the default; both are in use (P-05)"
        )
    elif not expected or not same_url(_target(trial, absent), expected):
        yield _finding(trial, absent, "an unknown link type leads to the default, or is answered with 404")


# -- language --------------------------------------------------------------------------------------------------------


def _spoken(trial: HttpTrial, language: str) -> list[str]:
    return [
        link.href
        for link in _links(trial)
        if link.is_current and any(tag.partition("-")[0] == language for tag in link.languages)
    ]


def _languages(trial: HttpTrial) -> list[str]:
    languages: list[str] = list(trial.about.get("languages", ()))
    if len(languages) < 2:
        raise NotApplicable("the default relation has no targets in several languages")
    return languages


@check("IDR-007", trial="identifier")
def language_is_respected(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The language that a client prefers shapes the default."""
    for language in _languages(trial):
        answer = reached(trial, f"language:{language}")
        if not any(same_url(_target(trial, answer), href) for href in _spoken(trial, language)):
            yield _finding(
                trial, answer, f"Accept-Language: {language} leads to a target with hreflang {language}"
            )


@check("IDR-008", trial="identifier")
def language_query_overrides(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The ``language`` parameter overrides ``Accept-Language``."""
    header, wanted = _languages(trial)
    answer = reached(trial, "language-query")
    if not any(same_url(_target(trial, answer), href) for href in _spoken(trial, wanted)):
        expected = f"language={wanted} wins over Accept-Language: {header}"
        yield _finding(trial, answer, expected, "Look at the query before the header.")


# -- errors, description, writing ------------------------------------------------------------------------------------


@check("IDR-040", trial="identifier")
def malformed_is_400(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A malformed identifier is the client's mistake: 400."""
    _works(trial)
    answer = _even_broken(trial, "malformed")
    if answer.status != 400:
        yield _finding(
            trial, answer, "400 for a malformed identifier", "Check the element string before looking it up."
        )


@check("IDR-041", trial="identifier")
def unknown_is_404(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """An identifier that nobody knows is not found: 404, or a redirect to a resolver that may know it."""
    _works(trial)
    answer = _even_broken(trial, "unknown")
    if answer.status == 307 and answer.location:
        yield Remark("an unknown identifier is passed on to another resolver")
    elif answer.status != 404:
        yield _finding(
            trial, answer, "404 for an unknown identifier", "An empty linkset says that it exists."
        )


def _even_broken(trial: HttpTrial, name: str) -> Exchange:
    """The answer, also when it is a 500: here a crash is the thing looked for, the control stands beside it."""
    answer = trial.answers.get(name)
    return answer if isinstance(answer, Exchange) and answer.status == 500 else reached(trial, name)


@check("IDR-015", trial="identifier")
def description_is_published(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A resolver describes itself at ``/.well-known/resolver``."""
    _works(trial)
    answer = reached(trial, "well-known")
    if answer.status != 200 or not isinstance(answer.json(), dict):
        yield _finding(
            trial, answer, "200 with a JSON object", "Publish the Resolver Description File of ISO/IEC 18975."
        )


@check("IDR-016", trial="identifier")
def identifier_resolves_to_something(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """An identifier in use can be resolved: to a linkset with at least one link, or to a default."""
    answer = reached(trial, "linkset")
    default = trial.answers.get("default")
    if isinstance(default, Unavailable):
        reached(trial, "default")
    described = trial.answers.get("well-known")
    if not (isinstance(described, Exchange) and described.status == 200) and answer.status == 404:
        raise Undecided("the host does not describe itself as a resolver, so a 404 may be our mistake")
    if isinstance(trial.document, Linkset) and trial.about.get("links"):
        return
    if (
        isinstance(default, Exchange)
        and _target(trial, default)
        and not same_url(_target(trial, default), trial.target)
    ):
        return
    yield _finding(
        trial, answer, "a linkset with links, or a redirect to a default", "Resolve every identifier in use."
    )


@check("IDR-054", "LLD-003", "DAC-023", trial="identifier")
def strangers_add_no_links(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """Nobody adds a link without saying who he is."""
    if "edit" not in trial.about:
        raise NotApplicable("the linkset has no edit link, or the manifest does not allow writes")
    answer = reached(trial, "anonymous-edit")
    if answer.status in (401, 403):
        return
    if answer.status in (404, 405):
        raise Undecided(f"the edit link answers {answer.status}: nothing can be posted there by anybody")
    received = f"POST {answer.url} without authorisation: {_shown(answer)}"
    yield _finding(trial, answer, "401 or 403", "Ask for authorisation before reading the body.", received)
