from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings
from shared.domain.prior_authorization.request import Coding


def element(**json: Any) -> Element:
    return Element(json, "Claim", Findings())


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-03-05", date(2026, 3, 5), date(2026, 3, 5)),
        ("2026-03-05T23:59:59-05:00", date(2026, 3, 5), date(2026, 3, 5)),
    ],
)
def test_a_date_may_be_a_month_or_a_year(text: str, first: date, last: date) -> None:
    assert element(start=text).days("start") == (first, last)


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "0000", "05/03/2026", "2026-3-5"])
def test_what_is_no_date_is_noted(text: str) -> None:
    place = element(start=text)

    assert place.days("start") is None
    assert place.findings.issues[0].expression == "Claim.start"


def test_a_moment_without_a_time_is_midnight_in_utc() -> None:
    assert element(created="2026-03-05").moment("created") == datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(("text", "month"), [("2026", 1), ("2026-03", 3)])
def test_a_moment_without_a_day_is_the_first(text: str, month: int) -> None:
    assert element(created=text).moment("created") == datetime(2026, month, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-13", "2026-03-05T10:00:00", "2026-03-05T25:00:00Z", "now"])
def test_a_moment_without_its_zone_is_noted(text: str) -> None:
    place = element(created=text)

    assert place.moment("created") is None
    assert [issue.code for issue in place.findings.issues] == ["value"]


def test_a_period_that_ends_before_it_starts_is_noted() -> None:
    place = element(period={"start": "2026-03-05", "end": "2026-03-04"})

    place.period("period")

    assert [issue.code for issue in place.findings.issues] == ["invariant"]


def test_a_number_keeps_the_digits_it_was_written_with() -> None:
    assert element(value=0.1).decimal("value") == Decimal("0.1")
    assert element(value=10**18 - 1).decimal("value") == 10**18 - 1


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("child", []),
        ("text", 1),
        ("flag", "true"),
        ("positive", True),
        ("positive", 0),
        ("positive", 2**31),
        ("positives", 1),
        ("positives", [1, "2"]),
        ("decimal", "1"),
        ("decimal", False),
        ("decimal", float("inf")),
        ("decimal", 10**18),
        ("decimal", 1e-18),
    ],
)
def test_a_value_of_the_wrong_shape_reads_as_absent_and_is_noted(read: str, value: object) -> None:
    place = element(x=value)

    assert not getattr(place, read)("x")
    assert place.findings.issues[0].severity == "error"


def test_a_list_of_the_wrong_shape_is_noted() -> None:
    place = element(item=[1, {"a": 1}], careTeam="x")

    assert [child.path for child in place.children("item")] == ["Claim.item[1]"]
    assert list(place.children("careTeam")) == []
    assert len(place.findings.issues) == 2


def test_x12_systems_of_both_spellings_are_one() -> None:
    concept = {"coding": [{"system": "http://codesystem.x12.org/005010/1322", "code": "I"}]}

    codings = element(type=concept).codings("type")

    assert codings == [Coding("https://codesystem.x12.org/005010/1322", "I")]
