from decimal import Decimal

import pytest

from shared.engine.feel import LimitExceeded, evaluate, from_python
from shared.engine.feel.running import (
    DIAGNOSTICS_MAX,
    NESTING_MAX,
    STEPS_MAX,
    FeelError,
    Run,
    Unit,
    check_size,
)


def test_a_run_may_spend_so_many_steps() -> None:
    run = Run()
    run.spend(STEPS_MAX)
    with pytest.raises(LimitExceeded, match="steps"):
        run.spend()


def test_a_run_keeps_the_first_diagnostics() -> None:
    run = Run()
    for number in range(DIAGNOSTICS_MAX + 5):
        run.note(number, Unit("D", "x"), 4)
    assert len(run.diagnostics) == DIAGNOSTICS_MAX
    assert (run.diagnostics[0].message, run.diagnostics[0].column) == ("0", 5)


def test_a_value_may_be_nested_so_deep() -> None:
    value: list[object] = []
    for _ in range(NESTING_MAX - 1):
        value = [value]
    check_size(value)
    with pytest.raises(LimitExceeded, match="nested"):
        check_size([[value]])


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..900 return [partial[-1]]",
        'string join(for i in 1..1000000 return "ab", "c")',
        'replace(string join(for i in 1..1500 return "a"), "a", s)',
        "string(for i in 1..2000 return s)",
        "for i in 1..2000 return for j in 1..2000 return j",
        "for i in 1..100000 return reverse(xs)",
        "for i in 1..100000 return concatenate(xs, xs)",
        "for i in 1..100000 return xs = xs",
        "for i in 1..100000 return -1 in xs",
        "for i in 1..100000 return s + s",
    ],
)
def test_what_would_grow_or_take_too_much_is_stopped(text: str) -> None:
    with pytest.raises(LimitExceeded):
        evaluate(text, {"s": "x" * 1000, "xs": list(range(1000))})


def test_a_number_from_outside_has_34_digits_and_an_end() -> None:
    assert from_python(Decimal(1) / 3 + Decimal(10) ** 20) == from_python(
        Decimal("100000000000000000000.3333333")
    )
    assert evaluate("string(n)", {"n": 10**40 + 1}).value == "1" + "0" * 40
    with pytest.raises(FeelError, match="too large"):
        from_python(Decimal("1e999999"))
