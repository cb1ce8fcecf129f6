"""What the local host can run: refuses the rest at start, naming the function and the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localhost.functions_host.invocations import is_trigger
from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localhost.functions_host.invocations import FunctionDescription

TRIGGERS = frozenset(
    {
        "httpTrigger",
        "timerTrigger",
        "eventHubTrigger",
        "orchestrationTrigger",
        "activityTrigger",
        "entityTrigger",
    }
)
OTHER_BINDINGS = frozenset({"http", "durableClient"})


def check_functions(functions: Iterable[FunctionDescription]) -> None:
    """Refuse what this host does not run.

    Raises:
        StartupError: for a trigger or binding that it does not have, or two functions of one name.
    """
    names: set[str] = set()
    for function in functions:
        if function.name.lower() in names:
            msg = f"the function '{function.name}' is declared twice"
            raise StartupError(msg)
        names.add(function.name.lower())
        for binding in function.bindings:
            known = TRIGGERS if is_trigger(binding) else OTHER_BINDINGS
            if binding["type"] not in known:
                msg = (
                    f"the function '{function.name}' uses the binding {binding['type']} "
                    f"('{binding['name']}'), which the local host does not support"
                )
                raise StartupError(msg)


def enabled_functions(
    functions: Iterable[FunctionDescription], settings: Mapping[str, str]
) -> list[FunctionDescription]:
    """The functions that no setting `AzureWebJobs.NAME.Disabled` disables."""
    return [
        each
        for each in functions
        if settings.get(f"AzureWebJobs.{each.name}.Disabled", "").lower() not in ("true", "1")
    ]
