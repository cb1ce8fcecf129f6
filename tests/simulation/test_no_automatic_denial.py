"""No path of any rule version leads to an automatic medical denial.

Three nets, one behind the other: the tables as they stand, asked in every combination; tables that
somebody edited to deny, which the domain refuses; and random walks over a case's state machine, in
which rules, clock and people do whatever they may.
"""

import itertools
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from activities.prior_authorization.ruling import ACTIONS, _ruling
from shared.adapters.rules.seeding import DECISIONS
from shared.domain.prior_authorization.appealing import AppealDecision, decide, file
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.attending_appeals import attend
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.deadlines import BreachConsequence
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.review import (
    actor_of,
    decide_items,
    end_peer_to_peer,
    escalate,
    extend_clock,
    offer_peer_to_peer,
)
from shared.domain.prior_authorization.reviewers import Reviewer
from shared.domain.prior_authorization.ruling import ItemRuling, rule_on_items
from shared.domain.prior_authorization.tasks import appeal_task_id
from shared.domain.prior_authorization.watching import attend_review
from shared.domain.prior_authorization.withdrawing import update
from shared.engine.dmn import compile_model
from shared.errors import CareloomError, RuleViolation
from shared.ports.rule_book import RuleAnswer
from tests.shared.domain.prior_authorization.appeal_cases import (
    ENTITY,
    EXTERNAL,
    LEVELS,
    PLAN,
    PRIVATE,
    filing,
)
from tests.shared.domain.prior_authorization.cases import (
    DOCTOR,
    HOUR,
    MEMBER,
    NOON,
    NURSE,
    OTHER_DOCTOR,
    certify,
    deny,
    in_review,
    opened,
    task_of,
)

TABLE = (DECISIONS / "auto-approval.dmn").read_text()
ACTION_WORD = re.compile(r'(?<=<text>)"(?:approve|review|not required)"(?=</text>)')
ALLOWED = '"not required", "approve", "review"'
MAY_RULE = frozenset({ReviewAction.CERTIFIED, ReviewAction.NOT_REQUIRED, None})
CLASSES = (
    *("emergency", "office visit", "consultation", "advanced imaging", "home health", "therapy"),
    *("behavioural health", "medical equipment", "cardiac surgery", "orthopaedic surgery"),
    *("surgery", "infusion and nutrition", "oncology", "inpatient stay", "other"),
)
QUESTIONS = tuple(
    {
        "service class": service,
        "gold carded": is_carded,
        "documents missing": missing,
        "quantity": quantity,
        "is renewal": is_renewal,
    }
    for service, is_carded, missing, quantity, is_renewal in itertools.product(
        CLASSES, (True, False), (0, 1, 3), (None, 0, 1, 2, 12, 13, 60, 61, 1000), (True, False)
    )
)
# What a table that wants to deny might say.
DENIALS = ("deny", "denied", "A3", "reject", "not certified", "partial", "A2", "modify", "A6", "")
WALKS = 300
STEPS_MAX = 12
SEED = 20261121


def test_the_words_of_the_rules_can_only_approve_free_or_ask_a_person() -> None:
    said = {word.strip('"') for word in re.findall(ACTION_WORD, TABLE)}
    assert said == set(ACTIONS) == {"approve", "not required", "review"}
    assert set(ACTIONS.values()) == MAY_RULE


def test_no_question_to_the_rules_is_answered_with_a_denial() -> None:
    model = compile_model(TABLE.encode(), file="auto-approval.dmn")
    for given in QUESTIONS:
        answer = model.evaluate("Auto approval", given).value
        assert ACTIONS[answer["action"]] in MAY_RULE, given


@pytest.mark.parametrize("word", DENIALS)
def test_a_version_edited_to_deny_decides_nothing(word: str) -> None:
    """Each row in turn says the word, and the type allows it; whoever meets the row is refused."""
    refused = 0
    for place in re.finditer(ACTION_WORD, TABLE):
        edited = f'{TABLE[: place.start()]}"{word}"{TABLE[place.end() :]}'
        edited = edited.replace(ALLOWED, f'{ALLOWED}, "{word}"')
        try:
            model = compile_model(edited.encode(), file="edited.dmn")
        except CareloomError:
            refused += 1
            continue
        for given in QUESTIONS:
            answer = model.evaluate("Auto approval", given)
            if not answer.diagnostics and answer.value["action"] == word:
                with pytest.raises(RuleViolation, match="answers no action"):
                    _as_ruling(opened(), answer.value)
                refused += 1
                break
            assert answer.diagnostics or _as_ruling(opened(), answer.value).action in MAY_RULE
        else:
            refused += any(model.evaluate("Auto approval", each).diagnostics for each in QUESTIONS)
    assert refused == len(re.findall(ACTION_WORD, TABLE))


@pytest.mark.parametrize("action", [each for each in ReviewAction if each.is_adverse])
def test_a_rule_that_answers_a_denial_is_refused(action: ReviewAction) -> None:
    ruling = ItemRuling(sequence=1, action=action, reason_text="no", rule="edited@1#1")
    with pytest.raises(RuleViolation, match="may not decide"):
        _ruled(opened(), (ruling,))


def test_no_walk_through_the_states_ends_in_a_denial_without_a_physician() -> None:
    adverse = on_appeal = in_total = 0
    for walk in range(WALKS):
        rng, at = Random(f"{SEED}/{walk}"), NOON
        case = in_review(items=rng.choice([1, 2, 3]), on_breach=rng.choice(list(BreachConsequence)))
        if rng.random() < 0.4:
            at += 72 * HOUR
            case = attend_review(case, 1, {}, at).case  # Nobody has decided in time.
        for _ in range(rng.randint(1, STEPS_MAX)):
            at += HOUR * rng.choice([0, 1, 30, 100])
            try:
                case = _step(case, rng, at)
            except CareloomError:
                continue  # A rule forbids it; the walk goes on from where it was.
            for made in (each for each in case.decisions if each.action.is_adverse):
                adverse += 1
                on_appeal += any(made.decided_at == each.reviewed_at for each in case.appeals)
                assert made.decided_by.level is Level.PHYSICIAN, f"seed {SEED}/{walk}"
                assert made.reason_code, f"seed {SEED}/{walk}"
                assert made.reason_text, f"seed {SEED}/{walk}"
            for made in (each for each in case.decisions if each.action is ReviewAction.CERTIFIED):
                in_total += 1
                assert made.quantity is None, f"seed {SEED}/{walk}"  # No item asks a number.
    assert adverse > WALKS // 10, "the walks hardly ever deny, so they prove nothing"
    assert in_total > WALKS // 10, "the walks hardly ever certify, so they prove nothing of it"
    assert on_appeal, "no walk denies on appeal, so they prove nothing of it"


def _step(case: Case, rng: Random, at: datetime) -> Case:
    """One random thing that the rules, the clock or a person may try, however improper."""
    who, task, item = rng.choice([NURSE, DOCTOR]), task_of(case), rng.randint(1, 3)
    by, revision = Actor("clinic"), case.revision + 1
    change: Change[Any]
    match rng.randrange(20):
        case 0 | 1 | 2:
            change = decide_items(case, task, who, (_answer(rng, item, who),), at)
        case 3:
            change = attend_review(case, case.revision, {}, at)
        case 4:
            change = escalate(case, task, who, at)
        case 5:
            change = extend_clock(case, task, who, "more", (), at)
        case 6:
            change = offer_peer_to_peer(case, task, who, at + HOUR, (), at)
        case 7:
            change = end_peer_to_peer(case, by, held=True, at=at)
        case 8:
            change = update(case, case.request, revision=revision, by=by, at=at)
        case 9 | 10:
            return _ruled(case, (_any_ruling(rng, item),))
        case _:
            return _step_of_appeal(case, rng, item, at)
    return change.case


def _step_of_appeal(case: Case, rng: Random, item: int, at: datetime) -> Case:
    """One random thing that may be tried with an appeal, against a decision or silence."""
    if rng.random() < 0.5:
        level = rng.choice([PLAN, ENTITY, PRIVATE, EXTERNAL])
        items = case.open_items or (item,)
        return file(case, level, filing(*items, at=at)).case
    if rng.random() < 0.2:
        return attend(case, rng.randint(1, 2), {}, LEVELS, at).case
    words, code = rng.choice(["", *["It stands"] * 3]), rng.choice(["", *["0K"] * 3])
    made = AppealDecision(rng.choice([*AppealOutcome, *[AppealOutcome.UPHELD] * 9]), words, code)
    task = appeal_task_id(case, max(1, len(case.appeals) - rng.choice([0, 0, 1])))
    return decide(case, task, rng.choice([NURSE, DOCTOR, OTHER_DOCTOR]), made, at).case


def _answer(rng: Random, item: int, who: Reviewer) -> ItemDecision:
    """A decision that somebody tries to make, with its reason or without."""
    action = rng.choice([each for each in ReviewAction if each.is_final])
    has_reason = rng.random() < 0.7
    return replace(
        deny(item) if has_reason else certify(item),
        action=action,
        quantity=rng.choice([None, Decimal(1), Decimal(1)]),
        decided_by=actor_of(who),
    )


def _any_ruling(rng: Random, item: int) -> ItemRuling:
    action = rng.choice([*ReviewAction, None])
    return ItemRuling(sequence=item, action=action, reason_text="so", rule="edited@1#1")


def _ruled(case: Case, rulings: tuple[ItemRuling, ...]) -> Case:
    clock = in_review().clock
    assert clock is not None
    return rule_on_items(case, rulings, findings=(), membership=MEMBER, clock=clock, at=NOON).case


def _as_ruling(case: Case, value: dict[str, Any]) -> ItemRuling:
    """What the deed makes of the table's answer."""
    answer = RuleAnswer(value=value, model="auto-approval", version="1", rows=(), input_hash="")
    return _ruling(case.request.items[0], case, MEMBER, answer)
