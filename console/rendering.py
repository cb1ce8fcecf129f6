"""Rendering: a template and what it shows become HTML."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console import times, words

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks at a page.

    Attributes:
        level: of the reviewer; empty for a user who is none.
        queues: the specialties he works in.
        token: what his forms carry, to prove that our page sent them.
        may_switch: whether he may sign in as somebody else, as in development only.
    """

    user_id: str
    level: str = ""
    queues: tuple[str, ...] = ()
    token: str = ""
    may_switch: bool = False


def render(template: str, viewer: Viewer | None, **shown: Any) -> str:
    """The page of a template, every value escaped."""
    return _environment().get_template(template).render(viewer=viewer, **shown)


@cache
def _environment() -> "Environment":
    # Imported when the first page is asked for: workers that serve none need not wait for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "in_words": words.in_words,
        "amount": words.amount,
        "moment": times.moment,
    }
    environment.globals |= {"words": words}
    return environment
