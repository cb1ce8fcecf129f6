"""A plan's requests: the bundle that is sent, and what the door decodes of it.

Decoding takes most of ten milliseconds, so each item of each shape is decoded once, alone; joined
with others, and with the names and days of the case put in, it is the request that the door would
have decoded.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from samples.generate import CLAIMS, ITEMS, Document, Item, clinic_name, request_bundle
from shared.contracts.pas import read_submit
from shared.domain.prior_authorization.codes import CertificationType
from shared.domain.prior_authorization.request import (
    NPI,
    AuthorizationRequest,
    Identifier,
    Party,
)
from shared.ports.intake import Received
from tests.simulation.plan import Asked, Plan

SHAPE, SHAPE_DAY = "shape", date(2026, 12, 1)
STAY = timedelta(days=20)


def received(plan: Plan, kind: str, items: tuple[Asked, ...], *, at: datetime) -> Received:
    """A request of the plan as a door hands it over.

    Args:
        kind: "new", "update" or "cancel"; the later ones name the first by its identifier.
    """
    shape = _joined(
        [
            _shape(kind, asked, plan.urgency, plan.certification, needed_documents(plan, (asked,)))
            for asked in items
        ]
    )
    name, first_day = name_of(plan, kind), first_day_of(plan)
    request = replace(
        shape,
        identifier=Identifier(CLAIMS, name),
        created=at,
        member=replace(shape.member, value=plan.member_number),
        requestor=Party(Identifier(NPI, plan.provider), clinic_name(plan.provider)),
        replaces=None if kind == "new" else Identifier(CLAIMS, plan.identifier),
        items=tuple(
            replace(
                item,
                served_from=first_day,
                served_to=first_day + STAY,
                trace_numbers=(Identifier(ITEMS, f"{name}-{item.sequence}"),),
            )
            for item in shape.items
        ),
    )
    if kind != "new":
        request = replace(request, prior_asked=_asked_before(request, plan, items[0]))
    bundle: Mapping[str, Any] = {"resourceType": "Bundle", "identifier": {"value": name}}
    return Received(
        kind=kind,
        request=request,
        bundle=bundle,
        submitted_by=plan.provider,
        via="http",
        received_at=at,
    )


def _asked_before(request: AuthorizationRequest, plan: Plan, first: Asked) -> str:
    """What the prior claim in the bundle asks: a sample names its first item, and no diagnosis."""
    first_as_asked = replace(first, change="")
    [item] = _shape("new", first_as_asked, plan.urgency, plan.certification, ()).items
    first_day = first_day_of(plan)
    served = replace(item, served_from=first_day, served_to=first_day + STAY)
    return replace(request, items=(served,), diagnosis_codes=()).asked


def bundle_of(plan: Plan, kind: str, items: tuple[Asked, ...], *, at: datetime) -> dict[str, Any]:
    """The PAS bundle of a request, as the provider's system sends it."""
    return request_bundle(
        identifier=name_of(plan, kind),
        member_id=plan.member_number,
        provider_npi=plan.provider,
        items=[_item(asked, first_day_of(plan), plan.certification) for asked in items],
        urgency=plan.urgency,
        created=at.isoformat(),
        documents=[Document(*pair) for pair in needed_documents(plan, items)],
        replaces="" if kind == "new" else plan.identifier,
        cancels=kind == "cancel",
    )


def name_of(plan: Plan, kind: str) -> str:
    """The identifier of a Claim; an update or a cancellation has its own."""
    return plan.identifier if kind == "new" else f"{plan.identifier}-{kind}"


def first_day_of(plan: Plan) -> date:
    """The first day of service."""
    return (plan.arrives_at + timedelta(days=2)).date()


def needed_documents(plan: Plan, items: tuple[Asked, ...]) -> tuple[tuple[str, str], ...]:
    """The documents that come along: all that are needed, or none."""
    needed = dict.fromkeys(pair for asked in items for pair in asked.service.documents)
    return tuple(needed) if plan.brings_documents else ()


def _item(asked: Asked, first_day: date, certification: str) -> Item:
    return Item(
        certification=certification,
        code=asked.service.code,
        category=asked.service.category,
        quantity=asked.quantity,
        change=asked.change,
        served_from=first_day.isoformat(),
        served_to=(first_day + STAY).isoformat(),
    )


def _joined(parts: list[AuthorizationRequest]) -> AuthorizationRequest:
    """One request of several that have an item each, or none where the case is cancelled."""
    kinds = {part.certification_type for part in parts}
    return replace(
        parts[0],
        certification_type=kinds.pop() if len(kinds) == 1 else CertificationType.INITIAL,
        items=tuple(
            replace(item, sequence=number)
            for number, part in enumerate(parts, start=1)
            for item in part.items
        ),
        documents=tuple(dict.fromkeys(each for part in parts for each in part.documents)),
    )


@cache
def _shape(
    kind: str,
    asked: Asked,
    urgency: str,
    certification: str,
    documents: tuple[tuple[str, str], ...],
) -> AuthorizationRequest:
    bundle = request_bundle(
        identifier=SHAPE,
        member_id=SHAPE,
        provider_npi="1234567893",
        items=[_item(asked, SHAPE_DAY, certification)],
        urgency=urgency,
        documents=[Document(*pair) for pair in documents],
        replaces="" if kind == "new" else "prior",
        cancels=kind == "cancel",
    )
    return read_submit(json.dumps(bundle).encode()).request
