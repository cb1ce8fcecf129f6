import importlib
import inspect
import pkgutil
from typing import Any

import shared.contracts
from activities import DEEDS
from orchestrators import STORIES
from shared.bootstrap import Ports
from shared.contracts.steps import Step, Story


def _declared(kind: type[Any]) -> dict[str, Any]:
    found = {}
    for module in pkgutil.walk_packages(shared.contracts.__path__, "shared.contracts."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, kind):
                found[value.name] = value
    return found


def test_every_step_has_exactly_one_activity() -> None:
    assert set(_declared(Step)) == {step.name for step in DEEDS}


def test_every_activity_is_named_after_its_step() -> None:
    misnamed = {step.name: deed.__name__ for step, deed in DEEDS.items()}
    assert all(step == deed for step, deed in misnamed.items()), misnamed


def test_every_story_is_told() -> None:
    assert set(_declared(Story)) == {story.name for story in STORIES}


def test_every_deed_asks_only_for_ports_that_the_app_has() -> None:
    known = set(inspect.signature(Ports).parameters) | {"key"}
    for deed in DEEDS.values():
        asked = {
            name
            for name, parameter in inspect.signature(deed).parameters.items()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        }
        assert asked <= known, deed.__name__
