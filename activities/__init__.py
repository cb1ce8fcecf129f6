"""Deeds: one effect each, a folder per business area.

A deed is a plain coroutine function: its input comes first, ports arrive as keywords by their name
in bootstrap.Ports, and `key` is the idempotency key of the step. This file runs a deed for a step:
it decodes the call, hands over the ports the deed names, and answers. A permanent failure is an
answer, because the retry policy of a story retries every exception.
"""

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from activities.incidents import open_incident
from activities.prior_authorization import DEEDS as PRIOR_AUTHORIZATION_DEEDS
from shared.bootstrap import ports
from shared.contracts.incidents import OPEN_INCIDENT
from shared.contracts.steps import Step, StepAnswer, StepCall
from shared.errors import CareloomError, PermanentError, TransientError
from shared.ports.decision_log import gathering

log = logging.getLogger(__name__)

type Deed = Callable[..., Awaitable[Any]]

DEEDS: Mapping[Step[Any, Any], Deed] = {
    OPEN_INCIDENT: open_incident,
    **PRIOR_AUTHORIZATION_DEEDS,
}


async def run(step: Step[Any, Any], call: StepCall, ports: object) -> StepAnswer:
    """Run the deed of a step.

    Raises:
        TransientError: trying again may help; the story's retry policy does.
    """
    deed = DEEDS[step]
    try:
        given = step.read_given(call)
        with gathering() as decided:
            result = await deed(given, **_ports_for(deed, call["key"], ports))
        if decided:
            raise PermanentError(f"{step.name} asked the rules and committed nothing")
    except TransientError:
        raise
    except (CareloomError, ValidationError) as error:
        log.warning("step %s failed for good: %s", call["key"], _reason(error))
        return {"failed": _reason(error)}
    return step.answer(result)


def activity(step: Step[Any, Any]) -> Callable[[Any], Awaitable[Any]]:
    """The activity function of a step, as the function app registers it."""

    async def perform(call: Any) -> Any:
        return await run(step, call, ports())

    perform.__name__ = step.name
    return perform


def _ports_for(deed: Deed, key: str, ports: object) -> dict[str, Any]:
    """What a deed asks for, by name."""
    return {name: key if name == "key" else getattr(ports, name) for name in _wanted(deed)}


@cache
def _wanted(deed: Deed) -> tuple[str, ...]:
    """The keywords of a deed."""
    return tuple(
        name
        for name, parameter in inspect.signature(deed).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    )


def _reason(error: Exception) -> str:
    """What an engineer may read of a failure: a validation error would quote its input."""
    if isinstance(error, ValidationError):
        return f"ValidationError: {error.error_count()} in {error.title}"
    return f"{type(error).__name__}: {error}"
