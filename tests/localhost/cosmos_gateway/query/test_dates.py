from typing import Any

import pytest

from localhost.cosmos_gateway.query.dates import now_seconds
from localhost.cosmos_gateway.query.evaluation import Scope, constant_value
from localhost.cosmos_gateway.query.parser import parse
from localhost.cosmos_gateway.query.values import UNDEFINED

MOMENT = "2020-07-03T23:30:00.1234567Z"


def value_of(text: str) -> Any:
    return constant_value(parse(f"SELECT VALUE {text}").columns[0][1], Scope(frozenset(), {}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"DateTimeAdd('mm', 1, '{MOMENT}')", "2020-08-03T23:30:00.1234567Z"),
        (f"DateTimeAdd('yy', -1, '{MOMENT}')", "2019-07-03T23:30:00.1234567Z"),
        (f"DateTimeAdd('hh', 1, '{MOMENT}')", "2020-07-04T00:30:00.1234567Z"),
        ("DateTimeAdd('mm', 1, '2020-01-31T00:00:00Z')", "2020-02-29T00:00:00.0000000Z"),
        ("DateTimeAdd('yy', 9000, '2020-01-31T00:00:00Z')", UNDEFINED),
        ("DateTimeAdd('dd', 1e12, '2020-01-31T00:00:00Z')", UNDEFINED),
        ("DateTimeAdd('fortnight', 1, '2020-01-31T00:00:00Z')", UNDEFINED),
        ("DateTimeDiff('day', '2018-05-20', '2018-05-21')", 1),
        ("DateTimeDiff('yyyy', '2028-01-01T01:02:03Z', '2020-01-03T01:02:03Z')", -8),
        ("DateTimeDiff('hour', '2020-01-01T00:59:00Z', '2020-01-01T01:00:00Z')", 1),
        (f"DateTimePart('ss', '{MOMENT}')", 0),
        (f"DateTimePart('ms', '{MOMENT}')", 123),
        (f"DateTimePart('weekday', '{MOMENT}')", 6),
        ("DateTimeFromParts(2020, 9, 4)", "2020-09-04T00:00:00.0000000Z"),
        ("DateTimeFromParts(2020, 13, 4)", UNDEFINED),
        ("DateTimeToTimestamp('2020-07-09T23:20:13.4575530Z')", 1594336813457),
        ("DateTimeToTimestamp('2020-07-09T23:20:13+02:00')", 1594329613000),
        ("DateTimeToTimestamp('yesterday')", UNDEFINED),
        ("TimestampToDateTime(1594227912345)", "2020-07-08T17:05:12.3450000Z"),
        ("DateTimeToTicks('2020-01-02T03:04:05.6789123Z')", 637135310456789123 + 0),
        (
            "TicksToDateTime(DateTimeToTicks('2020-01-02T03:04:05Z'))",
            "2020-01-02T03:04:05.0000000Z",
        ),
    ],
)
def test_a_date_function_has_cosmos_dbs_value(text: str, expected: Any) -> None:
    assert value_of(text) == expected


def test_now_is_the_gateways_clock() -> None:
    token = now_seconds.set(1_800_000_000.25)
    assert value_of("GetCurrentDateTime()") == "2027-01-15T08:00:00.2500000Z"
    assert value_of("GetCurrentTimestamp()") == 1_800_000_000_250
    now_seconds.reset(token)
