"""What a compiler would find first: a name that is not declared, a parameter that is not given."""

import json
import re
from pathlib import Path

import pytest

from tests.infra.bicep import (
    EVERY_FILE,
    INFRA,
    MAIN,
    MODULES,
    ROOT,
    declared,
    example_values,
    parse,
    used,
)

every_file = pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)


@every_file
def test_every_file_parses(path: Path) -> None:
    assert declared(parse(path))


@every_file
def test_every_name_is_declared(path: Path) -> None:
    assert used(parse(path)) <= declared(parse(path))


@every_file
def test_every_parameter_and_variable_is_used(path: Path) -> None:
    parsed = parse(path)
    assert {*parsed["parameters"], *parsed.get("variables", {})} <= used(parsed)


@every_file
def test_everything_is_a_plain_resource(path: Path) -> None:
    assert "br:" not in path.read_text(encoding="utf-8")
    assert "br/" not in path.read_text(encoding="utf-8")


def test_a_misspelt_name_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.bicep"
    wrong.write_text("param name string\noutput host string = '${nmae}.example.org'\n")
    assert used(parse(wrong)) - declared(parse(wrong)) == {"nmae"}


def test_main_uses_every_module_once() -> None:
    paths = [INFRA / each["detail"]["path"] for each in parse(MAIN)["modules"].values()]
    assert sorted(paths) == MODULES


@pytest.mark.parametrize("name", parse(MAIN)["modules"])
def test_every_module_gets_the_parameters_that_it_declares(name: str) -> None:
    call = parse(MAIN)["modules"][name]
    given = (call["config"].get("config") or call["config"])["params"]
    wanted = parse(INFRA / call["detail"]["path"])["parameters"]
    required = {each for each, detail in wanted.items() if detail["default"] is None}
    assert required <= set(given) <= set(wanted)


def test_every_output_that_main_asks_a_module_for_is_there() -> None:
    asked = re.findall(r"(\w+)!?\.outputs\.(\w+)", MAIN.read_text(encoding="utf-8"))
    assert asked
    for name, output in asked:
        path = INFRA / parse(MAIN)["modules"][name]["detail"]["path"]
        assert output in parse(path)["outputs"], f"{name}.outputs.{output}"


def test_the_example_gives_every_parameter_that_has_no_default() -> None:
    parameters = parse(MAIN)["parameters"]
    required = {each for each, detail in parameters.items() if detail["default"] is None}
    assert required <= set(example_values()) <= set(parameters)


def test_the_task_hub_lies_where_the_host_looks_for_it() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    provider = host["extensions"]["durableTask"]["storageProvider"]["type"]
    assert parse(MAIN)["parameters"]["taskHubProvider"]["default"] == provider
    assert example_values()["taskHubProvider"] == f"'{provider}'"
