"""The subscription door: a provider organisation asks to hear when a pend ends."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.pas import Subscription, read_subscription
from shared.contracts.prior_authorization import SUBSCRIPTION, SubscriptionRef
from shared.ports.subscribing import (
    find_subscription,
    known_by,
    subscribe,
    unsubscribe,
)
from shared.ports.subscriptions import SubscriptionRow
from shared.queries.subscription_view import subscription_status, view_subscription
from triggers.durable_client import durable_client
from triggers.http.answers import FHIR, fhir_base, fhir_door, json_answer
from triggers.stories import start

MINIMAL = "return=minimal"

subscriptions = df.Blueprint()


@subscriptions.route(route="api/fhir/Subscription", methods=["POST"])
@durable_client(subscriptions)
@fhir_door
async def create_subscription(
    req: func.HttpRequest, client: df.DurableFunctionsClient
) -> func.HttpResponse:
    """Keep a subscription, and start the greeting of its endpoint.

    Source: Da Vinci PAS, profile subscription; FHIR R4, create, with Prefer return=minimal.
    """
    row = await _subscribed(read_subscription(req.get_body()), req, client)
    headers = {"Location": row.url}
    if MINIMAL in req.headers.get("prefer", ""):
        headers["Preference-Applied"] = MINIMAL
        return func.HttpResponse(status_code=201, headers=headers)
    return json_answer(_viewed(row), status=201, mimetype=FHIR, headers=headers)


@subscriptions.route(route="api/fhir/Subscription/{subscription_id}", methods=["GET"])
@fhir_door
async def read_one(req: func.HttpRequest) -> func.HttpResponse:
    """Answer a subscription with where it stands."""
    row = await find_subscription(ports().subscriptions, req.route_params["subscription_id"])
    return json_answer(_viewed(row), mimetype=FHIR)


@subscriptions.route(route="api/fhir/Subscription/{subscription_id}/$status", methods=["GET"])
@fhir_door
async def read_status(req: func.HttpRequest) -> func.HttpResponse:
    """Answer where a subscription stands, and how many events it has had.

    Source: Subscriptions R5 Backport 1.1.0, operation backport-subscription-status.
    """
    known = ports()
    row = await find_subscription(known.subscriptions, req.route_params["subscription_id"])
    status = await subscription_status(row, known.subscriptions, at=known.clock.now())
    return json_answer(status, mimetype=FHIR)


@subscriptions.route(route="api/fhir/Subscription/{subscription_id}", methods=["PUT"])
@durable_client(subscriptions)
@fhir_door
async def update_subscription(
    req: func.HttpRequest, client: df.DurableFunctionsClient
) -> func.HttpResponse:
    """Put another subscription of the same organisation in its place, and greet its endpoint."""
    named = req.route_params["subscription_id"]
    await find_subscription(ports().subscriptions, named)
    asked = known_by(read_subscription(req.get_body()), named)
    return json_answer(_viewed(await _subscribed(asked, req, client)), mimetype=FHIR)


@subscriptions.route(route="api/fhir/Subscription/{subscription_id}", methods=["DELETE"])
@fhir_door
async def delete_subscription(req: func.HttpRequest) -> func.HttpResponse:
    """Forget a subscription; one that is gone already is gone."""
    await unsubscribe(ports().subscriptions, req.route_params["subscription_id"])
    return func.HttpResponse(status_code=204)


async def _subscribed(
    asked: Subscription, req: func.HttpRequest, client: df.DurableFunctionsClient
) -> SubscriptionRow:
    known = ports()
    row = await subscribe(
        known.subscriptions,
        known.clock,
        asked,
        fhir_base=fhir_base(req),
        allows_local=known.settings.is_development,
    )
    instance_id = f"{row.subscription_id}.{row.created_at:%Y%m%dT%H%M%S%f}"
    await start(client, SUBSCRIPTION, SubscriptionRef(row.subscription_id), instance_id=instance_id)
    return row


def _viewed(row: SubscriptionRow) -> dict[str, object]:
    return view_subscription(row, at=ports().clock.now())
