"""Figures: what each measures and should reach, the file that keeps them, and their tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.running_host import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

type Figure = dict[str, Any]
"""`value`, `unit`, and whatever else is worth knowing; `machine` once it is kept."""

type Figures = dict[str, Figure]

RESULTS = ROOT / "bench" / "results.json"
DOCUMENT = ROOT / "docs" / "performance.md"
TABLE_BEGINS = "<!-- figures: written by python -m bench --write-docs -->\n"
TABLE_ENDS = "<!-- end of figures -->\n"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach, in its own unit, and whether more or less is better."""

    value: float
    is_least: bool

    def __str__(self) -> str:
        """As a table shows it."""
        return f"{'≥' if self.is_least else '<'} {shown(self.value)}"

    def is_met_by(self, value: float) -> bool:
        """Whether a measured value is good enough."""
        return value >= self.value if self.is_least else value < self.value


def at_least(value: float) -> Target:
    """More is better."""
    return Target(value, is_least=True)


def below(value: float) -> Target:
    """Less is better."""
    return Target(value, is_least=False)


MEANINGS: dict[str, tuple[str, Target | None]] = {
    "seq3": ("three durable steps in turn, 50 workflows at a time", at_least(300)),
    "fan10": ("ten parallel steps and their sum, 50 at a time", at_least(250)),
    "seq10": ("ten steps in turn, 50 at a time", at_least(150)),
    "seq3_vs_restate": ("seq3 of ours over Restate's, same run", at_least(1.5)),
    "fan10_vs_restate": ("fan10 over Restate's", at_least(1.5)),
    "seq10_vs_restate": ("seq10 over Restate's", at_least(1)),
    "seq3_vs_dbos": ("seq3 over that of DBOS on SQLite, same run", None),
    "fan10_vs_dbos": ("fan10 over that of DBOS", None),
    "seq10_vs_dbos": ("seq10 over that of DBOS", None),
    "seq3_restate": ("Restate's seq3", None),
    "fan10_restate": ("Restate's fan10", None),
    "seq10_restate": ("Restate's seq10", None),
    "seq3_dbos": ("seq3 of DBOS on SQLite", None),
    "fan10_dbos": ("fan10 of DBOS on SQLite", None),
    "seq10_dbos": ("seq10 of DBOS on SQLite", None),
    "step_p50_ms": ("a workflow of one step, one at a time, median", None),
    "step_p99_ms": ("the same, 99th percentile", below(20)),
    "fan1000_s": ("one workflow of 1,000 parallel steps", below(1.5)),
    "waiting_bytes_each": ("memory of the host for each of the waiting instances", below(3000)),
    "new_beside_waiting": ("one-step workflows started and ended beside them", at_least(200)),
    "release_10k_s": ("10,000 waiting instances released by an event and ended", below(10)),
    "idle_cpu_percent": ("an idle host, of one core", below(1)),
    "idle_store_calls": ("calls of an idle host to the Cosmos gateway", below(1)),
    "idle_product_cpu_percent": ("the product itself, idle, of one core", below(1)),
    "idle_product_store_calls": ("its calls to the gateway (the sweep comes every 5 min)", None),
    "first_start_s": ("the product's start on an empty data folder", None),
    "next_start_s": ("its next start", below(3)),
    "dmn_model_10x4": ("ten rules, four inputs, the whole DMN model", at_least(50_000)),
    "dmn_table_10x4": ("the compiled table alone", at_least(100_000)),
    "zen_10x4": ("the same rules in zen-engine (Rust)", None),
    "python_10x4": ("the same rules as if and elif by hand", None),
    "dmn_model_vs_zen": ("the whole model over zen-engine", at_least(3)),
}
"""Every figure in the order of the tables."""


def shown(value: float) -> str:
    """A number with as many digits as mean something."""
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - digits


def read(path: Path = RESULTS) -> Figures:
    """The figures that were kept; none where there is no file yet."""
    kept: Figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return kept


def keep(figures: Figures, path: Path = RESULTS) -> None:
    """Write the figures over those of the same name; the others stay as they were measured."""
    merged = read(path) | figures
    ordered = {name: merged[name] for name in (*MEANINGS, *merged) if name in merged}
    path.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def table(figures: Figures) -> str:
    """The figures for a terminal."""
    lines = [f"{'figure':<25} {'value':>11} {'unit':<14} {'target':>11}"]
    for name, figure in _in_order(figures):
        target = MEANINGS.get(name, ("", None))[1]
        wanted = "" if target is None else str(target)
        is_missed = target is not None and not target.is_met_by(figure["value"])
        cells = f"{name:<25} {shown(figure['value']):>11} {figure['unit']:<14} {wanted:>11}"
        lines.append(f"{cells} {'missed' if is_missed else '':<7} {_details(figure)}".rstrip())
    return "\n".join(lines) + "\n"


def document(figures: Figures) -> str:
    """The figures for docs/performance.md, with where and when each was measured."""
    lines = [machines(figures), ""]
    lines += ["| figure | what | value | target | met | details | load | commit, date |"]
    lines += ["|---|---|---:|---:|---|---|---:|---|"]
    for name, figure in _in_order(figures):
        what, target = MEANINGS.get(name, ("", None))
        met = "" if target is None else "yes" if target.is_met_by(figure["value"]) else "**no**"
        on = figure["machine"]
        cells = (f"`{name}`", what, f"{shown(figure['value'])} {figure['unit']}", target or "", met)
        measured = (_details(figure), on["load_1min"], f"{on['commit']}, {on['date']}")
        lines.append("| " + " | ".join(map(str, (*cells, *measured))) + " |")
    return "\n".join(lines) + "\n"


def write_document(figures: Figures, path: Path = DOCUMENT) -> None:
    """Put the figures between the two marks of the document."""
    path.write_text(with_figures(path.read_text(encoding="utf-8"), figures), encoding="utf-8")


def with_figures(text: str, figures: Figures) -> str:
    """A document's text with these figures between its marks."""
    before, _, rest = text.partition(TABLE_BEGINS)
    _, _, after = rest.partition(TABLE_ENDS)
    return before + TABLE_BEGINS + "\n" + document(figures) + "\n" + TABLE_ENDS + after


def _in_order(figures: Figures) -> Iterable[tuple[str, Figure]]:
    order = dict.fromkeys((*MEANINGS, *figures))
    return [(name, figures[name]) for name in order if name in figures]


def machines(figures: Figures) -> str:
    """The machine and the host's settings; each combination that was measured with."""
    seen = {
        f"{on['cores']} cores of {on['cpu']}, {on['memory_gb']} GB, {on['system']}; "
        f"durability {on['durability']}, {on['workers']} worker process(es)."
        for on in (figure["machine"] for figure in figures.values())
    }
    return "Measured on " + " and on ".join(sorted(seen))


def _details(figure: Figure) -> str:
    parts = []
    if "spread" in figure:
        parts.append(f"{shown(figure['spread'][0])} to {shown(figure['spread'][1])}")
    if "p50_ms" in figure:
        parts.append(f"p50 {shown(figure['p50_ms'])} ms, p95 {shown(figure['p95_ms'])} ms")
    if "cpu_ms_each" in figure:
        shares = figure["cpu_ms_each"]
        told = ", ".join(f"{part} {shown(value)}" for part, value in shares.items() if value)
        parts.append(f"CPU {shown(sum(shares.values()))} ms each ({told})")
    return "; ".join(parts)
