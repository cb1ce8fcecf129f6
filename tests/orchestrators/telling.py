"""Tells a story with canned answers: the steps it performed, in order, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from durabletask.task import CancellableTask, CompletableTask, Task, TimerTask

from shared.contracts.steps import Step

START = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the SDK's clock is naive UTC.


@dataclass
class ToldContext:
    """An orchestration context that answers at once.

    Attributes:
        answers: by step, a result or a function of the call that gives one.
        nudges: how many of the coming waits an event ends; the others end by their timer.
        performed: the steps, in order, and what each was given; told: the sub-stories, by name.
    """

    answers: Mapping[Step[Any, Any], Any]
    nudges: int = 0
    instance_id: str = "pa-1"
    performed: list[str] = field(default_factory=list)
    given: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    waits: list[datetime] = field(default_factory=list)
    custom_status: Any = None
    current_utc_datetime: datetime = START
    version: str | None = None

    def set_custom_status(self, status: Any) -> None:
        self.custom_status = status

    def call_activity(self, name: str, *, input: Any, retry_policy: Any = None) -> Task[Any]:  # noqa: A002
        step = next(each for each in self.answers if each.name == name)
        self.performed.append(name)
        self.given.append(input["given"])
        self.keys.append(input["key"])
        answer = self.answers[step]
        if isinstance(answer, list):
            answer = answer.pop(0)
        task: CompletableTask[Any] = CompletableTask()
        task.complete(answer if isinstance(answer, dict) else step.answer(answer))
        return task

    def call_sub_orchestrator(self, name: str, *, input: Any, instance_id: str) -> Task[Any]:  # noqa: A002
        self.told.append(name)
        task: CompletableTask[Any] = CompletableTask()
        task.complete(None)
        return task

    def wait_for_external_event(self, name: str) -> CancellableTask[Any]:
        task: CancellableTask[Any] = CancellableTask()
        if self.nudges > 0 or name == "incident_resolved":
            self.nudges -= name != "incident_resolved"
            task.complete(None)
        return task

    def create_timer(self, until: datetime) -> TimerTask:
        self.waits.append(until)
        task = TimerTask()
        task.complete(None)
        return task


def tell(story: Callable[..., Any], context: ToldContext, given: Any) -> Any:
    """Run a story to its end, and answer what it returns."""
    told = story(context, given)
    answer = None
    while True:
        try:
            task = told.send(answer)
        except StopIteration as ended:
            return ended.value
        answer = task.get_result()
