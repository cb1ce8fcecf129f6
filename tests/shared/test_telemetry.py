"""Telemetry reaches Application Insights where it is set; a local server stands in for it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).parents[2]
SPEAK = """
import logging, sys
from opentelemetry import trace
from shared.telemetry import start_telemetry
start_telemetry(sys.argv[1])
start_telemetry(sys.argv[1])
with trace.get_tracer("careloom").start_as_current_span("open_case") as span:
    span.set_attribute("case_id", "case-1")
trace.get_tracer_provider().shutdown()
"""
QUIET = """
import logging, sys
from shared.telemetry import start_telemetry
start_telemetry("")
assert not [name for name in sys.modules if name.startswith("azure.monitor")]
assert logging.getLogger("azure.core").getEffectiveLevel() == logging.WARNING
"""


def speak(text: str, *arguments: str) -> None:
    """Run a program: a process has one telemetry pipeline, and this one keeps none."""
    subprocess.run(  # noqa: S603 - Our own interpreter and text.
        [sys.executable, "-c", text, *arguments],
        cwd=ROOT,
        check=True,
        env={
            "PATH": "",
            # Else the distribution keeps a few spans a second, and perhaps not ours.
            "OTEL_TRACES_SAMPLER": "microsoft.fixed_percentage",
            "OTEL_TRACES_SAMPLER_ARG": "1.0",
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
            "APPLICATIONINSIGHTS_SDKSTATS_ENABLED_PREVIEW": "false",
        },
    )


async def test_a_span_arrives_with_its_ids() -> None:
    arrived: list[dict[str, object]] = []

    async def track(request: web.Request) -> web.Response:
        body = await request.read()
        items = json.loads(body)
        arrived.extend(items)
        accepted = {"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}
        return web.json_response(accepted)

    app = web.Application()
    app.router.add_post("/v2.1/track", track)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    key = "InstrumentationKey=00000000-0000-0000-0000-000000000001"
    endpoint = f"http://127.0.0.1:{port}"
    await asyncio.to_thread(
        speak, SPEAK, f"{key};IngestionEndpoint={endpoint};LiveEndpoint={endpoint}"
    )
    await runner.cleanup()
    spans = [item for item in arrived if "open_case" in json.dumps(item)]
    assert len(spans) == 1
    assert '"case_id": "case-1"' in json.dumps(spans)


def test_without_a_connection_string_nothing_is_loaded() -> None:
    speak(QUIET)
