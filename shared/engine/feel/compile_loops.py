"""Closures of for, some and every."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.feel import syntax
from shared.engine.feel.ranges import members, walk_through
from shared.engine.feel.running import FeelError
from shared.engine.feel.values import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.engine.feel.compiler import Compiler
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure, Scope

type Domain = tuple[str, Closure, Closure | None]


def domain_values(start: Any, run: Run) -> list[Any]:
    """What a variable runs over: a list, a range of whole numbers or dates, or one value.

    Raises:
        FeelError: null, or a range that cannot be walked through.
    """
    kind = type(start)
    if kind is list:
        run.spend(len(start))
        return list(start)
    if kind is Range:
        return members(start, run)
    if start is None:
        raise FeelError("there is nothing to run over")
    return [start]


def scopes(domains: Sequence[Domain], scope: Scope, run: Run) -> Iterator[Scope]:
    """One scope for each combination of the variables' values, the last varying fastest.

    Raises:
        FeelError: a domain cannot be run over.
    """
    name, start, end = domains[0]
    first = start(scope, run)
    values = domain_values(first, run) if end is None else walk_through(first, end(scope, run), run)
    rest = domains[1:]
    for value in values:
        inner = {**scope, name: value}
        if rest:
            yield from scopes(rest, inner, run)
        else:
            yield inner


def for_each(
    domains: Sequence[Domain], body: Closure, scope: Scope, run: Run, *, partial: bool = True
) -> list[Any]:
    """The list of the body's values; "partial" is the list so far.

    Raises:
        FeelError: a domain cannot be run over.
    """
    results: list[Any] = []
    for inner in scopes(domains, scope, run):
        if partial:
            run.spend(len(results) // 16)
            inner["partial"] = results.copy()
        results.append(body(inner, run))
    return results


def quantify(
    domains: Sequence[Domain], condition: Closure, scope: Scope, run: Run, *, some: bool
) -> bool:
    """Whether some, or every, combination satisfies the condition.

    Raises:
        FeelError: a domain cannot be run over, a condition is no boolean, or one that matters is
            null.
    """
    undecided = False
    for inner in scopes(domains, scope, run):
        answer = condition(inner, run)
        if answer is not None and type(answer) is not bool:
            raise FeelError("a condition is neither true nor false")
        if answer is some:
            return some
        undecided = undecided or answer is None
    if undecided:
        raise FeelError("a condition is null")
    return not some


def _domains(compiler: Compiler, turns: tuple[syntax.Turn, ...]) -> list[Domain]:
    return [
        (
            turn.name,
            compiler.compile(turn.domain),
            None if turn.end is None else compiler.compile(turn.end),
        )
        for turn in turns
    ]


def _for(compiler: Compiler, node: syntax.For) -> Closure:
    domains, body = _domains(compiler, node.iterators), compiler.compile(node.body)
    unit, column = compiler.unit, node.column
    partial = any(
        isinstance(part, syntax.Name) and part.name == "partial" for part in syntax.walk(node.body)
    )

    def loop(scope: Scope, run: Run) -> Any:
        try:
            return for_each(domains, body, scope, run, partial=partial)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return loop


def _quantified(compiler: Compiler, node: syntax.Quantified) -> Closure:
    domains, condition = _domains(compiler, node.iterators), compiler.compile(node.condition)
    unit, column, some = compiler.unit, node.column, node.quantifier == "some"

    def test(scope: Scope, run: Run) -> bool | None:
        try:
            return quantify(domains, condition, scope, run, some=some)
        except FeelError as error:
            run.note(error, unit, column)
            return None

    return test


HANDLERS: dict[type[syntax.Node], Callable[[Compiler, Any], Closure]] = {
    syntax.For: _for,
    syntax.Quantified: _quantified,
}
