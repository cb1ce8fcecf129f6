"""Webhooks, against a real HTTP server on this machine."""

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web

from shared.adapters.messaging.rest_hook import SIGNATURE_HEADER, RestHookChannel
from shared.errors import TransientError
from tests.shared.ports.samples import a_dispatch


@dataclass
class Endpoint:
    """A subscriber.

    Attributes:
        status: what it answers; seen: the headers and bodies it was sent.
    """

    url: str = ""
    status: int = 200
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def endpoint() -> AsyncGenerator[Endpoint]:
    subscriber = Endpoint()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", subscriber.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    subscriber.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield subscriber
    await runner.cleanup()


@pytest.fixture
async def channel(endpoint: Endpoint) -> AsyncGenerator[RestHookChannel]:
    opened = RestHookChannel(fallback=endpoint.url, secret="s3cret")
    yield opened
    await opened.close()


async def test_a_notification_is_posted_as_fhir_and_signed(
    endpoint: Endpoint, channel: RestHookChannel
) -> None:
    assert await channel.send(a_dispatch())
    [(headers, body)] = endpoint.seen
    assert headers["Content-Type"] == "application/fhir+json"
    assert headers["Idempotency-Key"] == "case-1.decision.r1"
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers[SIGNATURE_HEADER] == f"sha256={expected}"
    assert json.loads(body) == a_dispatch().payload


async def test_without_a_secret_nothing_is_signed(endpoint: Endpoint) -> None:
    unsigned = RestHookChannel(allows_local=True)
    assert await unsigned.send(a_dispatch(address=endpoint.url))
    await unsigned.close()
    [(headers, _)] = endpoint.seen
    assert SIGNATURE_HEADER not in headers


async def test_without_an_endpoint_nobody_takes_it() -> None:
    assert not await RestHookChannel().send(a_dispatch())


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
async def test_a_refusal_is_for_good(
    endpoint: Endpoint, channel: RestHookChannel, status: int
) -> None:
    endpoint.status = status
    assert not await channel.send(a_dispatch())


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_plea_for_patience_is_transient(
    endpoint: Endpoint, channel: RestHookChannel, status: int
) -> None:
    endpoint.status = status
    with pytest.raises(TransientError, match=str(status)):
        await channel.send(a_dispatch())


async def test_a_redirect_is_not_followed(endpoint: Endpoint, channel: RestHookChannel) -> None:
    endpoint.status = 307
    assert not await channel.send(a_dispatch())
    assert len(endpoint.seen) == 1


async def test_an_endpoint_out_of_reach_is_transient() -> None:
    channel = RestHookChannel(fallback="http://127.0.0.1:9/")
    with pytest.raises(TransientError):
        await channel.send(a_dispatch())
    await channel.close()


async def test_a_subscriber_cannot_have_our_own_machine_called(endpoint: Endpoint) -> None:
    channel = RestHookChannel()
    assert not await channel.send(a_dispatch(address=endpoint.url))
    assert endpoint.seen == []
    await channel.close()


async def test_the_subscribers_headers_come_along_and_ours_stand(endpoint: Endpoint) -> None:
    channel = RestHookChannel(allows_local=True)
    wished = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    await channel.send(replace(a_dispatch(address=endpoint.url), headers=wished))
    [(headers, _)] = endpoint.seen
    assert headers["Authorization"] == "Bearer x"
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "case-1.decision.r1"
    await channel.close()
