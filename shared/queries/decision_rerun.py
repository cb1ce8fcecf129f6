"""Making a case's past decisions again, to prove that they come out the same, bit for bit."""

from dataclasses import dataclass

from shared.contracts.decision_log import DecisionRecord, read_inputs
from shared.errors import PermanentError
from shared.ports.case_store import CaseStore
from shared.ports.commits import load_case
from shared.ports.decision_log import gathering
from shared.ports.rule_book import RuleBook


@dataclass(frozen=True, slots=True)
class Rerun:
    """A decision made again.

    Attributes:
        difference: what came out otherwise, by name; empty where all is the same.
    """

    record: DecisionRecord
    difference: str

    @property
    def is_identical(self) -> bool:
        """Whether inputs, version, rows and answer are the same to the last digit."""
        return not self.difference


async def rerun(cases: CaseStore, rules: RuleBook, case_id: str) -> tuple[Rerun, ...]:
    """Make every recorded decision of a case again, at its own version and as of its own time.

    Raises:
        UnknownCaseError: there is no such case.
        TransientError: the store is out of reach.
    """
    await load_case(cases, case_id)
    records = await cases.decisions(case_id)
    return tuple([Rerun(record, await _difference(rules, record)) for record in records])


async def _difference(rules: RuleBook, record: DecisionRecord) -> str:
    given = read_inputs(record.given)
    try:
        with gathering() as made:
            await rules.ask(
                record.model, record.decision, given, at=record.at, version=record.version
            )
    except PermanentError as error:
        return str(error)
    [again] = made
    names = ("version", "given", "input_hash", "rows", "answer")
    return ", ".join(name for name in names if getattr(again, name) != getattr(record, name))
