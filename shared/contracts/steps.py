"""How a story asks for a deed: steps, events and stories, by name and type.

A step is named, typed in and out, and performed by exactly one activity. Calls and answers travel
through the durable history as JSON, so they hold identifiers and codes only, never health data.
"""

from dataclasses import dataclass
from typing import Any, TypedDict

from pydantic import TypeAdapter


class StepCall(TypedDict):
    """What a story sends to an activity.

    Attributes:
        key: instance id, step and item: the same key is the same deed, done once.
        given: the step's input as JSON values.
    """

    key: str
    given: object


class StepAnswer(TypedDict, total=False):
    """What an activity answers: a result, or why trying again will not help.

    Attributes:
        result: the step's result as JSON values.
        failed: the reason of a permanent failure; a person looks.
    """

    result: object
    failed: str


_converters: dict[Any, TypeAdapter[Any]] = {}


def converter(kind: Any) -> TypeAdapter[Any]:
    """The converter between a type of the contracts and JSON values, built once."""
    if kind not in _converters:
        _converters[kind] = TypeAdapter(kind)
    return _converters[kind]


@dataclass(frozen=True, slots=True)
class Step[Given, Result]:
    """One deed that a story may ask for.

    Attributes:
        name: the activity's name in the task hub.
        given, result: the types of its input and its result.
    """

    name: str
    given: type[Given]
    result: type[Result]

    def call(self, key: str, given: Given) -> StepCall:
        """The call, as it stands in the durable history."""
        return {"key": key, "given": converter(self.given).dump_python(given, mode="json")}

    def read_given(self, call: StepCall) -> Given:
        """The typed input of a call."""
        given: Given = converter(self.given).validate_python(call["given"])
        return given

    def answer(self, result: Result) -> StepAnswer:
        """The answer, as it stands in the durable history."""
        return {"result": converter(self.result).dump_python(result, mode="json")}

    def read_result(self, answer: StepAnswer) -> Result:
        """The typed result of an answer."""
        result: Result = converter(self.result).validate_python(answer["result"])
        return result


@dataclass(frozen=True, slots=True)
class Event:
    """A nudge to a running story: what happened stands in the case, never in the nudge."""

    name: str


@dataclass(frozen=True, slots=True)
class Story[Given]:
    """An orchestration, by the name it is registered under."""

    name: str
    given: type[Given]

    def send(self, given: Given) -> object:
        """The input as JSON values."""
        return converter(self.given).dump_python(given, mode="json")

    def read(self, given: object) -> Given:
        """The typed input from JSON values."""
        read: Given = converter(self.given).validate_python(given)
        return read
