"""List built-ins.

Source:
    DMN 1.5, 10.3.4.4 and 10.3.4.8 (sort). Positions count from 1, negative ones from the end.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from shared.engine.feel.compare import check_ordered, same
from shared.engine.feel.library.registry import built_in
from shared.engine.feel.running import FeelError

if TYPE_CHECKING:
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Function


@built_in("list contains(list: list, element: any)")
def _list_contains(items: list[Any], element: Any) -> bool:
    return any(same(item, element) for item in items)


@built_in("count(list: list)")
def _count(items: list[Any]) -> Decimal:
    return Decimal(len(items))


@built_in("min(list: list)", "min(c...: any)")
def _min(items: list[Any]) -> Any:
    return min(_ordered(items), default=None)


@built_in("max(list: list)", "max(c...: any)")
def _max(items: list[Any]) -> Any:
    return max(_ordered(items), default=None)


@built_in("all(list: list)", "all(b...: any)")
def _all(items: list[Any]) -> bool | None:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else _not_boolean()


@built_in("any(list: list)", "any(b...: any)")
def _any(items: list[Any]) -> bool | None:
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else _not_boolean()


@built_in("sublist(list: list, start position: number, length?: number)")
def _sublist(items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any]:
    begin = _index(items, start)
    if length is None:
        return items[begin:]
    if length < 0 or begin + int(length) > len(items):
        raise FeelError("the list has no so many items")
    return items[begin : begin + int(length)]


@built_in("append(list: list, item...: any)")
def _append(items: list[Any], added: list[Any]) -> list[Any]:
    return items + added


@built_in("concatenate(list...: list)", with_run=True)
def _concatenate(run: Run, lists: list[list[Any]]) -> list[Any]:
    run.spend(sum(map(len, lists)))
    return [item for items in lists for item in items]


@built_in("insert before(list: list, position: number, newItem: any)")
def _insert_before(items: list[Any], position: Decimal, item: Any) -> list[Any]:
    index = _index(items, position)
    return [*items[:index], item, *items[index:]]


@built_in("remove(list: list, position: number)")
def _remove(items: list[Any], position: Decimal) -> list[Any]:
    index = _index(items, position)
    return items[:index] + items[index + 1 :]


@built_in("list replace(list: list, position: number, newItem: any)")
def _list_replace(items: list[Any], position: Decimal, item: Any) -> list[Any]:
    index = _index(items, position)
    return [*items[:index], item, *items[index + 1 :]]


@built_in("list replace(list: list, match: function, newItem: any)", with_run=True)
def _list_replace_matching(run: Run, items: list[Any], match: Function, new: Any) -> list[Any]:
    replaced = []
    for item in items:
        answer = match.call([item, new], run)
        if type(answer) is not bool:
            raise FeelError("the match function did not answer true or false")
        replaced.append(new if answer else item)
    return replaced


@built_in("reverse(list: list)")
def _reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@built_in("index of(list: list, match: any)")
def _index_of(items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(index) for index, item in enumerate(items, 1) if same(item, match)]


@built_in("union(list...: list)", with_run=True)
def _union(run: Run, lists: list[list[Any]]) -> list[Any]:
    return _distinct_values(run, [item for items in lists for item in items])


@built_in("distinct values(list: list)", with_run=True)
def _distinct_values(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        run.spend(1 + len(kept) // 16)  # Each is compared with those kept.
        if not any(same(item, other) for other in kept):
            kept.append(item)
    return kept


@built_in("flatten(list: list)", with_run=True)
def _flatten(run: Run, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            run.spend()
            if type(item) is list:
                pending.append(iter(item))
                break
            flat.append(item)
        else:
            pending.pop()
    return flat


@built_in("sort(list: list, precedes: function)", with_run=True)
def _sort(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    def order(left: Any, right: Any) -> int:
        if _precedes(precedes, left, right, run):
            return -1
        return 1 if _precedes(precedes, right, left, run) else 0

    return sorted(items, key=cmp_to_key(order))


def _precedes(precedes: Function, left: Any, right: Any, run: Run) -> bool:
    answer = precedes.call([left, right], run)
    if type(answer) is not bool:
        raise FeelError("the precedes function did not answer true or false")
    return answer


def _index(items: list[Any], position: Decimal) -> int:
    index = int(position)
    if index == 0 or abs(index) > len(items):
        raise FeelError("there is no such position in the list")
    return index - 1 if index > 0 else len(items) + index


def _ordered(items: list[Any]) -> list[Any]:
    for item in items:
        check_ordered(items[0], item)
    return items


def _not_boolean() -> bool:
    raise FeelError("an item is neither true nor false")
