from decimal import Decimal

import pytest

from shared.engine.dmn.analysis.axes import after, before, cut
from shared.engine.dmn.analysis.cells import accepted_by
from shared.engine.feel.temporal import Date, DaysDuration, MonthsDuration


def test_a_column_of_numbers_is_cut_at_its_breakpoints() -> None:
    axis = cut([accepted_by("< 3"), accepted_by("[3..5]"), accepted_by("-")], None)
    assert axis is not None
    found = {segment.sample: (segment.may, segment.expected) for segment in axis.segments}
    assert found == {2: (0b101, True), 3: (0b110, True), 6: (0b100, False)}


def test_an_open_cell_may_pass_everywhere_and_must_nowhere() -> None:
    axis = cut([accepted_by('"a"'), None], None)
    assert axis is not None
    assert [(segment.may, segment.must) for segment in axis.segments] == [(0b11, 0b01), (0b10, 0)]


def test_only_allowed_values_are_segments_of_a_closed_column() -> None:
    axis = cut([accepted_by('"a"'), accepted_by('not("a")')], accepted_by('"a", "b"'))
    assert axis is not None
    assert [segment.sample for segment in axis.segments] == ["a", "b"]
    assert axis.is_closed
    ranged = cut([accepted_by("< 3")], accepted_by("[0..10]"))
    assert ranged is not None
    assert all(0 <= segment.sample <= 10 for segment in ranged.segments)


def test_no_day_lies_between_two_days_that_follow_each_other() -> None:
    cells = [accepted_by('<= @"2026-01-01"'), accepted_by('>= @"2026-01-02"')]
    axis = cut(cells, None)
    assert axis is not None
    assert {segment.may for segment in axis.segments} == {0b01, 0b10}


def test_columns_of_several_kinds_are_not_cut() -> None:
    assert cut([accepted_by("1"), accepted_by('"a"')], None) is None


def test_a_text_that_no_cell_names_is_a_segment() -> None:
    axis = cut([accepted_by('"something else"')], None)
    assert axis is not None
    assert [segment.sample for segment in axis.segments] == ["something else", "something else!"]


@pytest.mark.parametrize(
    ("point", "one_before", "one_after"),
    [
        (Decimal(2), Decimal(1), Decimal(3)),
        (Date(2026, 1, 1), Date(2025, 12, 31), Date(2026, 1, 2)),
        (DaysDuration(5), DaysDuration(4), DaysDuration(6)),
        (MonthsDuration(5), MonthsDuration(4), MonthsDuration(6)),
        ("k", "", "k0"),
        ("", None, "0"),
    ],
)
def test_values_have_neighbours(point: object, one_before: object, one_after: object) -> None:
    assert (before(point), after(point)) == (one_before, one_after)
