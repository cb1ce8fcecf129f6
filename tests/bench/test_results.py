import json
from pathlib import Path

import pytest

from bench import results

ON = {
    "date": "2026-11-21",
    "commit": "0889bb6",
    "cores": 2,
    "cpu": "A Processor",
    "memory_gb": 25.3,
    "system": "Linux 6, Python 3.13.0",
    "load_1min": 0.4,
    "durability": "normal",
    "workers": 1,
}
FAST = {
    "value": 312.5,
    "unit": "workflows/s",
    "spread": [300.0, 320.0],
    "p50_ms": 150.0,
    "p95_ms": 200.0,
    "cpu_ms_each": {"host": 2.0, "worker": 1.5, "services": 0.0},
    "machine": ON,
}
SLOW = {"value": 25.0, "unit": "ms", "machine": ON}


def test_a_figure_is_shown_with_the_digits_that_mean_something() -> None:
    assert results.shown(0.2128) == "0.213"
    assert results.shown(312.46) == "312"
    assert results.shown(94373.2) == "94,373"
    assert results.shown(3.0) == "3"


@pytest.mark.parametrize(
    ("target", "met", "missed"), [(results.at_least(300), 300, 299), (results.below(20), 19, 20)]
)
def test_a_target_is_met_from_its_side(target: results.Target, met: float, missed: float) -> None:
    assert target.is_met_by(met)
    assert not target.is_met_by(missed)


def test_the_table_says_which_targets_were_missed() -> None:
    _, fast, slow = results.table({"step_p99_ms": SLOW, "seq3": FAST}).splitlines()
    assert fast.split()[:5] == ["seq3", "312", "workflows/s", "≥", "300"]
    assert "missed" not in fast
    assert "CPU 3.5 ms each (host 2, worker 1.5)" in fast
    assert slow.endswith("missed")


def test_what_is_measured_again_replaces_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results.keep({"step_p99_ms": SLOW, "seq3": FAST}, file)
    results.keep({"step_p99_ms": SLOW | {"value": 5.0}}, file)
    kept = json.loads(file.read_text())
    assert list(kept) == ["seq3", "step_p99_ms"]
    assert kept["seq3"] == FAST
    assert kept["step_p99_ms"]["value"] == 5.0


def test_a_document_gets_the_figures_between_its_marks_and_keeps_the_rest() -> None:
    text = f"before\n{results.TABLE_BEGINS}old\n{results.TABLE_ENDS}after\n"
    once = results.with_figures(text, {"seq3": FAST})
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "old" not in once
    assert "| `seq3` | three durable steps in turn" in once
    assert "| 0889bb6, 2026-11-21 |" in once
    assert results.with_figures(once, {"seq3": FAST}) == once


def test_the_performance_page_shows_the_kept_figures() -> None:
    page = results.DOCUMENT.read_text(encoding="utf-8")
    assert page == results.with_figures(page, results.read()), "run python -m bench --write-docs"


def test_every_kept_figure_is_known_and_says_where_it_was_measured() -> None:
    kept = results.read()
    assert {"seq3", "fan10", "seq10"} <= set(kept) <= set(results.MEANINGS)
    assert all(set(ON) <= set(figure["machine"]) for figure in kept.values())
    assert all(figure["unit"] for figure in kept.values())
