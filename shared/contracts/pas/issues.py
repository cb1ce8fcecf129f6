"""What is wrong with a message, in the words of a FHIR OperationOutcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.errors import ContractError

ISSUES_MAX = 50  # A sender fixes a few at a time; a hostile body must not make a huge answer.


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, and where.

    Attributes:
        severity: "error" refuses the message; "warning" and "information" do not.
        code: the FHIR issue type, such as "required" or "not-found".
        details: a sentence for the sender's engineer; element names and resource ids only.
        expression: the FHIRPath of the element; empty for the whole message.

    Source:
        FHIR R4, OperationOutcome.issue and value set issue-type.
    """

    severity: str
    code: str
    details: str
    expression: str = ""


class Malformed(ContractError):  # noqa: N818 - what it says of the message
    """The message does not keep its contract: each issue says where and why.

    Attributes:
        issues: what is wrong, at least one of severity "error".
        status: the HTTP status that the FHIR door answers with: 413 for a body over the limit,
            400 for the rest.
    """

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        first = next(issue for issue in self.issues if issue.severity == "error")
        super().__init__(first.details, where=first.expression)
        self.status = 413 if first.code == "too-long" else 400


class Findings:
    """Gathers issues while a message is read, so that the sender hears of all at once."""

    __slots__ = ("issues",)

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def error(self, code: str, details: str, expression: str = "") -> None:
        """Note what refuses the message."""
        self._note(Issue("error", code, details, expression))

    def warn(self, code: str, details: str, expression: str = "") -> None:
        """Note what the sender should mend, though the message is accepted."""
        self._note(Issue("warning", code, details, expression))

    def raise_errors(self) -> None:
        """Refuse the message where any error was noted.

        Raises:
            Malformed: with every issue noted so far.
        """
        if any(issue.severity == "error" for issue in self.issues):
            raise Malformed(self.issues)

    def _note(self, issue: Issue) -> None:
        if len(self.issues) < ISSUES_MAX and issue not in self.issues:
            self.issues.append(issue)


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The one OperationOutcome that answers a malformed request.

    Source: Da Vinci PAS 2.2.1, error handling: 4XX with exactly one OperationOutcome.
    """
    return {"resourceType": "OperationOutcome", "issue": [_encoded(issue) for issue in issues]}


def _encoded(issue: Issue) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "severity": issue.severity,
        "code": issue.code,
        "details": {"text": issue.details},
    }
    if issue.expression:
        encoded["expression"] = [issue.expression]
    return encoded
