"""A plan's requests, decoded from real bundles as the door decodes them.

Decoding takes most of ten milliseconds, so requests of the same shape are decoded once, and the
names and days of the case are put in.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from samples.generate import CLAIMS, ITEMS, Document, Item, request_bundle
from shared.contracts.pas import read_submit
from shared.domain.prior_authorization.request import AuthorizationRequest, Identifier
from shared.ports.intake import Received
from tests.simulation.plan import Asked, Plan

SHAPE = "shape"
STAY = timedelta(days=20)


def received(plan: Plan, kind: str, items: tuple[Asked, ...], *, at: datetime) -> Received:
    """A request of the plan as a door hands it over.

    Args:
        kind: "new", "update" or "cancel"; the later ones name the first by its identifier.
    """
    shape = _shape(kind, items, plan.urgency, needed_documents(plan, items))
    name, first_day = name_of(plan, kind), first_day_of(plan)
    request = replace(
        shape,
        identifier=Identifier(CLAIMS, name),
        created=at,
        member=replace(shape.member, value=plan.member_number),
        requestor=replace(
            shape.requestor, identifier=replace(shape.requestor.identifier, value=plan.provider)
        ),
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
    bundle: Mapping[str, Any] = {"resourceType": "Bundle", "identifier": {"value": name}}
    return Received(
        kind=kind,
        request=request,
        bundle=bundle,
        submitted_by=plan.provider,
        via="http",
        received_at=at,
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


@cache
def _shape(
    kind: str, items: tuple[Asked, ...], urgency: str, documents: tuple[tuple[str, str], ...]
) -> AuthorizationRequest:
    bundle = request_bundle(
        identifier=SHAPE,
        member_id=SHAPE,
        provider_npi="1234567893",
        items=[
            Item(
                code=asked.service.code,
                category=asked.service.category,
                quantity=asked.quantity,
                change=asked.change,
                served_to="2026-12-21",
            )
            for asked in items
        ],
        urgency=urgency,
        documents=[Document(*pair) for pair in documents],
        replaces="" if kind == "new" else "prior",
        cancels=kind == "cancel",
    )
    return read_submit(json.dumps(bundle).encode()).request
