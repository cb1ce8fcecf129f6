"""What a reviewer may say of a task, as the API and the console send it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.prior_authorization.codes import ReviewAction
from shared.errors import ContractError

REASON_CHARACTERS_MAX = 2000
ITEMS_MAX = 200
SEQUENCE_MAX = 2**31 - 1  # FHIR R4, positiveInt.
DIGITS_MAX = 18

type DocumentKind = Annotated[str, Field(min_length=1, max_length=50)]
type ItemNumber = Annotated[int, Field(ge=1, le=SEQUENCE_MAX)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ServiceInstead(_Message):
    """The service certified in place of the one asked for."""

    system: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=1, max_length=50)
    display: str = Field(default="", max_length=200)


class ItemAnswer(_Message):
    """The decision on one item.

    Attributes:
        action: A1 certified as asked, A2 partial, A3 not certified, A6 modified (X12 306).
        reason_code: X12 886; with reason compulsory for A2, A3 and A6.
        quantity: units certified, for A2 and A6; for A2 fewer than were asked.
        effective_to: compulsory where the request names no last day of service.
    """

    sequence: ItemNumber
    action: Literal["A1", "A2", "A3", "A6"]
    reason_code: str = Field(default="", alias="reasonCode", max_length=20)
    reason: str = Field(default="", max_length=REASON_CHARACTERS_MAX)
    quantity: Decimal | None = Field(default=None, gt=0, max_digits=DIGITS_MAX)
    service: ServiceInstead | None = None
    effective_from: date | None = Field(default=None, alias="effectiveFrom")
    effective_to: date | None = Field(default=None, alias="effectiveTo")

    @property
    def review_action(self) -> ReviewAction:
        """The action as the domain knows it."""
        return ReviewAction(self.action)


class Complete(_Message):
    """Decide items; the task is done with the last of them."""

    decisions: tuple[ItemAnswer, ...] = Field(min_length=1, max_length=ITEMS_MAX)


class AskForInformation(_Message):
    """Ask the provider for documents.

    Attributes:
        kinds: LOINC or X12 755 codes; questionnaire: canonical URL of a DTR questionnaire.
    """

    kinds: tuple[DocumentKind, ...] = Field(min_length=1, max_length=20)
    questionnaire: str = Field(default="", max_length=500)


class Reassign(_Message):
    """Hand the task to another reviewer."""

    to: str = Field(min_length=1, max_length=100)


class Extend(_Message):
    """Take the extension that the law allows."""

    reason: str = Field(min_length=1, max_length=REASON_CHARACTERS_MAX)


class EndTalk(_Message):
    """Close the peer-to-peer talk."""

    held: bool = True


class DecideAppeal(_Message):
    """Decide an appeal, or record what an outside body decided.

    Attributes:
        reason_code: X12 886; compulsory where upholding denies what nobody had decided.
        items: that are overturned, where others are upheld; all of the appeal's where left out.
    """

    outcome: Literal["overturned", "upheld"]
    resolution: str = Field(min_length=1, max_length=REASON_CHARACTERS_MAX)
    reason_code: str = Field(default="", alias="reasonCode", max_length=20)
    items: tuple[ItemNumber, ...] = Field(default=(), max_length=ITEMS_MAX)


class WithdrawAppeal(_Message):
    """Record that whoever filed an appeal takes it back.

    Attributes:
        withdrawn_by: his identifier, as he filed it.
    """

    withdrawn_by: str = Field(alias="withdrawnBy", min_length=1, max_length=100)


class FileAppeal(_Message):
    """Appeal against the decisions on some items.

    Attributes:
        filed_by: the member's or the provider's identifier; reason: a code of why.
        amount: the amount in controversy in dollars.
        aid_asked: whether the care should go on meanwhile.
    """

    items: tuple[ItemNumber, ...] = Field(min_length=1, max_length=ITEMS_MAX)
    filed_by: str = Field(alias="filedBy", min_length=1, max_length=100)
    expedited: bool = False
    reason: str = Field(default="", max_length=200)
    amount: Decimal | None = Field(default=None, ge=0, max_digits=DIGITS_MAX)
    aid_asked: bool = Field(default=False, alias="aidAsked")


class Nothing(_Message):
    """An action that says all by its name."""


MESSAGES: dict[str, type[_Message]] = {
    "complete": Complete,
    "claim": Nothing,
    "release": Nothing,
    "escalate": Nothing,
    "reassign": Reassign,
    "request-information": AskForInformation,
    "offer-peer-to-peer": Nothing,
    "end-peer-to-peer": EndTalk,
    "extend": Extend,
    "decide-appeal": DecideAppeal,
    "withdraw-appeal": WithdrawAppeal,
}


def read_task_message(action: str, body: object) -> _Message:
    """The message of an action.

    Raises:
        ContractError: there is no such action, or the message does not fit it; what it quotes is
            a place in the message, never its content.
    """
    kind = MESSAGES.get(action)
    if kind is None:
        raise ContractError(f"there is no action {action[:40]!r}; known: {', '.join(MESSAGES)}")
    return read_message(kind, body)


def read_message[Kind: BaseModel](kind: type[Kind], body: object) -> Kind:
    """A message of a kind.

    Raises:
        ContractError: it does not fit; what it quotes is a place, never the content.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = "/" + "/".join(str(part) for part in first["loc"])
        raise ContractError(f"{first['msg']} at {where}", where=where) from error
