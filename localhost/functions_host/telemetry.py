"""Where the host's spans go: Application Insights, the console, or nowhere.

The SDKs are loaded only when a setting asks for them, because they take half a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def start_telemetry(settings: Mapping[str, str]) -> bool:
    """Configure an exporter where the settings name one; answers whether they do.

    APPLICATIONINSIGHTS_CONNECTION_STRING: the Azure Monitor distro.
    OTEL_TRACES_EXPORTER=console: one JSON object a span on standard error.
    """
    connection = settings.get("APPLICATIONINSIGHTS_CONNECTION_STRING")
    if connection:
        from azure.monitor.opentelemetry import configure_azure_monitor

        configure_azure_monitor(connection_string=connection, logger_name="host")
        return True
    if settings.get("OTEL_TRACES_EXPORTER") == "console":
        import sys

        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

        provider = TracerProvider(resource=Resource.create({"service.name": "careloom"}))
        exporter = ConsoleSpanExporter(
            out=sys.stderr, formatter=lambda span: span.to_json(indent=None) + "\n"
        )
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        trace.set_tracer_provider(provider)
        return True
    return False
