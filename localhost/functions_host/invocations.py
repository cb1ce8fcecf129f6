"""What the host asks a worker to run, and what the worker answers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple


class Kind:
    """The shape of an invocation's payload.

    HTTP: (method, url, headers, route parameters, query, body bytes); answers (status, [(header,
    value)], body bytes). TIMER: JSON text. EVENTS: a list of bodies. EVENT: one body. ACTIVITY:
    JSON text, answers JSON text or None. ORCHESTRATION and ENTITY: protobuf bytes in and out.
    Plain text rather than an enumeration, since only plain values travel in a frame.
    """

    HTTP: Final = "http"
    TIMER: Final = "timer"
    EVENTS: Final = "events"
    EVENT: Final = "event"
    ACTIVITY: Final = "activity"
    ORCHESTRATION: Final = "orchestration"
    ENTITY: Final = "entity"


class Tag:
    """The first element of every message between the host and a worker."""

    CONFIGURE: Final = "configure"  # host: environment, durable client's JSON, application folder
    INVOKE: Final = "invoke"  # host: the fields of an Invocation
    STOP: Final = "stop"  # host: finish what runs, then exit
    INDEXED: Final = "indexed"  # worker: the functions that the application declares
    REFUSED: Final = "refused"  # worker: why the application cannot be indexed
    RESULT: Final = "result"  # worker: id, ok, answer, error, traceback
    LOG: Final = "log"  # worker: one log record


class Invocation(NamedTuple):
    """One run of one function.

    Attributes:
        metadata: trigger metadata, name to (value, datum type).
        traceparent: W3C trace context of the invocation; empty where there is none.
        retry_count: which repetition this is by the function's retry policy; 0 for the first run.
        retry_count_max: how many repetitions the policy allows; -1 for no end.
    """

    id: str
    function: str
    kind: str
    payload: Any
    metadata: dict[str, tuple[Any, str]] | None = None
    traceparent: str = ""
    tracestate: str = ""
    retry_count: int = 0
    retry_count_max: int = 0


class Answer(NamedTuple):
    """How an invocation ended: answer where ok, else error and traceback as text."""

    ok: bool
    answer: Any = None
    error: str = ""
    traceback: str = ""


class WorkerLost(Exception):  # noqa: N818 - an event in the life of a worker
    """The worker died before it answered; whether the function ran is not known."""


@dataclass(frozen=True)
class FunctionDescription:
    """One function of the application, as its decorators declare it.

    Attributes:
        bindings: the raw bindings, as function.json would hold them.
        retry: the retry policy of the trigger, or empty.
    """

    name: str
    bindings: list[dict[str, Any]]
    retry: dict[str, Any] = field(default_factory=dict)

    @property
    def trigger(self) -> dict[str, Any]:
        """The binding that starts the function."""
        return next(binding for binding in self.bindings if is_trigger(binding))

    @property
    def kind(self) -> str:
        """The trigger's type, such as httpTrigger."""
        return str(self.trigger["type"])


def is_trigger(binding: dict[str, Any]) -> bool:
    """Whether the binding starts its function."""
    return str(binding["type"]).lower().endswith("trigger")


def new_invocation_id() -> str:
    """A fresh id in the form that the Functions host uses, a GUID in lower case."""
    text = os.urandom(16).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
