"""The management API of durable instances, as create_check_status_response points to it.

Source: https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api
Every call needs the system key of the Durable extension, which its URLs carry, or the master key.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import uuid4

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web
from google.protobuf.wrappers_pb2 import StringValue

from localhost.functions_host import instance_view as view
from localhost.functions_host import management_arguments as asked
from localhost.functions_host.http_front import offered_key
from localhost.functions_host.keys import matches
from localhost.taskhub.errors import InstanceExists, InstanceNotFound, InvalidRequest, WrongState
from shared.errors import CareloomError, TransientError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from localhost.functions_host.keys import Keys
    from localhost.taskhub.hub import TaskHub

BASE = "/runtime/webhooks/durabletask"
CONTINUATION = "x-ms-continuation-token"
FIRST_POLL_SECONDS, POLL_SECONDS = "10", "5"
"""When to look after an instance that was started, and at one that still runs."""

type Refusals = dict[type[CareloomError], int]
type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_REFUSALS: Refusals = {
    InvalidRequest: 400,
    InstanceNotFound: 404,
    InstanceExists: 409,
    WrongState: 410,
    TransientError: 503,
}
_OF_REWIND = _REFUSALS | {WrongState: 412}
_OF_RESTART = _REFUSALS | {InstanceNotFound: 400, WrongState: 409}


class Management:
    """Answers below /runtime/webhooks/durabletask.

    Args:
        client: the JSON that durable client bindings receive.
    """

    def __init__(self, hub: TaskHub, keys: Keys, client: str) -> None:
        self._hub = hub
        self._keys = keys
        self._query = json.loads(client)["requiredQueryStringParameters"]

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        instance = f"{BASE}/instances/{{id}}"
        entity = f"{BASE}/entities/{{name}}/{{key}}"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", f"{BASE}/{{_:instances/?}}", self._list),
            ("DELETE", f"{BASE}/{{_:instances/?}}", self._purge_many),
            ("GET", instance, self._status),
            ("DELETE", instance, self._purge),
            ("POST", f"{instance}/raiseEvent/{{event}}", self._raise_event),
            ("POST", f"{instance}/terminate", self._terminate),
            ("POST", f"{instance}/suspend", self._suspend),
            ("POST", f"{instance}/resume", self._resume),
            ("POST", f"{BASE}/orchestrators/{{name}}", self._start),
            ("POST", f"{BASE}/orchestrators/{{name}}/{{id}}", self._start),
            ("GET", f"{BASE}/entities", self._list_entities),
            ("GET", f"{BASE}/entities/{{name}}", self._list_entities),
            ("GET", entity, self._entity),
            ("POST", entity, self._signal),
            ("DELETE", entity, self._signal),
        ]
        for method, path, handler in routes:
            router.add_route(method, path, self._guarded(handler, _REFUSALS))
        router.add_post(f"{instance}/rewind", self._guarded(self._rewind, _OF_REWIND))
        router.add_post(f"{instance}/restart", self._guarded(self._restart, _OF_RESTART))

    def _guarded(self, handler: Handler, refusals: Refusals) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if not matches(offered_key(request), [self._keys.durable, self._keys.master]):
                return web.Response(status=401)
            try:
                return await handler(request)
            except CareloomError as refusal:
                return web.Response(status=_status_of(refusal, refusals), text=str(refusal))

        return guarded

    async def _status(self, request: web.Request) -> web.Response:
        found = await self._hub.get_instance(
            pb.GetInstanceRequest(instanceId=request.match_info["id"], getInputsAndOutputs=True)
        )
        if not found.exists:
            return web.Response(status=404)
        return await self._shown(request, found.orchestrationState)

    async def _shown(self, request: web.Request, state: pb.OrchestrationState) -> web.Response:
        shown = view.instance(state, with_input=asked.flag(request, "showInput", default=True))
        if asked.flag(request, "showHistory"):
            past = pb.StreamInstanceHistoryRequest(instanceId=state.instanceId)
            events = [event async for chunk in self._hub.history(past) for event in chunk.events]
            shown["historyEvents"] = view.history(
                events,
                with_input=asked.flag(request, "showInput", default=True),
                with_output=asked.flag(request, "showHistoryOutput"),
            )
        if view.is_running(state):
            headers = {"Location": str(request.url), "Retry-After": POLL_SECONDS}
            return web.json_response(shown, status=202, headers=headers)
        failed = state.orchestrationStatus == pb.ORCHESTRATION_STATUS_FAILED
        as_error = failed and asked.flag(request, "returnInternalServerErrorOnFailure")
        return web.json_response(shown, status=500 if as_error else 200)

    async def _list(self, request: web.Request) -> web.Response:
        query = pb.InstanceQuery(
            runtimeStatus=asked.statuses(request),
            maxInstanceCount=asked.page_size(request),
            fetchInputsAndOutputs=True,
            createdTimeFrom=asked.moment(request, "createdTimeFrom"),
            createdTimeTo=asked.moment(request, "createdTimeTo"),
            instanceIdPrefix=asked.optional(request.query.get("instanceIdPrefix")),
            continuationToken=asked.optional(request.headers.get(CONTINUATION)),
        )
        page = await self._hub.query(pb.QueryInstancesRequest(query=query))
        with_input = asked.flag(request, "showInput")
        shown = [view.instance(each, with_input=with_input) for each in page.orchestrationState]
        headers = (
            {CONTINUATION: page.continuationToken.value} if page.continuationToken.value else {}
        )
        return web.json_response(shown, headers=headers)

    async def _purge(self, request: web.Request) -> web.Response:
        instance_id = request.match_info["id"]
        found = await self._hub.get_instance(pb.GetInstanceRequest(instanceId=instance_id))
        if found.exists and view.is_running(found.orchestrationState):
            return web.Response(status=412, text=f"{instance_id} has not ended")
        return _purged(await self._hub.purge(pb.PurgeInstancesRequest(instanceId=instance_id)))

    async def _purge_many(self, request: web.Request) -> web.Response:
        since = asked.moment(request, "createdTimeFrom")
        if since is None:
            raise web.HTTPBadRequest(text="createdTimeFrom is missing")
        filtered = pb.PurgeInstanceFilter(
            createdTimeFrom=since,
            createdTimeTo=asked.moment(request, "createdTimeTo"),
            runtimeStatus=asked.statuses(request),
        )
        return _purged(
            await self._hub.purge(pb.PurgeInstancesRequest(purgeInstanceFilter=filtered))
        )

    async def _raise_event(self, request: web.Request) -> web.Response:
        asked.refuse_all_but_json(request)
        instance_id, name = request.match_info["id"], request.match_info["event"]
        data = await asked.json_text(request)
        await self._hub.raise_event(
            pb.RaiseEventRequest(instanceId=instance_id, name=name, input=data)
        )
        return web.Response(status=202)

    async def _terminate(self, request: web.Request) -> web.Response:
        reason = request.query.get("reason")
        output = None if reason is None else StringValue(value=json.dumps(reason))
        instance_id = request.match_info["id"]
        await self._hub.terminate(pb.TerminateRequest(instanceId=instance_id, output=output))
        return web.Response(status=202)

    async def _suspend(self, request: web.Request) -> web.Response:
        instance_id, reason = request.match_info["id"], asked.optional(request.query.get("reason"))
        await self._hub.suspend(pb.SuspendRequest(instanceId=instance_id, reason=reason))
        return web.Response(status=202)

    async def _resume(self, request: web.Request) -> web.Response:
        instance_id, reason = request.match_info["id"], asked.optional(request.query.get("reason"))
        await self._hub.resume(pb.ResumeRequest(instanceId=instance_id, reason=reason))
        return web.Response(status=202)

    async def _rewind(self, request: web.Request) -> web.Response:
        instance_id, reason = request.match_info["id"], asked.optional(request.query.get("reason"))
        await self._hub.rewind(pb.RewindInstanceRequest(instanceId=instance_id, reason=reason))
        return web.Response(status=202)

    async def _restart(self, request: web.Request) -> web.Response:
        answer = await self._hub.restart(
            pb.RestartInstanceRequest(
                instanceId=request.match_info["id"],
                restartWithNewInstanceId=asked.flag(
                    request, "restartWithNewInstanceId", default=True
                ),
            )
        )
        return await self._started(request, answer.instanceId)

    async def _start(self, request: web.Request) -> web.Response:
        answer = await self._hub.start_instance(
            pb.CreateInstanceRequest(
                instanceId=request.match_info.get("id") or uuid4().hex,
                name=request.match_info["name"],
                version=asked.optional(request.query.get("version")),
                input=await asked.json_text(request),
                parentTraceContext=asked.trace_context(request),
            )
        )
        return await self._started(request, answer.instanceId)

    async def _started(self, request: web.Request, instance_id: str) -> web.Response:
        """Where to follow an instance, or how it ended if it did so in the time asked for."""
        if timeout_seconds := asked.timeout_seconds(request):
            wanted = pb.GetInstanceRequest(instanceId=instance_id, getInputsAndOutputs=True)
            try:
                async with asyncio.timeout(timeout_seconds):
                    ended = (await self._hub.wait_for_completion(wanted)).orchestrationState
            except TimeoutError:
                pass
            else:
                if ended.orchestrationStatus == pb.ORCHESTRATION_STATUS_COMPLETED:
                    output = ended.output.value or "null"
                    return web.Response(text=output, content_type="application/json")
                return await self._shown(request, ended)
        urls = self._management_urls(request, instance_id)
        headers = {"Location": urls["statusQueryGetUri"], "Retry-After": FIRST_POLL_SECONDS}
        return web.json_response(urls, status=202, headers=headers)

    def _management_urls(self, request: web.Request, instance_id: str) -> dict[str, str]:
        base = f"{request.url.origin()}{BASE}/instances/{quote(instance_id, safe='')}"
        query = self._query
        reasoned = {
            f"{verb}PostUri": f"{base}/{verb}?reason={{text}}&{query}"
            for verb in ("terminate", "rewind", "suspend", "resume")
        }
        return {
            "id": instance_id,
            "statusQueryGetUri": f"{base}?{query}",
            "sendEventPostUri": f"{base}/raiseEvent/{{eventName}}?{query}",
            "purgeHistoryDeleteUri": f"{base}?{query}",
            "restartPostUri": f"{base}/restart?{query}",
            **reasoned,
        }

    async def _entity(self, request: web.Request) -> web.Response:
        wanted = pb.GetEntityRequest(instanceId=asked.entity_id(request), includeState=True)
        answer = await self._hub.get_entity(wanted)
        if not answer.exists or not answer.entity.HasField("serializedState"):
            return web.Response(status=404)
        return web.Response(
            text=answer.entity.serializedState.value, content_type="application/json"
        )

    async def _signal(self, request: web.Request) -> web.Response:
        await self._hub.signal_entity(
            pb.SignalEntityRequest(
                instanceId=asked.entity_id(request),
                name="delete" if request.method == "DELETE" else request.query.get("op", ""),
                input=await asked.text_or_json(request),
                requestId=str(uuid4()),
            )
        )
        return web.Response(status=202)

    async def _list_entities(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name")
        query = pb.EntityQuery(
            instanceIdStartsWith=asked.optional(f"@{name.lower()}@" if name else None),
            lastModifiedFrom=asked.moment(request, "lastOperationTimeFrom"),
            lastModifiedTo=asked.moment(request, "lastOperationTimeTo"),
            includeState=asked.flag(request, "fetchState"),
            pageSize={"value": asked.page_size(request)},
            continuationToken=asked.optional(request.headers.get(CONTINUATION)),
        )
        page = await self._hub.query_entities(pb.QueryEntitiesRequest(query=query))
        shown = [view.entity(each) for each in page.entities]
        headers = (
            {CONTINUATION: page.continuationToken.value} if page.continuationToken.value else {}
        )
        return web.json_response(shown, headers=headers)


def _status_of(refusal: CareloomError, refusals: Refusals) -> int:
    """The HTTP status of what the hub refuses; what it did not refuse is a fault of ours."""
    return next((status for kind, status in refusals.items() if isinstance(refusal, kind)), 500)


def _purged(answer: pb.PurgeInstancesResponse) -> web.Response:
    count = answer.deletedInstanceCount
    return web.json_response({"instancesDeleted": count}, status=200 if count else 404)
