"""Keeping what the rules answered in a step that commits nothing, such as a check."""

from shared.contracts.decision_log import DecisionRecord
from shared.ports.case_store import CaseStore


async def keep_decisions(
    case_id: str, records: tuple[DecisionRecord, ...], *, cases: CaseStore, key: str
) -> None:
    """Keep the answers with their case, once for each step."""
    await cases.keep_decisions(case_id, key, records)
