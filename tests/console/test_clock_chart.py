from dataclasses import replace
from datetime import datetime, timedelta

from console.clock_chart import LINE, draw_case_clock, draw_clock
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.deadlines import Tolling, start_clock

HOUR = timedelta(hours=1)


def test_the_marks_stand_in_the_order_of_time(pended: Case) -> None:
    chart = draw_case_clock(pended, pended.received_at + 36 * HOUR)
    assert chart is not None
    assert [(mark.kind, mark.place) for mark in chart.marks] == [
        ("received", 0),
        ("now", 500),
        ("warning", 667),
        ("due", LINE),
    ]
    assert chart.used.width == 500
    assert chart.summary.startswith("Received 2 Mar 2026, 7:00 am EST; Now ")


def test_an_overdue_clock_reaches_to_now(pended: Case) -> None:
    chart = draw_case_clock(pended, pended.received_at + 144 * HOUR)
    assert chart is not None
    assert chart.marks[-1].kind == "now"
    assert {mark.kind: mark.place for mark in chart.marks}["due"] == 500
    assert chart.left is not None
    assert chart.left.text == "Overdue by 3 days"


def test_a_decided_case_shows_when_and_no_time_left(decided: Case) -> None:
    chart = draw_case_clock(decided, decided.received_at + 500 * HOUR)
    assert chart is not None
    assert [mark.kind for mark in chart.marks] == ["received", "decided", "warning", "due"]
    assert chart.left is None


def test_a_clock_that_stands_still_shows_the_pause(pended: Case) -> None:
    assert pended.clock is not None
    rule = replace(pended.clock.rule, tolls=Tolling.INFORMATION, toll_days_min=3)
    paused = start_clock(rule, pended.received_at).pause(pended.received_at + 36 * HOUR)
    chart = draw_clock(paused, pended.received_at + 40 * HOUR, zone="UTC")
    assert chart.stands_still
    assert (chart.pauses[0].start, chart.pauses[0].width) == (250, 500)


def test_a_case_without_a_clock_has_no_chart(pended: Case) -> None:
    now = datetime.fromisoformat("2026-03-02T12:00:00Z")
    assert draw_case_clock(replace(pended, clock=None), now) is None
