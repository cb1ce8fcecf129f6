"""Reads the Bicep of infra/ with a parser. There is no Bicep compiler here: nothing is compiled."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pycep import BicepParser
from pycep.models import BicepElement

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
MAIN = INFRA / "main.bicep"
MODULES = sorted((INFRA / "modules").glob("*.bicep"))
EVERY_FILE = [MAIN, *MODULES]
VARIABLE_PARTS = ("value", "default")

type Parsed = dict[str, Any]

_parser = BicepParser(cache=False)


@cache
def parse(path: Path) -> Parsed:
    """What a file declares, by kind and name."""
    parsed: Parsed = {**_parser.parse(text=path.read_text(encoding="utf-8"))}
    return parsed


def module(name: str) -> Parsed:
    """What a module declares."""
    return parse(INFRA / "modules" / f"{name}.bicep")


def resource(module_name: str, name: str) -> Any:
    """The body of a resource, without its loop or condition."""
    return _body(module(module_name)["resources"][name])


def declared(parsed: Parsed) -> set[str]:
    """Every name that a file's expressions may use."""
    kinds = ("parameters", "variables", "resources", "modules")
    return {name for kind in kinds for name in parsed.get(kind, {})}


def used(parsed: Parsed) -> set[str]:
    """Every name that a file's expressions do use."""
    texts = [parsed.get(kind, {}).values() for kind in ("resources", "modules")]
    found = {name for group in texts for each in group for name in _names(each["config"])}
    for kind in ("parameters", "variables", "outputs"):
        for each in parsed.get(kind, {}).values():
            for part in VARIABLE_PARTS:
                found |= set(_names(each.get(part)))
    return found


def example_values() -> dict[str, str]:
    """The parameters of main.bicepparam, each value as it is written."""
    text = (INFRA / "main.bicepparam").read_text(encoding="utf-8")
    return dict(
        re.findall(
            r"^param (\w+) = (.+?)(?=\n\n|\n(?:param|//)|\Z)", text, re.MULTILINE | re.DOTALL
        )
    )


def _body(declaration: Parsed) -> Any:
    body = declaration["config"]
    return body["config"] if "condition" in body else body


def _names(value: Any) -> Iterator[str]:
    """The names used in a value; a property's own name and a loop's item are none."""
    if isinstance(value, BicepElement):
        yield str(value).removesuffix("!")
    elif isinstance(value, str):
        yield from re.findall(r"\$\{(\w+)(?![\w(])", value)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, dict):
        yield from _names_of_mapping(value)


def _names_of_mapping(value: Parsed) -> Iterator[str]:
    operands = value.get("operands", {})
    if value.get("type") == "property_accessor":
        yield from _names(operands["operand_1"])
        return
    detail = value.get("detail") or value.get("loop_type", {}).get("detail") or {}
    bound = {detail.get("var_1"), detail.get("item_name")}
    for key, each in value.items():
        if key not in {"var_1", "item_name"}:
            yield from (name for name in (*_names(key), *_names(each)) if name not in bound)
