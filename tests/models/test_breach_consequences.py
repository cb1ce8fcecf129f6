"""Every row of law that names a consequence of silence sees it drawn, for cases and for appeals."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.domain.prior_authorization.appeal_grounds import ground_of
from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appealing import file
from shared.domain.prior_authorization.appeals import AppealFiling, AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.codes import LineOfBusiness, ReviewAction
from shared.domain.prior_authorization.deadlines import BreachConsequence, ClockRule, start_clock
from shared.domain.prior_authorization.decision import ItemDecision
from shared.domain.prior_authorization.notice_matrix import NoticeEvent, notices_owed
from shared.domain.prior_authorization.watching import attend_review
from shared.engine.dmn import compile_model
from shared.errors import RuleViolation
from tests.shared.domain.prior_authorization.cases import MEMBER, NOON, deny, in_review, notified

FOLDER = Path(__file__).parents[2] / "models" / "decisions"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODELS = {
    name: compile_model((FOLDER / f"{name}.dmn").read_text(), file=f"{name}.dmn")
    for name in ("decision-deadlines", "appeal-levels", "notice-matrix")
}
ZONE = "America/New_York"
DAY = timedelta(days=1)
APPEALABLE = {
    BreachConsequence.ADVERSE,
    BreachConsequence.DENIAL_NOTICE,
    BreachConsequence.EXHAUSTED,
}


@cache
def _rows(model: str, decision: str) -> tuple[Any, ...]:
    """Each row of a table for each of its lines of business, with what its scenario asks."""
    return tuple(_read_rows(model, decision))


def _read_rows(model: str, decision: str) -> Iterator[Any]:
    told = json.loads((FOLDER / f"{model}.scenarios.json").read_text())["scenarios"]
    seen: set[tuple[str, str]] = set()
    for scenario in told:
        given = {
            name: date.fromisoformat(value) if name.endswith(" on") else value
            for name, value in scenario["given"].items()
        }
        result = MODELS[model].evaluate(decision, given, now=NOW)
        if result.value is None:
            continue
        [match] = result.matched
        line = str(given["line of business"])
        if (match.rule_id, line) not in seen:
            seen.add((match.rule_id, line))
            yield pytest.param(given, result.value, id=f"{match.rule_id}-{line}")


def _matrix(line: str, urgency: str) -> dict[NoticeEvent, Any]:
    matrix = {}
    for event in NoticeEvent:
        given = {"line of business": line, "urgency": urgency, "event": str(event)}
        rows = MODELS["notice-matrix"].evaluate("Notices", given, now=NOW).value
        matrix[event] = notices_owed(rows or ())
    return matrix


def _told(messages: Any) -> set[tuple[str, str, str]]:
    return {(each.event, each.recipient, each.template) for each in messages}


@pytest.mark.parametrize(("given", "row"), _rows("decision-deadlines", "Decision deadline"))
def test_silence_about_a_request_has_the_consequence_of_its_row(
    given: dict[str, Any], row: dict[str, Any]
) -> None:
    rule = ClockRule.from_row(row, time_zone=ZONE, rule_id="row")
    case = replace(in_review(items=2), clock=start_clock(rule, NOON))
    assert case.clock is not None
    due_at, line = case.clock.due_at, given["line of business"]
    late = attend_review(case, 1, _matrix(line, given["urgency"]), due_at)
    assert late.case.breached_at == due_at
    assert late.audit[0].detail["consequence"] == rule.on_breach
    told = _told(late.messages)
    assert not any(made.action.is_adverse for made in late.case.decisions)
    if rule.on_breach is BreachConsequence.DEEMED_APPROVED:
        assert {made.action for made in late.case.decisions} == {ReviewAction.CERTIFIED}
        assert told == {("deemed approved", "compliance", "deadline-missed")}
        _ends(late.case.decisions)
        return
    assert late.case.stage is Stage.CLINICAL_REVIEW
    assert ("deadline missed", "compliance", "deadline-missed") in told
    letters = {template for event, who, template in told if who == "member"}
    if rule.on_breach not in APPEALABLE:
        assert letters == set()
        with pytest.raises(RuleViolation):
            ground_of(late.case, (1, 2), due_at)
        return
    [letter] = letters
    is_notice = rule.on_breach is BreachConsequence.DENIAL_NOTICE
    expected = (
        "notice-of-adverse-benefit-determination" if is_notice else "late-decision-appeal-rights"
    )
    assert letter == expected
    _appeals_the_silence(late.case, line, rule.on_breach)


def _ends(decisions: Iterable[ItemDecision]) -> None:
    for made in decisions:
        assert made.authorization_number
        assert made.effective_from is not None
        assert made.effective_to is not None
        assert made.effective_from < made.effective_to


def _appeals_the_silence(case: Case, line: str, consequence: BreachConsequence) -> None:
    """The member files at the level that the consequence opens, up to its window's last day."""
    assert case.breached_at is not None
    is_exhausted = consequence is BreachConsequence.EXHAUSTED
    level = _level(line, 2 if is_exhausted else 1)
    assert (level.decided_by is AppealBody.PLAN) != is_exhausted
    last_day = case.breached_at + level.file_within_days * DAY
    filing = AppealFiling(items=(1, 2), filed_by="member", filed_at=last_day)
    appealed = file(case, level, filing).case
    assert appealed.stage is Stage.APPEALED
    assert appealed.open_items == (1, 2)
    with pytest.raises(RuleViolation, match="window has closed"):
        file(case, level, replace(filing, filed_at=last_day + DAY))


@pytest.mark.parametrize(("given", "row"), _rows("appeal-levels", "Appeal level"))
def test_silence_about_an_appeal_has_the_consequence_of_its_row(
    given: dict[str, Any], row: dict[str, Any]
) -> None:
    line = given["line of business"]
    level = AppealRule.from_row(row, level=given["level"], time_zone=ZONE, rule_id="row")
    first = replace(level, level=1, file_within_days=level.file_within_days or 60)
    denied = replace(notified(deny()), membership=replace(MEMBER, line_of_business=_word(line)))
    case = file(denied, first, AppealFiling(items=(1,), filed_by="m", filed_at=NOON)).case
    levels = {level.next_level: _level(line, level.next_level)} if level.next_level else {}
    matrix = _matrix(line, "standard")
    case = attend(case, 1, matrix, levels, NOON).case
    if level.clock is None:
        assert attend(case, 1, matrix, levels, NOON + 9999 * DAY).audit == ()
        return
    clock = case.appeals[0].clock
    assert clock is not None
    late = attend(case, 1, matrix, levels, clock.due_at)
    told = _told(late.messages)
    assert late.case.decisions == denied.decisions
    assert any(who == "compliance" for _, who, _ in told)
    consequence = level.clock.on_breach
    if consequence is BreachConsequence.FORWARDED:
        assert [each.outcome for each in late.case.appeals] == ["superseded", "open"]
        assert late.case.appeals[1].rule.level == level.next_level
        assert ("appeal forwarded", "member", "appeal-forwarded") in told
    elif consequence is BreachConsequence.EXHAUSTED:
        assert ("appeal exhausted", "member", "appeal-exhausted") in told
        assert ground_of(late.case, (1,), clock.due_at).level == level.next_level
    else:
        assert not any(who == "member" for _, who, _ in told)
        with pytest.raises(RuleViolation):
            ground_of(late.case, (1,), clock.due_at)
    if consequence is not BreachConsequence.FORWARDED:
        assert late.case.appeals[-1].outcome is AppealOutcome.OPEN
        assert late.case.appeals[-1].breached_at == clock.due_at


def test_every_consequence_that_the_domain_knows_is_some_rows() -> None:
    rows = [
        *_rows("decision-deadlines", "Decision deadline"),
        *_rows("appeal-levels", "Appeal level"),
    ]
    assert {each.values[1]["on breach"] for each in rows} == {
        str(each) for each in BreachConsequence
    }
    for model, decision in (
        ("decision-deadlines", "Decision deadline"),
        ("appeal-levels", "Appeal level"),
    ):
        lines = {each.values[0]["line of business"] for each in _rows(model, decision)}
        assert lines == {str(line) for line in LineOfBusiness}
        named = {str(each.id).rpartition("-")[0] for each in _rows(model, decision)}
        [(_, table)] = MODELS[model].tables
        assert named == {rule.id for rule in table.rules}


def _level(line: str, level: int) -> AppealRule:
    given = {
        "line of business": line,
        "level": level,
        "expedited": False,
        "filed on": NOON.date(),
    }
    row = MODELS["appeal-levels"].evaluate("Appeal level", given, now=NOW).value
    return AppealRule.from_row(row, level=level, time_zone=ZONE)


def _word(line: str) -> LineOfBusiness:
    return LineOfBusiness(line)
