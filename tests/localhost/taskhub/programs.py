"""Random durable programs: how they are made up, played by the SDK, and what an oracle expects.

A program is a list of steps in JSON. `play` is the orchestrator that interprets it, and
`expected` says what must come out, whatever crashes in between.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from durabletask import task
from durabletask.entities import EntityInstanceId

if TYPE_CHECKING:
    import random
    from collections.abc import Generator

    from durabletask import entities

type Step = list[Any]
type Story = Generator[task.Task[Any], Any, Any]

COLLECTOR = "collector"
COLLECTED_PER_GENERATION = 3
NEVER = timedelta(days=3650)
ACCOUNTS = ("a", "b", "c")
WRONG = 1_000_000  # What no sum of right results reaches.
SLOW = "slow"
DEPTH_MAX = 2
FAILS_MAX = 2
RETRIES = task.RetryPolicy(
    first_retry_interval=timedelta(seconds=5),
    max_number_of_attempts=FAILS_MAX + 1,
    backoff_coefficient=2,
)


@dataclass
class Expected:
    """What must hold in the end."""

    results: dict[str, int] = field(default_factory=dict)
    accounts: Counter[str] = field(default_factory=Counter)
    tales: list[list[Any]] = field(default_factory=list)
    events: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


class Invention:
    """Makes up a program and works out, step by step, what it must come to."""

    def __init__(self, rng: random.Random, *, is_punctual: bool) -> None:
        self.rng = rng
        self.is_punctual = is_punctual
        self.expected = Expected()

    def program(self, instance: str) -> dict[str, Any]:
        """A top-level program; its result and effects are noted in `expected`."""
        steps, result = self._steps(instance, depth=0)
        self.expected.results[instance] = result
        return {"sum": 0, "steps": steps, "is_punctual": self.is_punctual}

    def _steps(self, me: str, depth: int) -> tuple[list[Step], int]:
        steps: list[Step] = []
        total = 0
        kinds = ["add", "fan", "sleep", "retry", "tell", "signal", "call", "race"]
        kinds += ["again", "again", "tell", "transfer", "transfer"]
        kinds += ["event", "sequence"] if depth == 0 else []
        kinds += ["sub", "sub"] if depth < DEPTH_MAX else []
        for place in range(self.rng.randint(1, 7 - 2 * depth)):
            kind = self.rng.choice(kinds)
            arguments, added = getattr(self, f"_{kind}")(f"{me}.{place}", depth)
            steps.append([kind, *arguments])
            total += added
        return steps, total

    def _add(self, _: str, __: int) -> tuple[Step, int]:
        number = self.rng.randint(1, 9)
        return [number], number

    def _fan(self, _: str, __: int) -> tuple[Step, int]:
        width = self.rng.randint(2, 12)
        return [width], sum(range(width))

    def _sleep(self, _: str, __: int) -> tuple[Step, int]:
        return [self.rng.choice([0, 1, 60, 3600, 86_400 * 9])], 0

    def _retry(self, place: str, _: int) -> tuple[Step, int]:
        return [place, self.rng.randint(0, FAILS_MAX)], 1

    def _tell(self, place: str, _: int) -> tuple[Step, int]:
        sender, _dot, number = place.rpartition(".")
        numbers = [int(number) * 10 + n for n in range(self.rng.randint(1, 5))]
        self.expected.tales += [[sender, number] for number in numbers]
        return [sender, numbers], 0

    def _signal(self, _: str, __: int) -> tuple[Step, int]:
        account, number = self.rng.choice(ACCOUNTS), self.rng.randint(1, 9)
        self.expected.accounts[account] += number
        return [account, number], 0

    _call = _signal

    def _transfer(self, _: str, __: int) -> tuple[Step, int]:
        source, target = self.rng.sample(ACCOUNTS, 2)
        self.expected.accounts[source] -= 1
        self.expected.accounts[target] += 1
        return [source, target], 1

    def _race(self, _: str, __: int) -> tuple[Step, int]:
        return [self.rng.choice([1, 7200])], 2

    def _again(self, _: str, __: int) -> tuple[Step, int]:
        return [], 0

    def _event(self, place: str, _: int) -> tuple[Step, int]:
        number = self.rng.randint(1, 9)
        self._sent_to(place).append((place, number))
        return [place], number

    def _sequence(self, place: str, _: int) -> tuple[Step, int]:
        length = self.rng.randint(2, 6)
        self._sent_to(place).extend((place, number) for number in range(length))
        return [place, length], length

    def _sub(self, place: str, depth: int) -> tuple[Step, int]:
        count = self.rng.choice([1, 1, 3])
        children = [self._steps(f"{place}s{child}", depth + 1) for child in range(count)]
        children_steps = [[f"{place}s{n}", steps] for n, (steps, _) in enumerate(children)]
        return [children_steps], sum(total for _, total in children)

    def _sent_to(self, place: str) -> list[tuple[str, int]]:
        return self.expected.events.setdefault(place.partition(".")[0], [])


def play(context: task.OrchestrationContext, given: dict[str, Any]) -> Story:
    """Interpret a program; its result is the sum of what the steps brought."""
    total, steps = given["sum"], given["steps"]
    for place, (kind, *arguments) in enumerate(steps):
        if kind == "again":
            # None of these may reach the next generation, where the same ids are used anew.
            for _ in range(3):
                context.call_activity(add, input=SLOW)
                context.create_timer(timedelta(seconds=2))
            yield context.call_activity(add, input=0)
            rest = {**given, "sum": total, "steps": steps[place + 1 :]}
            context.continue_as_new(rest, save_events=True)
            return None
        if kind in ("sleep", "sub"):
            arguments.append(given["is_punctual"])
        total += yield from PLAYED[kind](context, *arguments)
    return total


def _play_add(context: task.OrchestrationContext, number: int) -> Story:
    return (yield context.call_activity(add, input=number))


def _play_fan(context: task.OrchestrationContext, width: int) -> Story:
    calls: list[task.Task[Any]] = [
        context.call_activity(add, input=number) for number in range(width)
    ]
    return sum((yield task.when_all(calls)))


def _play_sleep(
    context: task.OrchestrationContext,
    seconds: int,
    is_punctual: bool,  # noqa: FBT001 - a step's argument
) -> Story:
    due = context.current_utc_datetime + timedelta(seconds=seconds)
    yield context.create_timer(due)
    late = context.current_utc_datetime - due
    return 0 if timedelta() <= late and not (late and is_punctual) else WRONG


def _play_retry(context: task.OrchestrationContext, place: str, fails: int) -> Story:
    return (yield context.call_activity(try_again, input=[place, fails], retry_policy=RETRIES))


def _play_tell(context: task.OrchestrationContext, sender: str, numbers: list[int]) -> Story:
    for number in numbers:
        context.send_event(COLLECTOR, "tale", data=[sender, number])
    yield from ()
    return 0


def _play_signal(context: task.OrchestrationContext, account: str, number: int) -> Story:
    context.signal_entity(EntityInstanceId("account", account), "add", number)
    yield from ()
    return 0


def _play_call(context: task.OrchestrationContext, account: str, number: int) -> Story:
    yield context.call_entity(EntityInstanceId("account", account), "add", number)
    return 0


def _play_transfer(context: task.OrchestrationContext, source: str, target: str) -> Story:
    one, other = (EntityInstanceId("account", key) for key in (source, target))
    with (yield context.lock_entities([one, other])):
        before = yield context.call_entity(one, "get")
        yield context.create_timer(timedelta(seconds=1))
        yield context.call_entity(one, "add", -1)
        yield context.call_entity(other, "add", 1)
        after = yield context.call_entity(one, "get")
    return 1 if after == before - 1 else WRONG


def _play_race(context: task.OrchestrationContext, seconds: int) -> Story:
    soon = context.create_timer(timedelta(seconds=seconds))
    never = context.wait_for_external_event("never")
    late = context.create_timer(NEVER)
    winner = yield task.when_any([never, late, soon])
    return 2 if winner is soon else WRONG


def _play_event(context: task.OrchestrationContext, name: str) -> Story:
    return (yield context.wait_for_external_event(name))


def _play_sequence(context: task.OrchestrationContext, name: str, length: int) -> Story:
    """A client that saw a crash may send the last one twice, but none is lost or out of order."""
    last = -1
    while last < length - 1:
        number = yield context.wait_for_external_event(name)
        if number > last + 1:
            return WRONG
        last = max(last, number)
    return length


def _play_sub(
    context: task.OrchestrationContext,
    children: list[Any],
    is_punctual: bool,  # noqa: FBT001 - a step's argument
) -> Story:
    calls: list[task.Task[Any]] = [
        context.call_sub_orchestrator(
            play, input={"sum": 0, "steps": steps, "is_punctual": is_punctual}, instance_id=me
        )
        for me, steps in children
    ]
    return sum((yield task.when_all(calls)))


PLAYED = {
    name.removeprefix("_play_"): function
    for name, function in list(globals().items())
    if name.startswith("_play_")
}


def collect(context: task.OrchestrationContext, given: dict[str, Any]) -> Story:
    """Take as many tales as are to come, going on as new after every few."""
    tales = given["tales"]
    for _ in range(COLLECTED_PER_GENERATION):
        if len(tales) == given["count"]:
            return tales
        tales.append((yield context.wait_for_external_event("tale")))
    context.continue_as_new({**given, "tales": tales}, save_events=True)
    return None


def add(_: task.ActivityContext, number: int | str) -> int | str:
    """An activity; what it adds is summed by the orchestrator."""
    return WRONG if number == SLOW else number


attempts: Counter[str] = Counter()


def try_again(context: task.ActivityContext, given: list[Any]) -> int:
    """An activity that fails a few times first."""
    place, fails = given
    attempts[place] += 1
    if attempts[place] <= fails:
        raise OSError(context.orchestration_id)
    return 1


def account(context: entities.EntityContext, given: Any) -> int:
    """An entity that sums."""
    state = context.get_state(int, 0)
    if context.operation == "add":
        state += given
        context.set_state(state)
    return state
