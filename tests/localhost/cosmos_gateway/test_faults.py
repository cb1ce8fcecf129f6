import time
from pathlib import Path

import aiohttp
import pytest
from azure.core.exceptions import HttpResponseError
from azure.cosmos.aio import ContainerProxy

from localhost.cosmos_gateway.answers import ApiError
from localhost.cosmos_gateway.faults import Faults
from localhost.cosmos_gateway.server import Gateway

ITEM = {"id": "1", "caseId": "a"}


async def test_the_sdk_waits_out_a_throttle(cases: ContainerProxy, gateway: Gateway) -> None:
    gateway.faults.throttle(3, retry_after_ms=20)
    started = time.perf_counter()
    await cases.create_item(ITEM)
    assert time.perf_counter() - started >= 0.06
    assert (await cases.read_item("1", "a"))["id"] == "1"


async def test_a_throttle_longer_than_the_sdks_patience_reaches_the_caller(
    cases: ContainerProxy, gateway: Gateway
) -> None:
    gateway.faults.throttle(100, retry_after_ms=1)
    with pytest.raises(HttpResponseError) as refused:
        await cases.create_item(ITEM)
    assert refused.value.status_code == 429
    gateway.faults.clear()
    await cases.create_item(ITEM)


async def test_faults_are_asked_for_over_http(cases: ContainerProxy, gateway: Gateway) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"{gateway.endpoint}_careloom/throttle"
        async with session.post(url, json={"count": 2, "retry_after_ms": 1}) as answer:
            assert await answer.json() == {"waiting": 2}
        await cases.create_item(ITEM)
        async with session.post(f"{gateway.endpoint}_careloom/clear") as answer:
            assert await answer.json() == {"waiting": 0}
        async with session.post(f"{gateway.endpoint}_careloom/flood") as answer:
            assert answer.status == 400


async def test_an_unavailable_service_reaches_the_caller_as_503(
    cases: ContainerProxy, gateway: Gateway
) -> None:
    gateway.faults.unavailable(50)
    with pytest.raises(HttpResponseError) as refused:
        await cases.create_item(ITEM)
    assert refused.value.status_code == 503
    gateway.faults.clear()


async def test_a_slow_request_is_served_late(cases: ContainerProxy, gateway: Gateway) -> None:
    gateway.faults.slow(1, delay_ms=100)
    started = time.perf_counter()
    await cases.create_item(ITEM)
    assert time.perf_counter() - started >= 0.1


async def test_a_lost_answer_leaves_the_work_done(cases: ContainerProxy, gateway: Gateway) -> None:
    gateway.faults.lose_answers(1)
    # The SDK tries again by itself, and finds its own work.
    with pytest.raises(HttpResponseError) as refused:
        await cases.create_item(ITEM)
    assert refused.value.status_code == 409
    assert (await cases.read_item("1", "a"))["id"] == "1"


@pytest.mark.parametrize("count", [0, -1, 10**9])
def test_a_count_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(ApiError):
        Faults().throttle(count)


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "slow", "lost_answer", "clear"])
def test_the_page_names_every_fault(kind: str) -> None:
    page = Path(__file__).parents[3] / "docs/cosmos-gateway.md"
    assert f"`/_careloom/{kind}`" in page.read_text()
    assert Faults().command(f"/_careloom/{kind}", '{"count": 1}').status == 200
