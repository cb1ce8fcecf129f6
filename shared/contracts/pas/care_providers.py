"""Who orders or renders the services of a request: by the numbers that its bundle gives them."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.names import EXTENSION
from shared.domain.prior_authorization.request import NPI, Identifier

_REQUESTED = EXTENSION + "requestedService"


def care_providers(bundle: Mapping[str, Any]) -> frozenset[Identifier]:
    """The national numbers of the care team, and of who ordered and who is to perform.

    A practitioner's role stands for its practitioner and its organisation.

    Args:
        bundle: a request as received, which was read without a fault.
    """
    entries = Entries(dict(bundle), Findings())
    claim = entries.first
    if claim is None:
        return frozenset()
    return frozenset(
        identifier
        for reference, holder in _references(claim, entries)
        for identifier in _numbers(reference, holder, entries)
        if identifier.system == NPI
    )


def _references(claim: Element, entries: Entries) -> Iterator[tuple[Element, Element]]:
    """Each reference to one of them, with the resource that holds it: the claim, or an order."""
    for member in claim.children("careTeam"):
        for reference in member.each("provider"):
            yield reference, claim
    for holder in (claim, *claim.children("item")):
        for extension in holder.extensions(_REQUESTED):
            requested = extension.child("valueReference")
            order = entries.find(requested.text("reference"), claim) if requested else None
            if order is None:
                continue
            for name in ("requester", "performer"):
                for reference in order.each(name):
                    yield reference, order


def _numbers(reference: Element, holder: Element, entries: Entries) -> Iterator[Identifier]:
    """The identifiers of whoever a reference means, and of those behind his role."""
    for logical in reference.each("identifier"):
        if identifier := logical.identifier():
            yield identifier
    resource = entries.find(reference.text("reference"), holder)
    if resource is None:
        return
    for element in resource.children("identifier"):
        if identifier := element.identifier():
            yield identifier
    if resource.text("resourceType") == "PractitionerRole":
        for name in ("practitioner", "organization"):
            for behind in resource.each(name):
                yield from _numbers(behind, resource, entries)
