"""What-if and asking, measured on the shipped auto-approval table: `python -m bench.rules_whatif`.

Recorded decisions are read from their JSON, as they come out of the store, and made again by a
candidate version; asking goes through the rule book at a pinned version, with the record noted.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.model_store import MemoryModelStore
from shared.adapters.rules.seeding import DECISIONS
from shared.adapters.rules.store_rule_book import StoreRuleBook
from shared.contracts.decision_log import DecisionRecord, read_inputs, read_value
from shared.contracts.steps import converter
from shared.engine.dmn import compile_model
from shared.engine.dmn.comparison import Recorded, compare
from shared.ports.decision_log import gathering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.engine.dmn.comparison import Comparison

MODEL, DECISION = "auto-approval", "Auto approval"
DECISIONS_COMPARED = 100_000
ASKED = 20_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came out.

    Attributes:
        whatif_seconds: for 100,000 decisions, on one core, from JSON to the finished comparison.
        ask_microseconds: of one ask at a pinned version, evaluated, hashed and noted.
    """

    whatif_decisions: int
    whatif_seconds: float
    whatif_decisions_per_s: float
    flipped: int
    ask_microseconds: float


def main() -> int:
    """Measure, and print the figures as JSON."""
    sys.stdout.write(json.dumps(asdict(asyncio.run(measure()))) + "\n")
    return 0


async def measure(decisions: int = DECISIONS_COMPARED, asked: int = ASKED) -> Measured:
    """Record decisions by asking, then compare them with a candidate that changes one row."""
    rules = StoreRuleBook(MemoryModelStore(), SettableClock(NOW))
    pinned = (await rules.versions(NOW))[MODEL]
    inputs = list(_inputs(random.Random(SEED), asked))  # noqa: S311 - the same load each time
    started = time.perf_counter()
    records: list[DecisionRecord] = []
    for given in inputs:
        with gathering() as made:
            await rules.ask(MODEL, DECISION, given, at=NOW, version=pinned)
        records += made
    ask_seconds = (time.perf_counter() - started) / asked
    texts = [converter(DecisionRecord).dump_json(record) for record in records]
    stored = [texts[number % asked] for number in range(decisions)]
    started = time.perf_counter()
    comparison = _compared(stored)
    seconds = time.perf_counter() - started
    return Measured(
        whatif_decisions=comparison.decisions,
        whatif_seconds=round(seconds, 2),
        whatif_decisions_per_s=round(comparison.decisions / seconds),
        flipped=comparison.flipped,
        ask_microseconds=round(ask_seconds * 1e6, 1),
    )


def _compared(stored: list[bytes]) -> Comparison:
    xml = (DECISIONS / f"{MODEL}.dmn").read_text(encoding="utf-8")
    candidate = compile_model(xml.replace("[1..12]", "[1..10]"))
    return compare(candidate, (_recorded(text, number) for number, text in enumerate(stored)))


def _recorded(text: bytes, number: int) -> Recorded:
    record: DecisionRecord = converter(DecisionRecord).validate_json(text)
    return Recorded(
        case_id=f"case-{number // 3}",
        decision=record.decision,
        at=record.at,
        given=read_inputs(record.given),
        answer=read_value(record.answer),
        rows=record.rows,
    )


def _inputs(chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    classes = ["consultation", "advanced imaging", "therapy", "home health", "surgery", "other"]
    for _ in range(count):
        yield {
            "service class": chance.choice(classes),
            "gold carded": chance.random() < 0.1,  # noqa: PLR2004 - one in ten
            "documents missing": chance.choice([0, 0, 0, 1]),
            "quantity": chance.choice([None, 1, 2, 11, 12, 40]),
            "is renewal": chance.random() < 0.3,  # noqa: PLR2004 - three in ten
        }


if __name__ == "__main__":
    sys.exit(main())
