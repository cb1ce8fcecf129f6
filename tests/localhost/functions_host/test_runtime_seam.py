"""The contract with the private interfaces of the pinned SDKs: fails when a version moves one."""

import inspect
from importlib.metadata import version
from typing import Any

import azure_functions_runtime
import pytest
from azure.durable_functions.internal import invocation, payloads
from azure.durable_functions.internal.compat.history_projection import project_history
from azure.functions import _durable_functions as codec
from azure_functions_runtime import handle_event, loader, native_invocation, otel
from azure_functions_runtime.bindings import meta
from azure_functions_runtime.bindings.datumdef import Datum
from durabletask import history
from durabletask.internal import helpers

from localhost.functions_host.runtime_seam import FAILURE_RECORD, NOT_STRICT, STRICT_TYPING


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]  # any callable


def test_the_versions_are_those_that_were_read() -> None:
    assert version("azure-functions") == "2.3.0"
    assert version("azure-functions-durable") == "2.0.0rc3"
    assert version("azure-functions-runtime") == "1.3.0"
    assert version("durabletask") == "1.12.0"


def test_the_runtime_is_invoked_as_it_expects() -> None:
    assert parameters(native_invocation.invocation_request_native) == [
        *("invocation_id", "function_id", "inputs", "trigger_metadata"),
        *("trace_parent", "trace_state", "retry_count", "max_retry_count", "retry_exception"),
    ]
    assert parameters(Datum) == ["value", "type"]


def test_the_registry_is_the_one_that_the_runtime_reads() -> None:
    registry: Any = handle_event._functions

    assert vars(native_invocation)["_functions"] is registry
    assert parameters(registry.get_function) == ["function_id"]


def test_functions_are_indexed_as_the_runtime_expects() -> None:
    assert parameters(loader.index_function_app) == ["args", "kwargs"]
    assert parameters(loader.process_indexed_function) == [
        *("protos", "functions_registry", "indexed_functions", "function_dir")
    ]
    assert callable(meta.load_binding_registry)
    assert callable(azure_functions_runtime.start_threadpool_executor)
    assert callable(azure_functions_runtime.get_threadpool_executor)


def test_a_failure_is_logged_with_its_exception_under_the_known_message() -> None:
    source = inspect.getsource(native_invocation.invocation_request_native)

    assert f'logger.exception("{FAILURE_RECORD}")' in source


def test_the_runtime_hands_synchronous_functions_to_the_running_loop() -> None:
    source = inspect.getsource(native_invocation.invocation_request_native)

    assert "get_current_loop()" in source
    assert "run_in_executor" in source


def test_durable_turns_are_handed_to_the_running_loop() -> None:
    assert "asyncio.get_running_loop().run_in_executor" in inspect.getsource(invocation.run_sync)
    assert parameters(payloads.get_payload_store) == []


def test_telemetry_is_started_as_the_worker_does() -> None:
    source = inspect.getsource(handle_event.worker_init_request)

    assert "initialize_azure_monitor()" in source
    assert "otel_manager.set_otel_libs_available(True)" in source
    assert "update_opentelemetry_status()" in source
    assert callable(otel.initialize_azure_monitor)


def test_histories_are_shown_by_the_sdks_projection() -> None:
    assert parameters(project_history) == ["events", "show_input", "show_history_output"]
    assert len(parameters(history._from_protobuf)) == 1


def test_durable_answers_are_built_with_the_sdks_helpers() -> None:
    assert parameters(helpers.new_complete_orchestration_action)[:4] == [
        *("id", "status", "result", "failure_details")
    ]
    assert len(parameters(helpers.convert_to_entity_batch_request)) == 1


def test_the_setting_that_is_set_for_speed_is_the_one_that_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert codec._STRICT_ENV_VAR == STRICT_TYPING
    monkeypatch.delenv(STRICT_TYPING, raising=False)
    by_default = codec._is_strict_mode()
    monkeypatch.setenv(STRICT_TYPING, NOT_STRICT)
    assert codec._is_strict_mode() == by_default
