"""Searching a FHIR server: pages, refusals, time-outs."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from aiohttp import ClientTimeout

from shared.adapters.fhir.server import PAGES_MAX, FhirServer
from shared.errors import PermanentError, TransientError
from tests.shared.adapters.fhir.conftest import SmallFhirServer

ORGANISATIONS = [{"resourceType": "Organization", "id": str(number)} for number in range(5)]


@pytest.fixture
async def server(fhir: SmallFhirServer) -> AsyncGenerator[FhirServer]:
    opened = FhirServer(fhir.url + "/", token="t0ken")
    yield opened
    await opened.close()


async def test_every_page_is_read_with_the_token(fhir: SmallFhirServer, server: FhirServer) -> None:
    fhir.held = [*ORGANISATIONS, {"resourceType": "Patient", "id": "p"}]
    found = await server.search("Organization", {})
    assert [each["id"] for each in found] == ["0", "1", "2", "3", "4"]
    assert [token for _, token in fhir.asked] == ["Bearer t0ken"] * 3


async def test_without_a_token_none_is_sent(fhir: SmallFhirServer) -> None:
    open_server = FhirServer(fhir.url)
    assert await open_server.search("Organization", {}) == []
    await open_server.close()
    assert [token for _, token in fhir.asked] == [""]


async def test_pages_without_end_are_refused(fhir: SmallFhirServer, server: FhirServer) -> None:
    fhir.next_url = f"{fhir.url}/Organization"
    with pytest.raises(PermanentError, match="pages"):
        await server.search("Organization", {})
    assert len(fhir.asked) == PAGES_MAX


async def test_the_token_goes_to_no_other_host(fhir: SmallFhirServer, server: FhirServer) -> None:
    fhir.next_url = "http://127.0.0.1:9/r4/Organization"
    with pytest.raises(PermanentError, match="another host"):
        await server.search("Organization", {})


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_plea_for_patience_is_transient(
    fhir: SmallFhirServer, server: FhirServer, status: int
) -> None:
    fhir.status = status
    with pytest.raises(TransientError, match=str(status)):
        await server.search("Patient", {"identifier": "M-1001"})


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
async def test_a_refusal_is_permanent(
    fhir: SmallFhirServer, server: FhirServer, status: int
) -> None:
    fhir.status = status
    with pytest.raises(PermanentError, match=str(status)):
        await server.search("Patient", {"identifier": "M-1001"})


@pytest.mark.parametrize("body", ["<html>", '{"resourceType": "Patient"}', "[]", "\udcff"])
async def test_what_is_no_bundle_is_permanent(
    fhir: SmallFhirServer, server: FhirServer, body: str
) -> None:
    fhir.body = body.encode(errors="replace").decode()
    with pytest.raises(PermanentError):
        await server.search("Patient", {"identifier": "M-1001"})


async def test_a_server_that_does_not_answer_in_time_is_transient() -> None:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    server = FhirServer(f"http://127.0.0.1:{port}", timeout=ClientTimeout(total=0.05))
    with pytest.raises(TransientError) as caught:
        await server.search("Patient", {"identifier": "M-1001"})
    assert "M-1001" not in str(caught.value)
    await server.close()
    silent.close()
    await silent.wait_closed()
