"""The only place that touches azure_functions_runtime, the library of Microsoft's own worker.

Its indexing, validation and binding converters run here unchanged; only the transport around them
is ours. These interfaces are private: tests/localhost/functions_host/test_runtime_seam.py fails
when a pinned version moves one.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import traceback
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import azure_functions_runtime
from azure.durable_functions.internal import payloads as large_payloads
from azure_functions_runtime import handle_event, loader, native_invocation, otel
from azure_functions_runtime import logging as runtime_logging
from azure_functions_runtime.bindings import meta
from azure_functions_runtime.bindings.datumdef import Datum

from localhost.functions_host.invocations import (
    Answer,
    FunctionDescription,
    Invocation,
    Kind,
    is_trigger,
)
from localhost.functions_host.payloads import decode, encode
from localhost.functions_host.startup import ENTRY_FILE, StartupError

if TYPE_CHECKING:
    from logging import LogRecord

THREADS_DEFAULT = "64"
"""Threads for synchronous functions: enough that slow ones do not hold up the others."""

STRICT_TYPING = "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"
NOT_STRICT = "0"
"""What azure.functions takes for granted where the setting is absent.

It asks at every value that it encodes or decodes, and an absent variable costs an exception inside
os.environ: with it set, a turn of a long history is a tenth faster.
"""

FAILURE_RECORD = "Native invocation failed"


class _Record(SimpleNamespace):
    """Takes what the loader would put into a protobuf message."""


class _BindingInfo(_Record):
    undefined, out, inout = 0, 1, 2


setattr(_BindingInfo, "in", 0)
_PROTOS = SimpleNamespace(
    BindingInfo=_BindingInfo, RpcFunctionMetadata=_Record, RpcRetryOptions=_Record
)


_failure: ContextVar[str] = ContextVar("failure", default="")


def _keep_failure(record: LogRecord) -> bool:
    """Take the exception itself from the record that the runtime logs when a function fails.

    invoke() answers only its repr and traceback; what the host needs is what Microsoft's worker
    reports, the name of the type and the message.
    """
    if record.msg == FAILURE_RECORD and record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        _failure.set(f"{type(error).__name__}: {error}")
        record.msg = "The function failed"
    return True


class FunctionsRuntime:
    """The application's functions, indexed and ready to be invoked."""

    def __init__(self) -> None:
        # The one registry that the runtime's invoke reads.
        self._registry: Any = handle_event._functions  # noqa: SLF001
        runtime_logging.logger.addFilter(_keep_failure)
        self._client_json = ""
        self._functions: dict[str, tuple[str, str, list[str]]] = {}
        self._asynchronous: set[str] = set()

    @property
    def threads(self) -> Any:
        """The pool that synchronous functions run on."""
        return azure_functions_runtime.get_threadpool_executor()

    def index(self, app_folder: str, client_json: str) -> list[FunctionDescription]:
        """Import the application and check every function.

        Args:
            client_json: what the durable client binding receives.

        Raises:
            StartupError: naming the function, or the file, and the reason.
        """
        self._client_json = client_json
        os.environ.setdefault("PYTHON_THREADPOOL_THREAD_COUNT", THREADS_DEFAULT)
        os.environ.setdefault(STRICT_TYPING, NOT_STRICT)
        azure_functions_runtime.start_threadpool_executor()
        meta.load_binding_registry()
        self._start_telemetry()
        sys.path.insert(0, app_folder)
        os.chdir(app_folder)
        # What goes wrong is raised as well, and said once, in one sentence.
        runtime_logging.logger.disabled = True
        descriptions = [self._register(each, app_folder) for each in self._declared(app_folder)]
        runtime_logging.logger.disabled = False
        self._refuse_streaming()
        return descriptions

    def runs_inline(self, function: str, kind: str) -> bool:
        """Whether the function never waits on the event loop, so that any thread can run it."""
        if kind in (Kind.ORCHESTRATION, Kind.ENTITY):
            return large_payloads.get_payload_store() is None
        return function not in self._asynchronous

    async def invoke(self, invocation: Invocation) -> Answer:
        """Run one function through the runtime's own converters.

        Whatever the function raises fails this invocation alone, also what the runtime lets
        through: an exit, or the cancellation of something that the function waited for.
        """
        kind = invocation.kind
        function_id, trigger_name, client_names = self._functions[invocation.function]
        inputs = [(trigger_name, encode(Datum, kind, invocation.payload))]
        inputs += [(name, Datum(self._client_json, "string")) for name in client_names]
        metadata = {
            name: Datum(value, datum_type)
            for name, (value, datum_type) in (invocation.metadata or {}).items()
        }
        try:
            ok, result, _outputs, error, trace = await native_invocation.invocation_request_native(
                invocation.id,
                function_id,
                inputs,
                metadata,
                invocation.traceparent,
                invocation.tracestate,
                invocation.retry_count,
                invocation.retry_count_max,
            )
        except BaseException as escaped:  # noqa: BLE001 - a function's sys.exit() must not be ours
            runtime_logging.logger.error("The function failed", exc_info=escaped)
            trace = "".join(traceback.format_exception(escaped))
            return _failed(f"{type(escaped).__name__}: {escaped}", trace)
        if not ok:
            return _failed(_failure.get() or error or "", trace or "")
        return Answer(ok=True, answer=decode(kind, result))

    def _declared(self, app_folder: str) -> list[Any]:
        try:
            declared: list[Any] = loader.index_function_app(str(Path(app_folder) / ENTRY_FILE))
        except BaseException as error:
            place = _place_in_application(error, app_folder)
            msg = f"{ENTRY_FILE} cannot be indexed: {place}{_summary(error)}"
            raise StartupError(msg) from error
        return declared

    def _register(self, declared: Any, app_folder: str) -> FunctionDescription:
        name = declared.get_function_name()
        try:
            (found,), _ = loader.process_indexed_function(
                _PROTOS, self._registry, [declared], app_folder
            )
        except Exception as error:
            msg = f"the function '{name}' cannot be indexed: {_summary(error)}"
            raise StartupError(msg) from error
        bindings = [json.loads(binding) for binding in found.raw_bindings]
        info = self._registry.get_function(found.function_id)
        trigger = next(binding for binding in bindings if is_trigger(binding))
        clients = [each["name"] for each in bindings if each["type"] == "durableClient"]
        self._functions[name] = (found.function_id, trigger["name"], clients)
        if info.is_async:
            self._asynchronous.add(name)
        retry = declared.get_settings_dict("retry_policy") or {}
        return FunctionDescription(name, bindings, {key: str(retry[key]) for key in retry})

    def _refuse_streaming(self) -> None:
        for function_id, *_ in self._functions.values():
            info = self._registry.get_function(function_id)
            is_generator = inspect.isasyncgenfunction(info.func) or inspect.isgeneratorfunction(
                info.func
            )
            if info.is_http_func and (is_generator or info.deferred_bindings_enabled):
                msg = (
                    f"the function '{info.name}' streams its request or response, which the local "
                    "host does not support; use azure.functions.HttpRequest and HttpResponse"
                )
                raise StartupError(msg)

    def _start_telemetry(self) -> None:
        """Do what Microsoft's worker does at the same moment, by the same two settings."""
        if _is_true("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"):
            otel.initialize_azure_monitor()
        if _is_true("PYTHON_ENABLE_OPENTELEMETRY"):
            otel.otel_manager.set_otel_libs_available(True)
            otel.update_opentelemetry_status()


def _failed(error: str, trace: str) -> Answer:
    """How a function failed; halves of characters, which no message can carry, are spelled out."""
    error, trace = (each.encode(errors="backslashreplace").decode() for each in (error, trace))
    return Answer(ok=False, error=error, traceback=trace)


def _is_true(setting: str) -> bool:
    return os.environ.get(setting, "").lower() in ("1", "true", "t", "yes", "y")


def _summary(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    # The runtime appends its own troubleshooting guide and the whole search path.
    text = text.partition(". Cannot find module.")[0]
    return f"{type(error).__name__}: {text}"


def _place_in_application(error: BaseException, app_folder: str) -> str:
    """The last line of the application that was running, as 'file:line: '."""
    place = ""
    step = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if file.startswith(app_folder) and "site-packages" not in file:
            place = f"{Path(file).relative_to(app_folder)}:{step.tb_lineno}: "
        step = step.tb_next
    return place
