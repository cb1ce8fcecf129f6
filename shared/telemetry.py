"""Telemetry: OpenTelemetry's interface everywhere, Azure Monitor behind it where it is set.

Spans and logs carry identifiers and codes only. No exporter can filter health data reliably, so
none is ever handed to one: errors and log lines name ids, and the SDKs that would log requests are
kept to warnings.
"""

import logging

# These log every request and its headers at INFO.
TALKATIVE = ("azure", "aiohttp.access")

_started = False


def start_telemetry(connection_string: str) -> None:
    """Send telemetry to Application Insights; nowhere when the connection string is empty.

    Starting twice changes nothing.
    """
    global _started  # noqa: PLW0603 - A process has one telemetry pipeline.
    if _started:
        return
    _started = True
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    if connection_string:
        # The distribution takes half a second and 57 MB to import.
        from azure.monitor.opentelemetry import configure_azure_monitor  # noqa: PLC0415

        configure_azure_monitor(connection_string=connection_string)
