"""Digital Traceability Events: make, move and modify events, what went in, what came out, and who was there."""

from __future__ import annotations

from collections.abc import Iterator

from assay.harness.checks import check
from assay.harness.checks._values import as_number, as_text, identifier, mappings, related, short, slug
from assay.harness.checks.links import link_kind
from assay.harness.material import CredentialSet, Document, Kind, Node
from assay.harness.results import Finding

__all__ = ["FITTING"]

EVENTS = ("MakeEvent", "MoveEvent", "ModifyEvent")

FITTING = {
    "inputProduct": frozenset({"consumed", "recycled", "disposed"}),
    "outputProduct": frozenset({"new", "active", "recycled", "disposed"}),
    "movedProduct": frozenset({"inTransit", "recalled", "expired", "disposed"}),
    "modifiedProduct": frozenset({"active", "repaired", "recalled", "expired", "recycled", "disposed"}),
}
"""What can have become of a product by the event, by the list it stands in: inputs are gone, outputs exist, moved goods are
on their way. Recalls, waste and recycling are let pass where they make sense (the specification names only the main ones)."""


@check("DTE-002", kinds=(Kind.DTE,))
def something_happened(document: Document) -> Iterator[Finding]:
    """There is at least one event; the UNTP schema lets an empty list pass, the W3C data model does not."""
    if isinstance(document.value, dict) and document.value.get("credentialSubject") == []:
        yield Finding(
            at=document.at("credentialSubject"),
            expected="at least one event",
            received="an empty list",
            hint="A credential without a subject says nothing.",
        )


@check("DTE-003", kinds=(Kind.DTE,), silent_when_certified=True)
def event_is_of_one_kind(document: Document) -> Iterator[Finding]:
    """Each event is a make, a move or a modify event, and only one of them."""
    for node in document.nodes("LifecycleEvent"):
        yield _of_one_kind(node, "none of the three, by type and members")
    for node in document.nodes(*EVENTS):
        types = node.value.get("type")
        named = [name for name in EVENTS if isinstance(types, list) and name in types]
        if isinstance(types, list) and len(named) != 1:
            yield _of_one_kind(node, short(", ".join(map(str, types)) or "no type"))


def _of_one_kind(node: Node, received: str) -> Finding:
    return Finding(
        at=node.at("type"),
        expected="MakeEvent, MoveEvent or ModifyEvent, one of them",
        received=received,
        hint="The event types of 0.6 are gone: transformations make, transactions move, the others modify.",
    )


@check("DTE-012", cls="MakeEvent")
def made_of_something(node: Node) -> Iterator[Finding]:
    """A make event has at least one input and one output; the schema lets empty lists pass."""
    for member in ("inputProduct", "outputProduct"):
        if node.value.get(member) == []:
            yield Finding(
                at=node.at(member),
                expected="at least one product",
                received="an empty list",
                hint="Ore from the ground has no input: use the resource in place, or the blast, as input product.",
            )


@check("DTE-020", cls="EventProduct")
def quantity_is_given(node: Node) -> Iterator[Finding]:
    """Products that are not serialised come with a quantity."""
    product = related(node.value, "product")
    serialised = product.get("idGranularity") == "item" or bool(as_text(product.get("itemNumber")))
    if not serialised and not related(node.value, "quantity"):
        yield Finding(
            at=node.at(),
            expected="quantity with value and unit",
            received="none",
            hint="Without quantities nobody can tell how much of a batch was used.",
        )


@check("DTE-021", cls="EventProduct")
def disposition_is_recorded(node: Node) -> Iterator[Finding]:
    """It is recorded what has become of each product by the event; the schema leaves it optional."""
    if not node.value.get("disposition"):
        yield Finding(
            at=node.at(),
            expected="disposition",
            received="none",
            hint="consumed for inputs, new for outputs, inTransit for goods on their way.",
        )


@check("DTE-023", cls=EVENTS)
def disposition_fits(node: Node) -> Iterator[Finding]:
    """The disposition of a product fits its part in the event."""
    for member, fitting in FITTING.items():
        for position, item in mappings(node.value.get(member)):
            disposition = as_text(item.get("disposition"))
            if disposition in _ALL and disposition not in fitting:
                yield Finding(
                    at=node.at(member, position, "disposition"),
                    expected=" or ".join(sorted(fitting)),
                    received=disposition,
                    hint="The disposition is the state after the event.",
                )


_ALL = frozenset().union(*FITTING.values())
"""Every status of the code list; others are the business of the schema."""


@check("DTE-024", cls=EVENTS)
def parties_are_named(node: Node) -> Iterator[Finding]:
    """The parties of an event and their roles are identified; the schema leaves them optional."""
    if not any(identifier(item.get("party")) for _, item in mappings(node.value.get("relatedParty"))):
        yield Finding(
            at=node.at("relatedParty"),
            expected="at least one party with its role",
            received="none",
            hint="Name who made, sent, received or serviced the product.",
        )


@check("DTE-025", kinds=(Kind.DTE,), silent_when_certified=True)
def roles_are_in_the_list(document: Document) -> Iterator[Finding]:
    """The role of a party of an event is one of the closed list of party roles."""
    for error in document.schema_errors:
        if error.path[2:3] == ("relatedParty",) and "PartyRole.role" in error.places[:1]:
            yield Finding(
                at=document.at(*error.path),
                expected="a code of the list of party roles",
                received=short(error.message, 300),
                hint="The sender is the consignor, the receiver the consignee.",
            )


@check("DTE-028", cls=EVENTS)
def event_links_credentials(node: Node) -> Iterator[Finding]:
    """An event links the passports or certificates that belong to it."""
    links = [link for _, link in mappings(node.value.get("relatedDocument"))]
    if not any(link_kind(link) in ("dpp", "dcc") for link in links):
        yield Finding(
            at=node.at("relatedDocument") if links else node.at(),
            expected="relatedDocument with a link of type dpp or dcc",
            received=f"{len(links)} links, none of these types" if links else "no relatedDocument",
            hint="Link the passport of the product that was made, moved or modified.",
        )


@check("DTE-036", whole_set=True)
def batches_keep_their_names(material: CredentialSet) -> Iterator[Finding]:
    """A batch or item identifier stands for the same batch number in every event."""
    first: dict[str, tuple[str, str]] = {}
    for document in material.documents:
        if document.kind is not Kind.DTE:
            continue
        for node in document.nodes("EventProduct"):
            product = related(node.value, "product")
            uri, batch = identifier(product), as_text(product.get("batchNumber"))
            if not uri or not batch or product.get("idGranularity") not in ("batch", "item"):
                continue
            known, source = first.setdefault(uri, (batch, document.source))
            if batch != known:
                yield Finding(
                    at=node.at("product", "batchNumber"),
                    expected=f"{short(known)}, as in {short(source)}",
                    received=short(batch),
                    hint="One identifier names one batch; a new batch needs an identifier of its own.",
                )


@check("DTE-037", whole_set=True)
def both_sides_record_a_move(material: CredentialSet) -> Iterator[Finding]:
    """Sender and receiver each record the move of a consignment.

    A side is only missed when it takes part in the set with another credential: the records of strangers may lie
    elsewhere.
    """
    issuers = {_issuer(document) for document in material.documents}
    recorded: dict[str, set[str]] = {}
    moves: list[tuple[Node, str]] = []
    for document in material.documents:
        if document.kind is not Kind.DTE:
            continue
        for node in document.nodes("MoveEvent"):
            consignment = as_text(node.value.get("consignmentId"))
            if consignment:
                recorded.setdefault(consignment, set()).add(_issuer(document))
                moves.append((node, consignment))
    for node, consignment in moves:
        for _, item in mappings(node.value.get("relatedParty")):
            side, party = as_text(item.get("role")), identifier(item.get("party"))
            if side in ("consignor", "consignee") and party in issuers and party not in recorded[consignment]:
                yield Finding(
                    at=node.at("consignmentId"),
                    expected=f"a move event of the {side} too, {short(party)}",
                    received=f"records of {short(', '.join(sorted(recorded[consignment])))} only",
                    hint="Let each side issue its own event with the same consignmentId.",
                )


def _issuer(document: Document) -> str:
    return identifier(related(document.value, "issuer"))


_PACKING = frozenset({"packing", "unpacking", "repackaging"})
"""Business steps (GS1 CBV) that put items into a bundle or take them out, and change nothing else."""
_SLACK = 0.005
"""Share of the larger side that may be missing beyond the stated tolerances: what scales round away."""


@check("DTE-031", cls="MakeEvent")
def bundle_is_the_sum_of_its_items(node: Node) -> Iterator[Finding]:
    """Where items are packed or unpacked, all of them have quantities, and both sides come to the same."""
    if slug(as_text(related(node.value, "activityType").get("code"))) not in _PACKING:
        return
    totals: dict[str, dict[str, float]] = {}
    slack = 0.0
    for member in ("inputProduct", "outputProduct"):
        for position, item in mappings(node.value.get(member)):
            quantity = related(item, "quantity")
            value, unit = as_number(quantity.get("value")), as_text(quantity.get("unit"))
            if value is None or not unit:
                yield Finding(
                    at=node.at(member, position, "quantity"),
                    expected="a quantity, so that the bundle can be allocated to its items",
                    received="none",
                )
                return
            sides = totals.setdefault(unit, {})
            sides[member] = sides.get(member, 0.0) + value
            slack += max(
                as_number(quantity.get(name)) or 0.0 for name in ("upperTolerance", "lowerTolerance")
            )
    for unit, sides in totals.items():
        into, out = sides.get("inputProduct"), sides.get("outputProduct")
        if into is not None and out is not None and abs(into - out) > slack + _SLACK * max(into, out):
            yield Finding(
                at=node.at("outputProduct"),
                expected=f"{into:g} {unit}, what was packed or unpacked",
                received=f"{out:g} {unit}",
                hint="A bundle weighs what its items weigh; leave the packaging out, or list it.",
            )


@check("DTE-038", cls="ModifyEvent")
def modified_product_stays_itself(node: Node) -> Iterator[Finding]:
    """A modify event changes a product that stays the one it was: nothing is used up, nothing comes into being."""
    for member in ("inputProduct", "outputProduct"):
        if node.value.get(member):
            yield Finding(
                at=node.at(member),
                expected="modifiedProduct only",
                received=f"{member} in a modify event",
                hint="What turns one product into another is a make event.",
            )
    for position, item in mappings(node.value.get("modifiedProduct")):
        if item.get("disposition") in ("new", "consumed"):
            yield Finding(
                at=node.at("modifiedProduct", position, "disposition"),
                expected="a disposition of a product that goes on existing",
                received=as_text(item.get("disposition")),
                hint="Record it as a make event.",
            )
