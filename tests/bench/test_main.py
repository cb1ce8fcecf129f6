import json
from pathlib import Path

from bench import __main__ as command
from bench import durable


def test_a_quick_run_of_one_workload_keeps_its_rate_with_the_machine(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    assert command.main(["--quick", "--only", "seq3", "--out", str(out)]) == 0
    (name, figure), *others = json.loads(out.read_text()).items()
    assert (name, figure["unit"], others) == ("seq3", "workflows/s", [])
    assert figure["value"] > 0
    assert figure["cpu_ms_each"].keys() >= {"host", "worker", "client"}
    assert figure["machine"]["durability"] == "normal"


def test_only_what_is_asked_for_is_measured() -> None:
    everything = command.plan([], with_peers=False)
    assert len(command.plan(["seq10", "fan10"], with_peers=False)) == 1
    assert len(command.plan(["step_p99_ms", "next_start_s"], with_peers=False)) == 2
    assert len(everything) == 7


def test_the_command_line_decides_how_to_measure() -> None:
    asked = command.parser().parse_args(["--durability", "full", "--workers", "2"])
    assert command.options_of(asked) == durable.Options("full", 2)
    assert durable.Options().waiting == 10_000
    assert durable.Options().concurrent == 50
