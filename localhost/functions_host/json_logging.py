"""Structured logs: one JSON object a line on standard error, the host's and its workers' alike.

Members: time (UTC, ISO 8601), level, logger, message; function and invocationId where a function
runs; exception with the traceback where there is one.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from localhost.functions_host.frames import Message

_QUIET = ("aiohttp.access", "azure", "durabletask", "grpc", "asyncio")


class JsonLines(logging.Handler):
    """Writes each record as one line."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._formatter = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record of the host itself."""
        exception = self._formatter.formatException(record.exc_info) if record.exc_info else ""
        self.write(
            record.created,
            record.levelname,
            record.name,
            record.getMessage(),
            exception,
            getattr(record, "invocation_id", ""),
            getattr(record, "function", ""),
        )

    def write(
        self,
        created: float,
        level: str,
        logger: str,
        message: str,
        exception: str,
        invocation_id: str,
        function: str,
    ) -> None:
        """Write one line; empty members are left out."""
        line = {
            "time": datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "logger": logger,
            "message": message,
            "function": function,
            "invocationId": invocation_id,
            "exception": exception,
        }
        text = json.dumps({name: value for name, value in line.items() if value})
        self._stream.write(text + "\n")
        self._stream.flush()

    def write_forwarded(self, message: Message) -> None:
        """Write one record that a worker forwarded, if it is of a level that is written."""
        level = logging.getLevelNamesMapping().get(message[2], logging.INFO)
        if logging.getLogger().isEnabledFor(level):
            self.write(*message[1:])


def start_logging(level: int = logging.INFO, stream: TextIO = sys.stderr) -> JsonLines:
    """Make JSON lines the only output of Python's logging in this process."""
    handler = JsonLines(stream)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler
