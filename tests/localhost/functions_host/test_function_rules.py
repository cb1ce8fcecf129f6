import pytest

from localhost.functions_host.function_rules import check_functions
from localhost.functions_host.invocations import FunctionDescription
from localhost.functions_host.startup import StartupError


def function(name: str, *types: str) -> FunctionDescription:
    return FunctionDescription(name, [{"type": each, "name": f"{each}Name"} for each in types])


def test_what_the_host_runs_is_accepted() -> None:
    check_functions(
        [
            function("a", "httpTrigger", "durableClient", "http"),
            function("b", "timerTrigger"),
            function("c", "eventHubTrigger"),
            function("d", "orchestrationTrigger"),
            function("e", "activityTrigger"),
            function("f", "entityTrigger"),
        ]
    )


def test_another_trigger_is_refused_with_its_function() -> None:
    with pytest.raises(StartupError, match=r"'a' uses the binding blobTrigger \('blobTriggerName'"):
        check_functions([function("a", "blobTrigger")])


def test_another_binding_is_refused_with_its_function() -> None:
    with pytest.raises(StartupError, match="'a' uses the binding table"):
        check_functions([function("a", "httpTrigger", "table")])


def test_names_that_differ_only_in_case_are_refused() -> None:
    with pytest.raises(StartupError, match="'A' is declared twice"):
        check_functions([function("a", "timerTrigger"), function("A", "timerTrigger")])
