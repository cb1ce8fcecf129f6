"""docs/prior-authorization.md is held against the product that it describes."""

import re
import shlex
import subprocess
from typing import Any

from localhost.started_host import StartedHost
from shared.contracts.pas import BODY_BYTES_MAX
from tests.house.tree import ROOT
from triggers import BLUEPRINTS

PAGE = (ROOT / "docs" / "prior-authorization.md").read_text(encoding="utf-8")
FHIR_ROUTES = ("api/fhir", "cds-services", "api/reports")


def _routes() -> set[tuple[str, str]]:
    triggers: list[Any] = [
        builder._function.get_trigger()
        for blueprint in BLUEPRINTS
        for builder in blueprint._function_builders
    ]
    return {
        (str(getattr(method, "value", method)), each.route)
        for each in triggers
        if each.get_binding_name() == "httpTrigger"
        for method in each.methods
    }


def _told() -> set[tuple[str, str]]:
    """The methods and routes of the page's first table."""
    told = set()
    for cell in re.findall(r"`([A-Z`, ]+ /[^`]+)`", PAGE):
        methods, _, path = cell.replace("`", "").partition(" /")
        told |= {(method.strip(), path.partition("?")[0]) for method in methods.split(",")}
    return told


def test_every_route_of_the_page_is_served() -> None:
    assert _told() <= _routes()


def test_every_fhir_route_is_on_the_page() -> None:
    served = {each for each in _routes() if each[1].startswith(FHIR_ROUTES)}
    assert served <= _told()


def test_the_page_tells_the_one_limit_of_a_body() -> None:
    limits = set(re.findall(r"[\d.]+ MB", PAGE))
    assert limits == {f"{BODY_BYTES_MAX / 1_000_000} MB"}


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    texts = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) >= 15
    assert not [name for name in named if f"def {name}(" not in texts]


def test_every_command_of_the_page_is_answered(careloom: StartedHost) -> None:
    commands = re.findall(r"```sh\n(curl .*?)\n```", PAGE, re.DOTALL)
    assert len(commands) >= 4
    for command in commands:
        local = command.replace("\\\n", " ").replace("http://127.0.0.1:7071", careloom.url)
        done = subprocess.run(  # noqa: S603 - our own page, against our own host
            [*shlex.split(local), "--fail"], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout
