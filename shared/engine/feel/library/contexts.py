"""Context built-ins.

Source:
    DMN 1.5, 10.3.4.9.
"""

from __future__ import annotations

from typing import Any

from shared.engine.feel.library.registry import built_in
from shared.engine.feel.running import FeelError

type Context = dict[str, Any]


@built_in("get value(m: context, key: string)")
def _get_value(context: Context, key: str) -> Any:
    return context.get(key)


@built_in("get entries(m: context)")
def _get_entries(context: Context) -> list[Context]:
    return [{"key": key, "value": value} for key, value in context.items()]


@built_in("context(entries: list)")
def _context(entries: list[Any]) -> Context:
    made: Context = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise FeelError("an entry has a key and a value")
        if entry["key"] in made:
            raise FeelError("two entries have the same key")
        made[entry["key"]] = entry["value"]
    return made


@built_in("context put(context: context, key: string, value: any)")
def _context_put(context: Context, key: str, value: Any) -> Context:
    return {**context, key: value}


@built_in("context put(context: context, keys: list, value: any)")
def _context_put_deep(context: Context, keys: list[Any], value: Any) -> Context:
    if not keys or any(type(key) is not str for key in keys):
        raise FeelError("keys are strings, at least one")
    changed = dict(context)
    inner = changed
    for key in keys[:-1]:
        below = inner.get(key)
        if type(below) is not dict:
            raise FeelError("a key leads to no context")
        inner[key] = inner = dict(below)
    inner[keys[-1]] = value
    return changed


@built_in("context merge(contexts: list)")
def _context_merge(contexts: list[Any]) -> Context:
    merged: Context = {}
    for context in contexts:
        if type(context) is not dict:
            raise FeelError("only contexts are merged")
        merged.update(context)
    return merged
