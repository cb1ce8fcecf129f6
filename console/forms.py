"""What a person filled in: a form becomes a message of the task contract, or problems in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from shared.domain.prior_authorization.answers import Fault
from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.reviewers import Objection
from shared.errors import CareloomError, ContractError

FORM_BYTES_MAX = 200_000
FIELDS_MAX = 5_000

# A refusal begins with what it is about, which whoever reads the page knows.
LABEL = re.compile(r"^(?:task|appeal) \S+: ")
ITEM = re.compile(r"^item (\d+): (.*)$")
THIS = re.compile(r"^(task|case|appeal) \S+ ")

type Form = Mapping[str, Sequence[str]]

SAYS_LESS = frozenset({"A2", "A3", "A6"})
WITH_AMOUNTS = frozenset({"A2", "A6"})
IN_PART = "overturned in part"  # The form's word; the contract names the items.

# What is wrong with a field, by its name in the task contract.
SENTENCES: Mapping[str, str] = {
    "quantity": "the units certified must be a number above 0",
    "reason": "the reason in words is too long",
    "reasonCode": "the reason code is too long",
    "effectiveFrom": "the first day must be a date",
    "effectiveTo": "the last day must be a date",
    "service": "the service certified instead needs a code system and a code",
    "kinds": "choose at least one document, or enter a code",
    "questionnaire": "the questionnaire's address is too long",
    "resolution": "the resolution is too long",
    "items": "tick items of this appeal",
    "withdrawnBy": "the identifier is too long",
    "to": "enter the user id of the reviewer who takes over",
}
# Which field a refusal is about, by the words of the domain.
ABOUT: Mapping[str, str] = {
    Objection.NEEDS_REASON_CODE: "reasonCode",
    Objection.NEEDS_REASON_TEXT: "reason",
    Objection.NEEDS_PHYSICIAN: "action",
    Fault.NO_LAST_DAY: "effectiveTo",
    Fault.DAYS_REVERSED: "effectiveTo",
    Fault.NO_UNITS: "quantity",
    Fault.NOT_FEWER: "quantity",
    Fault.NOT_MODIFIED: "serviceCode",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a form: a sentence, and the field to mend; empty for none."""

    text: str
    field: str = ""


class FormError(ContractError):
    """A form cannot be read as a message.

    Attributes:
        problems: everything that is wrong with it.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("the form is not filled in as it must be")
        self.problems = problems


def read_form(body: bytes) -> Form:
    """The fields of a form as a browser sends it.

    Raises:
        ContractError: it is too long, or no form.
    Source:
        WHATWG URL, application/x-www-form-urlencoded.
    """
    if len(body) > FORM_BYTES_MAX:
        raise ContractError(f"a form has at most {FORM_BYTES_MAX} bytes")
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError as error:
        raise ContractError("the form is unreadable") from error
    for name, value in pairs:
        fields.setdefault(name, []).append(value.strip().replace("\r\n", "\n"))
    return fields


def value_of(form: Form, name: str) -> str:
    """The first value of a field; empty where there is none."""
    return next(iter(form.get(name, ())), "")


def read_message(action: str, form: Form) -> Mapping[str, Any]:
    """The message of an action on a task, still to be checked against its contract.

    Raises:
        FormError: no item is decided, or one is against what was asked without saying why.
    """
    match action:
        case "complete":
            return {"decisions": _decisions(form)}
        case "request-information":
            return {"kinds": _kinds(form), "questionnaire": value_of(form, "questionnaire")}
        case "reassign":
            return {"to": value_of(form, "to")}
        case "extend":
            if not value_of(form, "extension-reason"):
                raise FormError(Problem("Say why more time is needed.", "extension-reason"))
            return {"reason": value_of(form, "extension-reason")}
        case "decide-appeal":
            return _appeal_decision(form)
        case "withdraw-appeal":
            if not value_of(form, "withdrawnBy"):
                raise FormError(Problem("Say who withdraws it.", "withdrawnBy"))
            return {"withdrawnBy": value_of(form, "withdrawnBy")}
        case "end-peer-to-peer":
            return {"held": value_of(form, "held") != "no"}
    return {}


def problems_of(action: str, form: Form, error: CareloomError) -> tuple[Problem, ...]:
    """What is wrong, sentence by sentence, each with the field where it can be mended."""
    if isinstance(error, FormError):
        return error.problems
    if isinstance(error, ContractError):
        return (_contract_problem(action, form, error),)
    reasons = THIS.sub(r"this \1 ", LABEL.sub("", str(error)))
    return tuple(_refusal(action, form, reason) for reason in reasons.split("; "))


def _decisions(form: Form) -> list[dict[str, Any]]:
    made = [_decision(form, sequence) for sequence in _decided(form)]
    problems = [problem for sequence in _decided(form) for problem in _unsaid(form, sequence)]
    if not made:
        first = next(_items(form), "")
        raise FormError(Problem("Decide at least one item.", f"action-{first}" if first else ""))
    if problems:
        raise FormError(*problems)
    return made


def _items(form: Form) -> Iterator[str]:
    """The sequences of the items that the form shows, in its order."""
    return (name.removeprefix("action-") for name in form if name.startswith("action-"))


def _decided(form: Form) -> list[str]:
    return [sequence for sequence in _items(form) if value_of(form, f"action-{sequence}")]


def _decision(form: Form, sequence: str) -> dict[str, Any]:
    """The answer on one item; what its action has no use for is left out."""

    def given(name: str) -> str:
        return value_of(form, f"{name}-{sequence}")

    action = given("action")
    made: dict[str, Any] = {"sequence": sequence, "action": action}
    if action != ReviewAction.NOT_CERTIFIED:
        days = {"effectiveFrom": given("effectiveFrom"), "effectiveTo": given("effectiveTo")}
        made |= {name: day for name, day in days.items() if day}
    if action in SAYS_LESS:
        made |= {"reasonCode": given("reasonCode"), "reason": given("reason")}
    if action in WITH_AMOUNTS and given("quantity"):
        made["quantity"] = given("quantity")
    if action == ReviewAction.MODIFIED and given("serviceCode"):
        made["service"] = {"system": given("serviceSystem"), "code": given("serviceCode")}
    return made


def _unsaid(form: Form, sequence: str) -> Iterator[Problem]:
    """What a decision on an item leaves unsaid, all of it at once."""
    action = value_of(form, f"action-{sequence}")
    if action in SAYS_LESS and not value_of(form, f"reasonCode-{sequence}"):
        yield Problem(f"Item {sequence}: give the reason code.", f"reasonCode-{sequence}")
    if action in SAYS_LESS and not value_of(form, f"reason-{sequence}"):
        yield Problem(f"Item {sequence}: give the reason in words.", f"reason-{sequence}")
    if action == ReviewAction.CERTIFIED_PARTIAL and not value_of(form, f"quantity-{sequence}"):
        yield Problem(f"Item {sequence}: say how many units are certified.", f"quantity-{sequence}")
    instead = ("quantity", "serviceCode", "effectiveFrom", "effectiveTo")
    if action == ReviewAction.MODIFIED and not any(
        value_of(form, f"{name}-{sequence}") for name in instead
    ):
        yield Problem(f"Item {sequence}: say what is certified instead.", f"serviceCode-{sequence}")


def _appeal_decision(form: Form) -> dict[str, Any]:
    said = {name: value_of(form, name) for name in ("outcome", "resolution")}
    sentences = {"outcome": "Choose an outcome.", "resolution": "Give the resolution in words."}
    problems = [Problem(sentences[name], name) for name, value in said.items() if not value]
    if problems:
        raise FormError(*problems)
    said["reasonCode"] = value_of(form, "reasonCode")
    if said["outcome"] != IN_PART:
        return said
    items = [each for each in form.get("items", ()) if each]
    if not items:
        raise FormError(Problem("Tick the items that are overturned.", "items"))
    return said | {"outcome": AppealOutcome.OVERTURNED.value, "items": items}


def _kinds(form: Form) -> list[str]:
    """The kinds ticked, and those typed in, separated by commas or spaces."""
    typed = value_of(form, "other-kinds").replace(",", " ").split()
    kinds = list(dict.fromkeys([*form.get("kinds", ()), *typed]))
    if not kinds:
        raise FormError(Problem("Choose at least one document, or enter a code.", "other-kinds"))
    return kinds


def _contract_problem(action: str, form: Form, error: ContractError) -> Problem:
    """The problem at a place such as /decisions/0/quantity, or /to."""
    parts = [part for part in error.where.split("/") if part]
    named = [part for part in parts if part in SENTENCES]
    name = named[0] if named else ""
    sentence = SENTENCES.get(name, "something in the form cannot be read")
    if action == "complete" and len(parts) > 1 and parts[1].isdecimal():
        sequence = _decided(form)[int(parts[1])]
        field = "serviceCode" if name == "service" else name or "action"
        return Problem(f"Item {sequence}: {sentence}.", f"{field}-{sequence}")
    field = {"reason": "extension-reason", "kinds": "other-kinds"}.get(name, name)
    return Problem(f"{sentence[0].upper()}{sentence[1:]}.", field)


def _refusal(action: str, form: Form, reason: str) -> Problem:
    """A refusal in the domain's words; it points at its item, else at the first adverse one."""
    sentence = f"{reason[:1].upper()}{reason[1:]}."
    if action != "complete":
        return Problem(sentence, "to" if action == "reassign" else "")
    about_item = ITEM.match(reason)
    if about_item:
        return Problem(sentence, f"{ABOUT.get(about_item[2], 'action')}-{about_item[1]}")
    decided = _decided(form)
    adverse = [each for each in decided if value_of(form, f"action-{each}") in SAYS_LESS]
    field = ABOUT.get(reason, "action")
    first = next(iter(adverse or decided), "")
    return Problem(sentence, f"{field}-{first}" if first else "")
