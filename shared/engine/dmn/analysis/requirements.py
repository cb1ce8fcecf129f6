"""Decisions that need themselves, by way of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.dmn.analysis.findings import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.engine.dmn.definitions import Definitions


def cycles(definitions: Definitions) -> Iterator[Finding]:
    """Every circle of requirements, told once, from the decision in it that is written first."""
    needs = {
        decision.id or decision.name: [_element(href) for href in decision.requires]
        for decision in definitions.decisions
    }
    names = {each.id or each.name: each.name for each in definitions.decisions}
    told: set[str] = set()
    for start in needs:
        path = _way_back(start, needs)
        if path and not told & set(path):
            told |= set(path)
            way = " needs ".join(names[element] for element in (*path, start))
            yield Finding(
                kind=Kind.CYCLE, severity=Severity.ERROR, element=names[start], message=way
            )


def _way_back(start: str, needs: Mapping[str, list[str]]) -> list[str]:
    """The elements on a shortest way from a decision to itself; empty where there is none."""
    ways = {start: [start]}
    pending = [start]
    for element in pending:
        for needed in needs.get(element, ()):
            if needed == start:
                return ways[element]
            if needed in needs and needed not in ways:
                ways[needed] = [*ways[element], needed]
                pending.append(needed)
    return []


def _element(href: str) -> str:
    return href.rpartition("#")[2]
