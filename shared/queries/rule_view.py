"""The rules as JSON: models and versions, and what tests, analysis, traces and what-if say."""

from datetime import datetime
from typing import Any

from shared.contracts.audit import SealedEntry, first_broken
from shared.contracts.steps import converter
from shared.engine.dmn import Result, TableTrace
from shared.engine.dmn.analysis import Analysis, Finding
from shared.engine.dmn.comparison import Comparison
from shared.engine.dmn.scenarios import Report
from shared.engine.feel.running import FeelError
from shared.engine.feel.writing import write
from shared.ports.model_store import Publication, StoredModel
from shared.queries.decision_rerun import Rerun

CASES_SHOWN_MAX = 1000
FAILURES_SHOWN_MAX = 100


def model_json(model: StoredModel, now: datetime) -> dict[str, Any]:
    """A model with its versions, the newest first, and its publications."""
    return {
        "name": model.name,
        "inForce": model.in_force(now),
        "versions": [
            {
                "version": each.version,
                "tag": each.tag,
                "uploadedBy": each.uploaded_by,
                "uploadedAt": each.uploaded_at.isoformat(),
            }
            for each in reversed(model.versions)
        ],
        "publications": [publication_json(each) for each in model.publications],
    }


def publication_json(publication: Publication) -> dict[str, Any]:
    """From when a version is in force."""
    return {
        "version": publication.version,
        "effectiveFrom": publication.effective_from.isoformat(),
        "publishedBy": publication.published_by,
        "publishedAt": publication.published_at.isoformat(),
        "override": publication.override,
    }


def trail_json(model: StoredModel, trail: tuple[SealedEntry, ...]) -> dict[str, Any]:
    """A model's audit trail, with its proof."""
    broken_at = first_broken(trail, count=model.audit_count, head=model.audit_head)
    entries = converter(tuple[SealedEntry, ...]).dump_python(trail, mode="json")
    return {"isWhole": broken_at is None, "brokenAt": broken_at, "entries": entries}


def report_json(report: Report) -> dict[str, Any]:
    """What came of a version's scenarios."""
    return {
        "scenarios": len(report.outcomes),
        "failed": [
            {
                "name": each.scenario.name,
                "why": each.why,
                "expected": _json(each.scenario.expect),
                "answer": _json(each.answer),
                "rows": [row.rule_id or row.rule for row in each.rows],
            }
            for each in report.failed[:FAILURES_SHOWN_MAX]
        ],
        "failures": len(report.failed),
        "rowCoverage": round(report.coverage.percent, 1),
        "rowsNotReached": [
            {"decision": row.decision, "row": row.rule_id or row.rule}
            for row in report.coverage.missed
        ],
    }


def analysis_json(analysis: Analysis) -> dict[str, Any]:
    """Everything that analysis found."""
    return {
        "errors": len(analysis.errors),
        "findings": [_finding(each) for each in analysis.findings],
    }


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """What a candidate would change."""
    return {
        "decisions": comparison.decisions,
        "flipped": comparison.flipped,
        "flipShare": round(comparison.flip_share, 6),
        "unanswered": comparison.unanswered,
        "matrix": [
            {
                "decision": flip.decision,
                "output": flip.output,
                "from": flip.before,
                "to": flip.after,
                "count": count,
            }
            for flip, count in comparison.matrix
        ],
        "rows": [
            {"row": row, "before": before, "after": after}
            for row, (before, after) in comparison.rows.items()
        ],
        "casesAffected": len(comparison.cases),
        "cases": list(comparison.cases[:CASES_SHOWN_MAX]),
    }


def result_json(result: Result) -> dict[str, Any]:
    """An answer with its trace: every cell's outcome, and why; values are FEEL texts."""
    return {
        "answer": _text(result.value),
        "rows": [
            {"decision": row.decision, "row": row.rule_id or row.rule} for row in result.matched
        ],
        "diagnostics": [
            {"element": each.element, "message": each.message, "character": each.column}
            for each in result.diagnostics
        ],
        "tables": [_table(each) for each in result.trace],
    }


def reruns_json(reruns: tuple[Rerun, ...]) -> dict[str, Any]:
    """Which decisions of a case come out the same; never their inputs."""
    return {
        "decisions": [
            {
                "model": each.record.model,
                "version": each.record.version,
                "decision": each.record.decision,
                "at": each.record.at.isoformat(),
                "inputHash": each.record.input_hash,
                "rows": each.record.rows,
                "identical": each.is_identical,
                "difference": each.difference,
            }
            for each in reruns
        ],
        "identical": sum(each.is_identical for each in reruns),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "element": finding.element,
        "message": finding.message,
        "cells": [
            {"row": cell.rule_id or cell.rule, "column": cell.column, "text": cell.text}
            for cell in finding.cells
        ],
        "example": finding.example,
        "character": finding.character,
    }


def _table(table: TableTrace) -> dict[str, Any]:
    return {
        "decision": table.decision,
        "hitPolicy": table.hit_policy,
        "rows": [
            {
                "row": row.rule_id or row.rule,
                "matched": row.matched,
                "cells": [
                    {
                        "input": cell.input,
                        "value": _text(cell.value),
                        "test": cell.test,
                        "matched": cell.matched,
                        "reason": cell.reason,
                    }
                    for cell in row.cells
                ],
            }
            for row in table.rows
        ],
    }


def _text(value: Any) -> str:
    """A value as a FEEL literal; text in its quotes."""
    try:
        return write([value])[1:-1]
    except FeelError as error:
        return f"({error})"


def _json(value: Any) -> Any:
    """A scenario's value, whose numbers are exact, as JSON."""
    return converter(Any).dump_python(value, mode="json")
