import pytest

from console.forms import FORM_BYTES_MAX, Form, FormError, Problem, problems_of, read_form
from console.forms import read_message as read
from shared.contracts.tasks import MESSAGES, read_task_message
from shared.domain.prior_authorization.answers import Fault
from shared.errors import ComplianceError, ContractError, RuleViolation

DENIED: dict[str, list[str]] = {
    "action-1": ["A3"],
    "reasonCode-1": ["0F"],
    "reason-1": ["Not tried before."],
}


def _problems(action: str, form: Form) -> tuple[Problem, ...]:
    with pytest.raises(ContractError) as raised:
        read_task_message(action, read(action, form))
    return problems_of(action, form, raised.value)


def test_a_form_is_read_as_browsers_send_it() -> None:
    form = read_form(b"action-1=A1&kinds=a&kinds=b&reason-1=+caf%C3%A9%0D%0Aau+lait+&to=")
    assert form == {
        "action-1": ["A1"],
        "kinds": ["a", "b"],
        "reason-1": ["café\nau lait"],
        "to": [""],
    }


@pytest.mark.parametrize("body", [b"a=%FF", b"\xff", b"a=" + b"x" * FORM_BYTES_MAX, b"&a=1" * 6000])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ContractError):
        read_form(body)


def test_only_items_that_are_decided_are_sent() -> None:
    form = DENIED | {"action-2": [""], "reasonCode-2": ["0F"]}
    made = read("complete", form)
    assert [each["sequence"] for each in made["decisions"]] == ["1"]
    read_task_message("complete", made)


def test_what_an_action_has_no_use_for_is_left_out() -> None:
    typed = {"quantity-1": ["5"], "serviceCode-1": ["1"], "serviceSystem-1": ["s"]}
    certified = read("complete", {**DENIED, **typed, "action-1": ["A1"]})["decisions"][0]
    denied = read("complete", {**DENIED, **typed, "effectiveTo-1": ["2026-01-01"]})["decisions"][0]
    assert certified == {"sequence": "1", "action": "A1"}
    assert set(denied) == {"sequence", "action", "reasonCode", "reason"}


def test_all_that_a_decision_leaves_unsaid_is_said_at_once() -> None:
    with pytest.raises(FormError) as raised:
        read("complete", {"action-1": ["A2"], "action-2": ["A6"]})
    fields = [problem.field for problem in raised.value.problems]
    assert fields == [
        "reasonCode-1",
        "reason-1",
        "quantity-1",
        "reasonCode-2",
        "reason-2",
        "serviceCode-2",
    ]


def test_a_form_without_a_decision_points_at_its_first_item() -> None:
    assert _problems("complete", {"action-3": [""], "action-4": [""]}) == (
        Problem("Decide at least one item.", "action-3"),
    )


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("quantity", "many", "quantity-1"),
        ("quantity", "-1", "quantity-1"),
        ("reason", "x" * 3000, "reason-1"),
        ("reasonCode", "x" * 30, "reasonCode-1"),
        ("effectiveTo", "soon", "effectiveTo-1"),
        ("action", "A4", "action-1"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named(name: str, value: str, field: str) -> None:
    form = DENIED | {"action-1": ["A2"], "quantity-1": ["2"], f"{name}-1": [value]}
    [problem] = _problems("complete", form)
    assert problem.field == field
    assert problem.text.startswith("Item 1: ")


def test_a_later_first_day_is_something_else_than_was_asked() -> None:
    form = DENIED | {"action-1": ["A6"], "effectiveFrom-1": ["2026-04-01"]}
    [made] = read("complete", form)["decisions"]
    assert made["effectiveFrom"] == "2026-04-01"


def test_a_service_without_a_system_points_at_the_service() -> None:
    form = DENIED | {"action-1": ["A6"], "serviceCode-1": ["27446"], "serviceSystem-1": [""]}
    assert _problems("complete", form)[0].field == "serviceCode-1"


def test_kinds_are_ticked_and_typed() -> None:
    form = {"kinds": ["11506-3"], "other-kinds": ["B3, 11506-3 09"], "questionnaire": [""]}
    assert read("request-information", form)["kinds"] == ["11506-3", "B3", "09"]


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("request-information", "other-kinds"),
        ("extend", "extension-reason"),
        ("reassign", "to"),
        ("decide-appeal", "outcome"),
        ("withdraw-appeal", "withdrawnBy"),
    ],
)
def test_an_empty_form_says_what_is_missing(action: str, field: str) -> None:
    assert _problems(action, {})[0].field == field


def test_an_appeal_is_overturned_in_part_for_the_items_ticked() -> None:
    form: Form = {
        "outcome": ["overturned in part"],
        "resolution": ["One is shown."],
        "items": ["2", "3"],
    }
    message = read_task_message("decide-appeal", read("decide-appeal", form))
    assert message.model_dump(include={"outcome", "items"}) == {
        "outcome": "overturned",
        "items": (2, 3),
    }
    whole = read("decide-appeal", {**form, "outcome": ["overturned"]})
    assert "items" not in whole
    [problem] = _problems("decide-appeal", {**form, "items": []})
    assert problem.field == "items"


def test_every_action_of_the_contract_has_a_form() -> None:
    filled: Form = {
        **DENIED,
        "kinds": ["09"],
        "to": ["dr-chen"],
        "extension-reason": ["more time"],
        "held": ["no"],
        "outcome": ["upheld"],
        "resolution": ["It stands."],
        "withdrawnBy": ["M-1001"],
    }
    for action in MESSAGES:
        read_task_message(action, read(action, filled))


def test_refusals_are_told_one_by_one_beside_their_field() -> None:
    error = ComplianceError(
        "task pa-1.review1: only a physician may decide against what was asked; "
        "the matter belongs to another specialty"
    )
    assert problems_of("complete", {"action-2": ["A1"], **DENIED}, error) == (
        Problem("Only a physician may decide against what was asked.", "action-1"),
        Problem("The matter belongs to another specialty.", "action-1"),
    )


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        (Fault.FEWER_DAYS, "action-2"),
        (Fault.NO_LAST_DAY, "effectiveTo-2"),
        (Fault.NOT_FEWER, "quantity-2"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_beside_its_item(fault: Fault, field: str) -> None:
    form = {"action-1": ["A3"], "action-2": ["A1"]}
    [problem] = problems_of("complete", form, RuleViolation(f"item 2: {fault}"))
    assert problem == Problem(f"Item 2: {fault}.", field)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("task pa-1.review1 is closed", "This task is closed."),
        ("case pa-1 awaits no peer-to-peer talk", "This case awaits no peer-to-peer talk."),
        ("item 1: say what is certified instead", "Item 1: say what is certified instead."),
        ("appeal pa-1.appeal1: say why, in words", "Say why, in words."),
    ],
)
def test_a_refusal_is_told_without_the_id_on_the_page(message: str, told: str) -> None:
    assert problems_of("claim", {}, RuleViolation(message))[0].text == told
