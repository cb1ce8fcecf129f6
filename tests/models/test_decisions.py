"""The decision tables that the business owns, run through our engine.

Every scenario holds, every row decides one, every answer is one that the domain can read, and no
combination of inputs denies care.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.business_calendar import HolidayRule, observed_holidays
from shared.domain.prior_authorization.codes import Level, LineOfBusiness, Urgency
from shared.domain.prior_authorization.deadlines import (
    BreachConsequence,
    ClockRule,
    TimeUnit,
    Tolling,
)
from shared.domain.prior_authorization.gold_card import GoldCardRule
from shared.domain.prior_authorization.information import NeededDocument, WaitTerms
from shared.domain.prior_authorization.notice_matrix import (
    Channel,
    Notice,
    NoticeEvent,
    Recipient,
)
from shared.engine.dmn import HitPolicy, Model, Result, compile_model

FOLDER = Path(__file__).parents[2] / "models" / "decisions"
DMN = "{https://www.omg.org/spec/DMN/20230324/MODEL/}"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NEW_YORK = "America/New_York"
NAMES = sorted(path.name.removesuffix(".dmn") for path in FOLDER.glob("*.dmn"))
TEXTS = {name: (FOLDER / f"{name}.dmn").read_text() for name in NAMES}
TREES = {name: ET.fromstring(text) for name, text in TEXTS.items()}  # noqa: S314 - our own files
MODELS: dict[str, Model] = {
    name: compile_model(text, file=f"{name}.dmn") for name, text in TEXTS.items()
}
SCENARIOS: dict[str, list[dict[str, Any]]] = {
    name: json.loads((FOLDER / f"{name}.scenarios.json").read_text())["scenarios"] for name in NAMES
}

# The outputs that say what becomes of an item or a request. All others are terms and words.
VERDICTS = {
    "auto-approval": ("Auto approval", "action", {"not required", "approve", "review"}),
    "eligibility": ("Eligibility", "result", {"continue", "reject"}),
}
NUMBERS: dict[str, list[Any]] = {
    "days ahead": [-1, 0, 730, 731, 2_900_000],
    "documents missing": [0, 1, 7],
    "quantity": [0, 1, Decimal("1.1"), 2, 12, 13, 60, 61, 1000000],
}
STANDINGS = ("confirmed", "unconfirmed", "plan's choice")


def evaluate(model: str, decision: str, given: Mapping[str, Any]) -> Result:
    """Evaluate with dates where the model has dates."""
    kinds = inputs(model)
    typed = {
        name: date.fromisoformat(value) if kinds[name] == "date" else value
        for name, value in given.items()
    }
    return MODELS[model].evaluate(decision, typed, now=NOW)


def inputs(model: str) -> dict[str, str]:
    """The type of each input of a model."""
    return {
        data.attrib["name"]: variable.attrib["typeRef"]
        for data in TREES[model].iter(f"{DMN}inputData")
        for variable in data.iter(f"{DMN}variable")
    }


def answers(model: str) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Given and answer of each scenario that has an answer."""
    for scenario in SCENARIOS[model]:
        if scenario["expect"] is not None:
            given = scenario["given"]
            yield given, evaluate(model, scenario["decision"], given).value


def representatives(model: str, name: str, kind: str) -> list[Any]:
    """No value, and one of each kind that a rule could tell apart."""
    match kind:
        case "boolean":
            return [None, True, False]
        case "number":
            return [None, *NUMBERS[name]]
        case _:
            return [None, *sorted(allowed(model, kind))]


def allowed(model: str, type_name: str) -> set[str]:
    """The words that a type of the model allows."""
    path = f"{DMN}itemDefinition[@name='{type_name}']/{DMN}allowedValues/{DMN}text"
    return set(json.loads(f"[{TREES[model].findtext(path)}]"))


@pytest.mark.parametrize("model", NAMES)
def test_each_scenario_holds(model: str) -> None:
    for scenario in SCENARIOS[model]:
        result = evaluate(model, scenario["decision"], scenario["given"])
        assert result.value == scenario["expect"], scenario["name"]
        assert scenario["expect"] is None or not result.diagnostics, scenario["name"]


@pytest.mark.parametrize("model", NAMES)
def test_each_row_decides_a_scenario(model: str) -> None:
    policies = {name: table.hit_policy for name, table in MODELS[model].tables}
    decisive: set[tuple[str, str]] = set()
    for scenario in SCENARIOS[model]:
        seen: set[str] = set()
        for match in evaluate(model, scenario["decision"], scenario["given"]).matched:
            if match.decision in seen and policies[match.decision] is HitPolicy.FIRST:
                continue
            seen.add(match.decision)
            decisive.add((match.decision, match.rule_id))
    rows = {(name, rule.id) for name, table in MODELS[model].tables for rule in table.rules}
    assert rows - decisive == set()


@pytest.mark.parametrize("model", NAMES)
def test_each_row_names_its_source_and_its_standing(model: str) -> None:
    for rule in TREES[model].iter(f"{DMN}rule"):
        source, standing = (
            text.text or "" for text in rule.iterfind(f"{DMN}annotationEntry/{DMN}text")
        )
        assert source, rule.attrib["id"]
        assert any(word in standing for word in STANDINGS), rule.attrib["id"]


@pytest.mark.parametrize("model", NAMES)
def test_the_names_of_the_scenarios_differ(model: str) -> None:
    names = [scenario["name"] for scenario in SCENARIOS[model]]
    assert len(set(names)) == len(names)


def test_only_two_tables_say_what_becomes_of_a_request() -> None:
    outputs = {
        (model, column.name or column.label)
        for model in NAMES
        for _, table in MODELS[model].tables
        for column in table.outputs
    }
    verdicts = {
        (model, name) for model, name in outputs if name in {"action", "result", "decision"}
    }
    assert verdicts == {(model, name) for model, (_, name, _) in VERDICTS.items()}


@pytest.mark.parametrize("model", VERDICTS)
def test_no_verdict_table_has_a_word_for_denial(model: str) -> None:
    _, output, words = VERDICTS[model]
    assert allowed(model, f"t{output.capitalize()}") == words


@pytest.mark.parametrize("model", VERDICTS)
def test_no_combination_of_inputs_denies_care(model: str) -> None:
    """Over the cross product of each input's words, boundaries, and absence."""
    decision, output, words = VERDICTS[model]
    values = {name: representatives(model, name, kind) for name, kind in inputs(model).items()}
    seen = {
        evaluate(model, decision, dict(zip(values, each, strict=True))).value[output]
        for each in product(*values.values())
    }
    assert seen == words


@pytest.mark.parametrize(
    ("code", "category", "service_class", "action"),
    [
        ("99212", "1", "office visit", "not required"),
        ("33510", "2", "cardiac surgery", "review"),
        ("3", "3", "consultation", "approve"),
        ("3", "", "consultation", "approve"),
        ("G0154", "", "home health", "review"),
        ("B4184", "", "infusion and nutrition", "review"),
    ],
)
def test_the_examples_of_pas_are_approved_or_pended(
    code: str, category: str, service_class: str, action: str
) -> None:
    item = {"service code": code, "category": category}
    assert evaluate("service-class", "Service class", item).value == service_class
    needed = evaluate(
        "documents-needed",
        "Documents needed",
        {"service class": service_class, "is renewal": False},
    ).value
    given = {
        "service class": service_class,
        "gold carded": False,
        "documents missing": len(needed),
        "quantity": None,
        "is renewal": False,
    }
    assert evaluate("auto-approval", "Auto approval", given).value["action"] == action


def test_the_tables_speak_the_words_of_the_domain() -> None:
    pairs: list[tuple[str, str, type[Any]]] = [
        ("decision-deadlines", "tLineOfBusiness", LineOfBusiness),
        ("decision-deadlines", "tUrgency", Urgency),
        ("decision-deadlines", "tUnit", TimeUnit),
        ("decision-deadlines", "tTolls", Tolling),
        ("appeal-levels", "tLineOfBusiness", LineOfBusiness),
        ("appeal-levels", "tDecidedBy", AppealBody),
        ("notice-matrix", "tEvent", NoticeEvent),
        ("notice-matrix", "tRecipient", Recipient),
        ("notice-matrix", "tChannel", Channel),
    ]
    for model, type_name, words in pairs:
        assert allowed(model, type_name) == {str(word) for word in words}, (model, type_name)
    consequences = {str(word) for word in BreachConsequence}
    assert allowed("decision-deadlines", "tOnBreach") | allowed("appeal-levels", "tOnBreach") == (
        consequences
    )
    assert allowed("review-routing", "tLevel") == {Level.NURSE, Level.PHYSICIAN}


def test_every_model_knows_the_same_classes_of_service() -> None:
    classes = allowed("service-class", "tServiceClass")
    speaking = [name for name in NAMES if 'name="tServiceClass"' in TEXTS[name]]
    assert {frozenset(allowed(name, "tServiceClass")) for name in speaking} == {frozenset(classes)}
    assert len(speaking) == 6


def test_every_deadline_starts_a_clock() -> None:
    rules = {
        ClockRule.from_row(row, time_zone=NEW_YORK) for _, row in answers("decision-deadlines")
    }
    assert all(rule.allowed > 0 and rule.warn_before_hours > 0 for rule in rules)
    assert all((rule.extensions_max > 0) == (rule.extension_days > 0) for rule in rules)
    tolling = {rule for rule in rules if rule.tolls is Tolling.INFORMATION}
    assert {rule.allowed for rule in tolling} == {15, 72}
    for rule in rules:
        is_urgent_tolling = rule in tolling and rule.unit is TimeUnit.HOURS
        assert bool(rule.hours_after_information) == is_urgent_tolling


def test_every_appeal_leads_to_a_level_that_there_is() -> None:
    rules = [
        (given, AppealRule.from_row(row, level=given["level"], time_zone=NEW_YORK))
        for given, row in answers("appeal-levels")
    ]
    levels = {(given["line of business"], given["level"]) for given, _ in rules}
    for given, rule in rules:
        if rule.next_level:
            assert (given["line of business"], rule.next_level) in levels
        assert rule.file_within_days or given["level"] > 1


def test_every_notice_can_be_read() -> None:
    notices = {Notice.from_row(row) for _, rows in answers("notice-matrix") for row in rows}
    assert {notice.recipient for notice in notices} == set(Recipient)
    assert {notice.channel for notice in notices} == set(Channel)


def test_terms_documents_and_waits_can_be_read() -> None:
    terms = {GoldCardRule.from_row(row) for _, row in answers("gold-card")}
    assert {rule.approved_percent_min for rule in terms if rule.offered} == {90, 95}
    assert all(not rule.requests_min for rule in terms if not rule.offered)
    documents = {
        NeededDocument.from_row(row) for _, rows in answers("documents-needed") for row in rows
    }
    assert all(document.kind and document.report_type for document in documents)
    waits = [WaitTerms.from_row(row) for _, row in answers("review-waits")]
    assert all(0 <= wait.remind_after_hours < wait.answer_within_hours for wait in waits)
    assert {wait.answer_within_hours for wait in waits if not wait.remind_after_hours} == {8, 48}


def test_the_holidays_of_2026_are_those_that_the_government_published() -> None:
    rows = evaluate("federal-holidays", "Federal holidays", {"year": 2026}).value
    published = ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11"]
    published += ["11-26", "12-25"]
    days = observed_holidays([HolidayRule.from_row(row) for row in rows], 2026)
    assert days == tuple(date.fromisoformat(f"2026-{day}") for day in published)
