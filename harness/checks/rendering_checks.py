"""How a credential asks to be shown: ``renderMethod`` and its templates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.harness.checks import NotApplicable, check
from assay.harness.checks._values import as_text, short
from assay.harness.checks.digests import DigestError, matches
from assay.harness.checks.terms import named_types
from assay.harness.material import UNTP_KINDS, Document, Node
from assay.harness.results import Finding
from assay.profiles.untp_0_7 import CLASSES

__all__: list[str] = []

_CLASS = "RenderTemplate2024"
_SLOT = re.compile(r"\{\{\{?([^{}]{1,200})\}")
"""A place of a Mustache or Handlebars template that content is put into."""
_NAMES = frozenset({"name", "registeredName", "id"})
_W3C_CLASS = "TemplateRenderMethod"


@check("RND-001", kinds=UNTP_KINDS)
def can_be_shown(document: Document) -> Iterator[Finding]:
    """A credential says how people can read it."""
    if not document.value.get("renderMethod"):
        yield Finding(
            at=document.at(),
            expected="renderMethod with at least one template",
            received="none",
            hint="Add a template; a person who scans the code sees raw JSON otherwise.",
        )


@check("RND-003", cls=_CLASS, basis="schema", silent_when_certified=True)
def render_method_fits_the_schema(node: Node) -> Iterator[Finding]:
    """By the published schema: a RenderTemplate2024, with the members of that class only."""
    known = {"type", *CLASSES[_CLASS].by_name}
    stated = named_types(node)
    extra = sorted(set(node.value) - known)
    if (stated and _CLASS not in stated) or extra:
        yield Finding(
            at=node.at(),
            expected=f"{_CLASS} with {', '.join(sorted(known))}",
            received=f"{', '.join(stated)} with {', '.join(extra) or 'known members'}",
            basis="schema",
        )


@check("RND-003", cls=_CLASS, basis="text", silent_when_certified=True)
def render_method_is_known_to_the_w3c(node: Node) -> Iterator[Finding]:
    """By the text, which follows the W3C: a RenderTemplate2024 or the TemplateRenderMethod that replaced it."""
    stated = named_types(node)
    if stated and not {_CLASS, _W3C_CLASS}.intersection(stated):
        yield Finding(
            at=node.at("type"),
            expected=f"{_CLASS} or {_W3C_CLASS}",
            received=", ".join(stated),
            basis="text",
        )


@check("RND-004", cls=_CLASS, silent_when_certified=True)
def render_method_states_its_class(node: Node) -> Iterator[Finding]:
    """A template without its class loses media query, template and address in JSON-LD."""
    if not named_types(node):
        yield Finding(
            at=node.at(),
            expected=f"type with {_CLASS}",
            received="no type",
            hint="The schema lets it pass, JSON-LD drops the template.",
        )


@check("RND-005", cls=_CLASS)
def render_method_has_a_template(node: Node) -> Iterator[Finding]:
    """A render method holds its template or says where it is."""
    if not as_text(node.value.get("template")) and not as_text(node.value.get("url")):
        yield Finding(
            at=node.at(),
            expected="template or url",
            received="neither",
            hint="Give the template itself, or the address it can be fetched from.",
        )


@check("RND-007", cls=_CLASS)
def template_matches_its_digest(node: Node) -> Iterator[Finding]:
    """The digest of a render method is the digest of the template that stands beside it."""
    digest, template = node.value.get("digestMultibase"), node.value.get("template")
    if not isinstance(digest, str):
        raise NotApplicable("no digestMultibase")
    try:
        if not isinstance(template, str):
            raise NotApplicable("the template has to be fetched")
        if matches(digest, template.encode("utf-8", "surrogatepass")):
            return
        received = "the digest of something else"
    except DigestError as error:
        received = f"{short(digest)}: {error}"
    yield Finding(
        at=node.at("digestMultibase"),
        expected="the multihash of the template's UTF-8 bytes, in multibase",
        received=received,
        hint="Compute the digest after the last change of the template.",
    )


@check("RND-008", cls=_CLASS)
def template_shows_the_subject(node: Node) -> Iterator[Finding]:
    """A template that stands in the credential shows something of its subject: a name at least."""
    template = node.value.get("template")
    if not isinstance(template, str):
        raise NotApplicable("the template has to be fetched")
    named = {slot.strip("#/^&! ").rpartition(".")[2].rpartition(" ")[2] for slot in _SLOT.findall(template)}
    if not named & _NAMES:
        shown = ", ".join(sorted(named)[:5])
        yield Finding(
            at=node.at("template"),
            expected="a place for the name of the subject, {{credentialSubject.name}}",
            received=f"places for {short(shown)}" if named else "no place for anything of the credential",
            hint="Whoever looks at the rendering has to see what the credential is about, and what it claims.",
        )


@check("RND-009", kinds=UNTP_KINDS, silent_when_certified=True)
def draft_property_is_gone(document: Document) -> Iterator[Finding]:
    """The draft of 0.7 called the property renderTemplate2024; the release calls it renderMethod."""
    if "renderTemplate2024" in document.value:
        yield Finding(
            at=document.at("renderTemplate2024"),
            expected="renderMethod, an array",
            received="renderTemplate2024",
            hint="Rename the property and put the template into an array.",
        )
