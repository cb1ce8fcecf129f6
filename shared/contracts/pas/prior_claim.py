"""The claim that an update or a cancellation names, and what of it must be said again."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries, logical_identifier
from shared.contracts.pas.item_reading import item_numbers
from shared.contracts.pas.names import OBSERVATION_VALUE, RELATED_CLAIM, V2_2_1
from shared.domain.prior_authorization.codes import InfoChange
from shared.domain.prior_authorization.request import Identifier, ServiceItem


@dataclass(frozen=True, slots=True)
class PriorClaim:
    """The claim that is updated or cancelled.

    Attributes:
        identifier: None where it has none, which is then noted, or where none is named.
        services: sequence and service code of each of its items.
        claim: the claim itself, where the bundle holds it.
    """

    identifier: Identifier | None
    services: tuple[tuple[int, str], ...]
    claim: Element | None = None


def is_differential(claim: Element) -> bool:
    """Whether the claim says only what changes: it is tagged as SUBSETTED.

    Source: Da Vinci PAS 2.0.1, the example of a differential update.
    """
    meta = claim.child("meta")
    tags = meta.children("security") if meta else ()
    return any(
        tag.text("system") == OBSERVATION_VALUE and tag.text("code") == "SUBSETTED" for tag in tags
    )


def read_prior(
    claim: Element, entries: Entries, items: Iterable[ServiceItem], version: str
) -> PriorClaim:
    """The claim that this one updates or cancels.

    Where the bundle does not hold it, its items are those that the update does not add.

    Source:
        Da Vinci PAS 2.2.1, profile claim-update: related, and "each item requested in the updated
        claim and any prior versions of the claim"; 2.0.1 asks for the changed ones. A claim without
        items cancels them all.
    """
    related = list(claim.children("related"))
    if len(related) > 1:
        claim.error("structure", "An update names one prior claim.", "related")
    for relation in related[:1]:
        expected = {"prior"} if version == V2_2_1 else {"", "prior"}
        if relation.code("relationship", RELATED_CLAIM) not in expected:
            relation.error("value", "relationship must be prior.", "relationship")
        relation.required("claim")
        prior = entries.resolve(relation, "claim", {"Claim"}, holder=claim)
        if prior:
            is_full = version == V2_2_1 and not is_differential(claim)
            if is_full and "item" in claim.json:
                _check_complete(claim, prior, {item.sequence for item in items})
            return PriorClaim(_identifier_of(prior), _services_of(prior), prior)
        return PriorClaim(logical_identifier(relation, "claim"), _said_again(items))
    return PriorClaim(None, _said_again(items))


def _identifier_of(prior: Element) -> Identifier | None:
    found = next((i for each in prior.children("identifier") if (i := each.identifier())), None)
    if found is None:
        prior.error("required", "The prior claim has no identifier.", "identifier")
    return found


def _services_of(prior: Element) -> tuple[tuple[int, str], ...]:
    items = list(prior.children("item"))
    numbers = item_numbers([item.json.get("sequence") for item in items])
    return tuple(
        (number, services[0].code)
        for number, item in zip(numbers, items, strict=True)
        if (services := item.codings("productOrService"))
    )


def _said_again(items: Iterable[ServiceItem]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (item.sequence, item.service.code) for item in items if item.change is not InfoChange.ADDED
    )


def _check_complete(claim: Element, prior: Element, sequences: set[int]) -> None:
    """Note each item of the prior claim that the update leaves out."""
    for item in prior.children("item"):
        sequence = item.positive("sequence")
        if sequence is not None and sequence not in sequences:
            claim.error(
                "required",
                f"Item {sequence} of the prior claim is missing: an update says every item again, "
                "and cancels what is no longer asked for.",
                "item",
            )
