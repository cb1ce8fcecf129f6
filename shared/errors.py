"""Errors, sorted by what the catcher must do.

CareloomError
├── ContractError       the message is malformed: answer 400, or dead-letter the event
├── RuleViolation       a rule forbids what was asked: answer 422 (a conflict of state: 409)
├── ModelError          a BPMN, DMN or FEEL text is wrong: show its author where
├── ComplianceError     refused, and the refusal is audited: answer 403
└── DependencyError     something we call failed
    ├── TransientError  trying again may help: the retry policy does
    └── PermanentError  trying again will not: a person looks

Everything else is a bug and crashes. An expected "no" is a value, not an exception. Messages carry
identifiers only, never health data.
"""


class CareloomError(Exception):
    """Anything that this product raises on purpose."""


class ContractError(CareloomError):
    """The message does not keep its contract.

    Attributes:
        where: the place in the message, such as a FHIRPath or a JSON pointer; empty for the whole.
    """

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class RuleViolation(CareloomError):  # noqa: N818 - the architecture's word for it
    """The request is well-formed, and a rule forbids it."""


class ModelError(CareloomError):
    """A BPMN, DMN or FEEL text cannot be used.

    Attributes:
        file: the name of the model's file; empty where the text came without one.
        element: the id or name of the element.
        column: the character position in the expression, from 1; 0 where there is none.
    """

    def __init__(self, message: str, *, file: str = "", element: str = "", column: int = 0) -> None:
        place = ", ".join(
            part for part in (file, element, f"column {column}" if column else "") if part
        )
        super().__init__(f"{place}: {message}" if place else message)
        self.file = file
        self.element = element
        self.column = column


class ComplianceError(CareloomError):
    """Refused for a compliance reason; the refusal is audited."""


class DependencyError(CareloomError):
    """Something that we call failed."""


class TransientError(DependencyError):
    """Trying again may help."""


class PermanentError(DependencyError):
    """Trying again will not help."""
