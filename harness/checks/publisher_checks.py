"""Publishers: what is served where credentials, linksets and templates point to (VCP, RND, IDR, DPP, DTE, DAC rows)."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import NotApplicable, Remark, Undecided, check
from assay.harness.checks.by_schema import value_at
from assay.harness.checks.digests import DigestError, matches
from assay.harness.evidence import Exchange
from assay.harness.leads import Lead, relation_name
from assay.harness.material import Credential, Kind, Unavailable
from assay.harness.results import Finding, Location
from assay.harness.trials import HttpTrial, Unreachable, reached

__all__: list[str] = []

_KINDS = {"dpp": Kind.DPP, "dcc": Kind.DCC, "dfr": Kind.DFR, "dte": Kind.DTE, "dia": Kind.DIA}
_LISTING = (b"index of /", b"directory listing", b"<title>index of", b"parent directory")


def _lead(trial: HttpTrial) -> Lead:
    lead: Lead = trial.about["lead"]
    return lead


def _where(trial: HttpTrial) -> Location:
    """Where the link stands; the address itself when it came from the manifest."""
    source, lead = trial.about.get("source"), _lead(trial)
    return source.at(*lead.path) if source is not None else trial.location()


def _served(trial: HttpTrial) -> Exchange:
    """The answer, when there is a 200.

    :raises NotApplicable: a definitive refusal, which other rows judge. :raises Unreachable: no answer.
    """
    answer = trial.answers.get("get")
    if isinstance(answer, Unavailable):
        if answer.definitive:
            raise NotApplicable(f"nothing is served there: {answer.detail}")
        raise Unreachable(f"{answer.url}: {answer.reason}, {answer.detail}")
    return reached(trial, "get")


def _digests(trial: HttpTrial) -> tuple[str, ...]:
    answer = trial.answers.get("get")
    if isinstance(answer, Unavailable):
        return answer.evidence
    return (answer.digest,) if answer is not None else ()


@check("VCP-034", trial="published-credential")
def credential_media_type(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A signed credential is served as ``application/vc+jwt``."""
    answer = _served(trial)
    if not isinstance(trial.document, Credential) or trial.document.envelope is None:
        raise NotApplicable("no signed credential is served there")
    if answer.media_type != "application/vc+jwt":
        yield Finding(
            at=trial.location(),
            expected="Content-Type: application/vc+jwt",
            received=answer.header("content-type")[:80] or "no Content-Type",
            hint="VC-JOSE-COSE, section 3.",
            evidence=(answer.digest,),
        )


@check("DPP-068", "DAC-001", trial="published-credential")
def public_without_login(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """What is public is served to anybody, without registration."""
    answer = trial.answers.get("get")
    if _lead(trial).encrypted:
        raise NotApplicable("the link says that the target is not for everybody")
    if isinstance(answer, Unavailable) and answer.reason == "denied":
        yield Finding(
            at=trial.location(),
            expected="200 for an anonymous GET",
            received=answer.detail,
            hint="Serve public credentials without login; mark the others with encryptionMethod and accessRole.",
            evidence=answer.evidence,
        )
    else:
        _served(trial)


@check("IDR-053", trial="published-credential")
def link_leads_to_its_kind(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A link typed dpp, dcc, dfr, dte or dia leads to a credential of that kind."""
    lead = _lead(trial)
    wanted = _KINDS.get(relation_name(lead.relation))
    if wanted is None:
        raise NotApplicable("the link does not promise a kind of credential")
    answer = trial.answers.get("get")
    if isinstance(answer, Unavailable):
        if not answer.definitive:
            raise Unreachable(f"{answer.url}: {answer.reason}, {answer.detail}")
        if answer.reason == "denied" or lead.encrypted:
            raise NotApplicable("the target is not for everybody")
        received = answer.detail
    elif lead.encrypted and trial.document is None:
        raise NotApplicable("the target is encrypted")
    else:
        received = (
            trial.document.kind.value
            if trial.document is not None
            else f"{answer.media_type if answer else ''}, no credential"
        )
    if trial.document is None or trial.document.kind is not wanted:
        yield Finding(
            at=_where(trial),
            expected=f"a {wanted.value} at {lead.target[:160]}",
            received=received,
            hint="Correct the link, or its type.",
            evidence=_digests(trial),
        )


@check("IDR-047", "DAC-018", trial="published-credential")
def ciphertext_is_announced(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A target that only some can read says so in the linkset."""
    answer = _served(trial)
    content = answer.json()
    sealed = isinstance(content, dict) and {"cipherText", "ciphertext"} & content.keys()
    if not sealed:
        raise NotApplicable("the target can be read by everybody")
    if not _lead(trial).encrypted:
        yield Finding(
            at=_where(trial),
            expected="encryptionMethod and accessRole beside the link",
            received="neither, and ciphertext at its end",
            evidence=(answer.digest,),
        )


@check("RND-006", trial="published-file")
def template_is_served(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The address of a render template serves the media type that the credential declares."""
    lead = _lead(trial)
    if lead.relation != "template":
        raise NotApplicable("not a render template")
    answer = trial.answers.get("get")
    if isinstance(answer, Unavailable):
        if not answer.definitive:
            raise Unreachable(f"{answer.url}: {answer.reason}, {answer.detail}")
        yield Finding(
            at=_where(trial),
            expected="200 with the template",
            received=answer.detail,
            evidence=answer.evidence,
        )
        return
    served = reached(trial, "get")
    declared = lead.media_type.partition(";")[0].strip().lower()
    if declared and served.media_type != declared:
        yield Finding(
            at=_where(trial),
            expected=f"Content-Type: {declared}",
            received=served.header("content-type")[:80] or "no Content-Type",
            evidence=(served.digest,),
        )


def _declared(trial: HttpTrial) -> str:
    """The digest that the link states beside its address."""
    source, path = trial.about.get("source"), _lead(trial).path
    holder = value_at(source.value, path[:-1]) if source is not None else None
    digest = holder.get("digestMultibase") if isinstance(holder, dict) else None
    if not isinstance(digest, str):
        raise NotApplicable("the link states no digest")
    return digest


@check("DPP-038", trial="published-file")
@check("DPP-038", trial="published-credential")
def target_is_what_was_linked(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """What a link leads to has the digest that the link states."""
    if _lead(trial).relation == "template":
        raise NotApplicable("a render template; its digest is judged with the template")
    declared, answer = _declared(trial), _served(trial)
    try:
        same = matches(declared, answer.body)
    except DigestError as error:
        raise Undecided(f"the digest cannot be read: {error}") from error
    if not same:
        yield Finding(
            at=_where(trial),
            expected=f"bytes with digest {declared[:80]}",
            received=f"{len(answer.body):,} bytes with another digest at {_lead(trial).target[:160]}",
            hint="The target was changed after it was linked; link to the new one, or restore the old.",
            evidence=(answer.digest,),
        )


def _linkset(trial: HttpTrial) -> None:
    answer = trial.answers.get("linkset")
    if isinstance(answer, Unavailable) and not answer.definitive:
        raise Unreachable(f"{answer.url}: {answer.reason}, {answer.detail}")


@check("DPP-066", "WAL-002", "WAL-007", trial="passport-by-product")
def product_leads_to_its_passport(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The identifier of a product resolves to its passport."""
    _linkset(trial)
    if trial.about["leads_here"]:
        return
    credential = trial.about["credential"]
    received = "no linkset" if trial.document is None else "a linkset without a link to this passport"
    yield Finding(
        at=credential.at("credentialSubject", "id"),
        expected="a linkset with a dpp link to this passport",
        received=f"{trial.target[:160]}: {received}",
        hint="Register the passport with the resolver of the product's identifier.",
        evidence=_resolved(trial),
    )


@check("DPP-067", trial="passport-by-carrier")
def passport_is_about_what_was_scanned(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """The passport that a carrier's identifier leads to is about that product, or about its batch or model."""
    if trial.document is None or trial.document.kind is not Kind.DPP:
        raise NotApplicable("no passport is served there")
    product = value_at(trial.document.value, ("credentialSubject",))
    named = product.get("id") if isinstance(product, dict) else None
    scanned = trial.target.partition("?")[0].rstrip("/")
    if isinstance(named, str) and f"{scanned}/".startswith(named.rstrip("/") + "/"):
        return
    yield Finding(
        at=trial.document.at("credentialSubject", "id"),
        expected=f"{scanned[:160]}, as on the carrier, or the batch or model above it",
        received=str(named)[:160],
        hint="Write the same identifier into passport and carrier.",
        evidence=_digests(trial),
    )


@check("DTE-032", trial="event-by-product")
def product_leads_to_its_events(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """Events can be found from the identifier of the product they concern."""
    _linkset(trial)
    links = {relation_name(relation) for relation in _relations(trial)}
    if trial.document is None:
        raise Undecided(f"{trial.target} resolves to no linkset")
    if "dte" not in links:
        yield Finding(
            at=trial.about["credential"].at(*trial.about["path"]),
            expected="a dte link in the linkset of the product",
            received=f"{trial.target[:160]}: {', '.join(sorted(links)) or 'no links'}",
            hint="Register the event with the resolver of the product's identifier.",
            evidence=_resolved(trial),
        )


def _relations(trial: HttpTrial) -> Iterator[str]:
    if trial.document is not None:
        for node in trial.document.nodes("LinkContext"):
            yield from (
                name for name in node.value if name not in ("anchor", "description", "itemDescription")
            )


def _resolved(trial: HttpTrial) -> tuple[str, ...]:
    answer = trial.answers.get("linkset")
    if isinstance(answer, Unavailable):
        return answer.evidence
    return (answer.digest,) if answer is not None else ()


@check("DAC-006", trial="folder")
def folders_are_not_listed(trial: HttpTrial) -> Iterator[Finding | Remark]:
    """A repository does not list its files: whoever knows one address learns no others."""
    answer = trial.answers.get("folder")
    if isinstance(answer, Unavailable):
        raise Unreachable(f"{answer.url}: {answer.reason}, {answer.detail}")
    if answer is None or answer.status != 200:
        return
    name = str(trial.about["file"]).rpartition("/")[2].encode()
    if name in answer.body or any(sign in answer.body.lower() for sign in _LISTING):
        yield Finding(
            at=trial.location(),
            expected="no list of files",
            received=f"{answer.media_type}, which names {name.decode('utf-8', 'replace')[:80]}",
            hint="Turn the directory index off.",
            evidence=(answer.digest,),
        )
