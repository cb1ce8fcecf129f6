from uuid import UUID

import pytest

from localhost.functions_host.invocations import FunctionDescription, is_trigger, new_invocation_id


def test_a_functions_trigger_is_found_among_its_bindings() -> None:
    function = FunctionDescription(
        "f", [{"type": "durableClient", "name": "c"}, {"type": "timerTrigger", "name": "t"}]
    )

    assert function.kind == "timerTrigger"
    assert function.trigger["name"] == "t"


@pytest.mark.parametrize(("kind", "expected"), [("eventHubTrigger", True), ("eventHub", False)])
def test_a_trigger_is_told_by_its_type(kind: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_trigger({"type": kind}) is expected


def test_invocation_ids_are_guids_and_differ() -> None:
    made = {new_invocation_id() for _ in range(1000)}

    assert len(made) == 1000
    assert all(str(UUID(each)) == each for each in made)
