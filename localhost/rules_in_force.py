"""What `python -m localhost rules` asks of a running host: past decisions, made again."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from shared.errors import ContractError

if TYPE_CHECKING:
    import argparse

URL = "http://127.0.0.1:7071"
ANSWER_SECONDS_MAX = 120


def add_arguments(asked: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare what these commands take."""
    again = asked.add_parser("rerun", help="make a case's decisions again, bit for bit")
    again.add_argument("case_id", metavar="CASE_ID")
    compare_with = asked.add_parser("compare", help="what a version would have decided otherwise")
    compare_with.add_argument("model")
    compare_with.add_argument("version", help="its hash, or the beginning of it")
    for command in (again, compare_with):
        command.add_argument("--url", default=URL, help="a running host")


def rerun(arguments: argparse.Namespace) -> int:
    """Print each decision of a case and whether it comes out the same; 1 where one does not."""
    path = f"/api/cases/{urllib.parse.quote(arguments.case_id)}/decisions/rerun"
    made = _ask(arguments.url + path, data=b"{}")
    for each in made["decisions"]:
        outcome = "identical" if each["identical"] else f"DIFFERENT: {each['difference']}"
        rows = ", ".join(each["rows"])
        _print(f"{each['model']}@{each['version'][:12]}  {outcome}  {rows}")
    _print(f"{made['identical']} of {len(made['decisions'])} decisions are identical")
    return 0 if made["identical"] == len(made["decisions"]) else 1


def compare(arguments: argparse.Namespace) -> int:
    """Print what flips, row by row and case by case."""
    version = urllib.parse.quote(arguments.version)
    path = f"/api/rules/{urllib.parse.quote(arguments.model)}/versions/{version}/comparison"
    found = _ask(arguments.url + path)
    _print(f"{found['flipped']} of {found['decisions']} decisions flip ({found['flipShare']:.1%})")
    for flip in found["matrix"]:
        output = flip["output"] or "the answer"
        _print(f"  {flip['count']:6}  {output}: {flip['from']} -> {flip['to']}")
    for row in found["rows"]:
        _print(f"  row {row['row']}: {row['before']} -> {row['after']}")
    for case_id in found["cases"]:
        _print(f"  case {case_id}")
    return 0


def _ask(url: str, data: bytes | None = None) -> dict[str, Any]:
    """The JSON object of an answer.

    Raises:
        ContractError: the host is not there, or says no.
    """
    request = urllib.request.Request(url, data)  # noqa: S310 - the host that the user named
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        with error:
            said = json.load(error).get("detail", error.reason)
        raise ContractError(f"the host answered {error.code}: {said}") from error
    except (OSError, ValueError) as error:
        raise ContractError(f"no Careloom answers at {url}: is `make run` running?") from error


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
