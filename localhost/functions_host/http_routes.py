"""Routes of HTTP functions: templates with parameters and constraints, and which one wins.

Source: routing in ASP.NET Core, which the Functions host uses: segments compare without case;
among the templates that match, literal segments win over constrained parameters, these over free
ones, and these over catch-alls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from localhost.functions_host.route_constraints import Constraint, parse_constraint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PLACE = re.compile(r"\{((?:[^{}]|\{\{|\}\})+)\}")
_PARAMETER = re.compile(r"(\*{0,2})(\w+)((?::.+?)?)(?:=([^()]*?))?(\?)?", re.DOTALL)
_CONSTRAINT = re.compile(r":((?:[^:()]|\((?:[^()]|\([^()]*\))*\))+)")

_LITERAL, _CONSTRAINED, _FREE, _CATCH_ALL_CONSTRAINED, _CATCH_ALL = range(1, 6)


@dataclass(frozen=True)
class _Segment:
    """One segment of a template; parameters are named groups of its pattern."""

    pattern: re.Pattern[str]
    constraints: dict[str, list[Constraint]]
    rank: int
    is_catch_all: bool
    is_optional: bool
    defaults: dict[str, str]


class Template:
    """A parsed route template.

    Args:
        text: such as `cases/{id:guid}/{part?}`; without leading slash.

    Raises:
        ValueError: if the template cannot be parsed or names an unknown constraint.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._segments = [_parse_segment(each) for each in text.strip("/").split("/") if each]
        for segment in self._segments[:-1]:
            if segment.is_catch_all:
                msg = f"the route '{text}' has segments after a catch-all parameter"
                raise ValueError(msg)
        self.precedence = tuple(segment.rank for segment in self._segments)

    def match(self, path: Sequence[str]) -> dict[str, str] | None:
        """The parameters of the path, or None where it is another route's.

        Args:
            path: the segments of the request's path, still percent-encoded.
        """
        parameters: dict[str, str] = {}
        for index, segment in enumerate(self._segments):
            if segment.is_catch_all:
                text = "/".join(_decode(each) for each in path[index:])
            elif index < len(path):
                text = _decode(path[index])
            elif segment.is_optional:
                parameters |= segment.defaults
                continue
            else:
                return None
            found = segment.pattern.fullmatch(text)
            if found is None:
                return None
            for name, value in found.groupdict().items():
                if not all(holds(value) for holds in segment.constraints[name]):
                    return None
            parameters |= segment.defaults | {k: v for k, v in found.groupdict().items() if v}
        ends_open = bool(self._segments) and self._segments[-1].is_catch_all
        if len(path) > len(self._segments) and not ends_open:
            return None
        return parameters


def split_path(raw_path: str) -> list[str]:
    """The segments of a request's raw path; a slash at the end adds none."""
    return [each for each in raw_path.split("/") if each]


def in_order(templates: Iterable[Template]) -> list[Template]:
    """Templates so that the first one that matches is the one that wins."""
    return sorted(templates, key=lambda template: (template.precedence, template.text))


def _decode(segment: str) -> str:
    """Percent-decode a segment, except for a slash, which would change its meaning."""
    return unquote(re.sub("%2f", "%252F", segment, flags=re.IGNORECASE))


def _parse_segment(text: str) -> _Segment:
    pattern, position = "", 0
    constraints: dict[str, list[Constraint]] = {}
    defaults: dict[str, str] = {}
    is_catch_all = is_optional = False
    for place in _PLACE.finditer(text):
        inside = place.group(1).replace("{{", "{").replace("}}", "}")
        found = _PARAMETER.fullmatch(inside)
        if found is None:
            msg = f"the route parameter '{place.group()}' cannot be parsed"
            raise ValueError(msg)
        stars, name, tail, default, mark = found.groups()
        literal = text[position : place.start()]
        pattern += re.escape(literal) + f"(?P<{name}>{'.*' if stars else '.+?'})"
        constraints[name] = [parse_constraint(each) for each in _CONSTRAINT.findall(tail)]
        if default is not None:
            defaults[name] = default
        is_catch_all = is_catch_all or bool(stars)
        is_optional = is_optional or bool(mark) or default is not None
        position = place.end()
    rest = text[position:]
    if "{" in rest or "}" in rest:
        msg = f"the route segment '{text}' cannot be parsed"
        raise ValueError(msg)
    pattern += re.escape(rest)
    if not constraints:
        rank = _LITERAL
    elif any(constraints.values()):
        rank = _CATCH_ALL_CONSTRAINED if is_catch_all else _CONSTRAINED
    else:
        rank = _CATCH_ALL if is_catch_all else _FREE
    compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return _Segment(compiled, constraints, rank, is_catch_all, is_optional, defaults)
