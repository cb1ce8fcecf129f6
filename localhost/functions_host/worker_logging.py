"""Forwards the Python logging of a worker to the host, which writes it as JSON lines.

Every record carries the invocation that wrote it, also from the threads that run it.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING

from localhost.functions_host.invocations import Tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from localhost.functions_host.frames import Message

current_invocation: ContextVar[tuple[str, str]] = ContextVar("invocation", default=("", ""))
"""The id and the function of the invocation that the current code runs for."""

_QUIET = (
    "azure.core",
    "azure.cosmos",
    "azure.durable_functions",
    "azure.eventhub",
    "azure.functions.DurableFunctions",
    "azure.identity",
    "durabletask",
)
"""Libraries that log every request or turn at INFO; their warnings still come through."""


class _Forwarder(logging.Handler):
    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__()
        self._send = send
        self._formatter = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record; exceptions travel as text."""
        try:
            invocation_id, function = current_invocation.get()
            exception = ""
            if record.exc_info and record.exc_info[0] is not None:
                exception = self._formatter.formatException(record.exc_info)
            self._send(
                (
                    Tag.LOG,
                    record.created,
                    record.levelname,
                    record.name,
                    record.getMessage(),
                    exception,
                    invocation_id,
                    function,
                )
            )
        except Exception:  # noqa: BLE001 - logging's own rule: a handler never raises
            self.handleError(record)


def forward_logs(send: Callable[[Message], None]) -> None:
    """Send every record of INFO and above to the host.

    Args:
        send: takes a message from any thread.
    """
    root = logging.getLogger()
    root.handlers = [_Forwarder(send)]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
