"""A small FHIR server on this machine, that answers searches from what it holds."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

PAGE = 2


@dataclass
class SmallFhirServer:
    """Answers searches by identifier, beneficiary and status, two resources a page.

    Attributes:
        status: what it answers instead of 200; body: what it answers instead of a bundle.
        asked: each search with its Authorization header.
    """

    url: str = ""
    status: int = 200
    body: str = ""
    next_url: str = ""
    held: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def search(self, request: web.Request) -> web.Response:
        self.asked.append((request.path_qs, request.headers.get("Authorization", "")))
        if self.status != 200 or self.body:
            return web.Response(status=self.status, text=self.body)
        found = [each for each in self.held if self._fits(each, request)]
        start = int(request.query.get("_start", "0"))
        bundle: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": [{"relation": "self", "url": str(request.url)}],
            "entry": [{"resource": each} for each in found[start : start + PAGE]],
        }
        if self.next_url:
            bundle["link"].append({"relation": "next", "url": self.next_url})
        elif start + PAGE < len(found):
            following = request.url.update_query({"_start": str(start + PAGE)})
            bundle["link"].append({"relation": "next", "url": str(following)})
        return web.json_response(bundle, content_type="application/fhir+json")

    def _fits(self, resource: dict[str, Any], request: web.Request) -> bool:
        if resource["resourceType"] != request.match_info["kind"]:
            return False
        query = request.query
        identifiers = {
            text
            for each in resource.get("identifier", [])
            for text in (each["value"], f"{each['system']}|{each['value']}")
        }
        return (
            ("identifier" not in query or query["identifier"] in identifiers)
            and query.get("beneficiary") in {None, resource.get("beneficiary", {}).get("reference")}
            and query.get("status") in {None, resource.get("status")}
        )


@pytest.fixture
async def fhir() -> AsyncGenerator[SmallFhirServer]:
    small = SmallFhirServer()
    app = web.Application()
    app.router.add_get("/r4/{kind}", small.search)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    small.url = f"http://127.0.0.1:{runner.addresses[0][1]}/r4"
    yield small
    await runner.cleanup()
