"""A bounded memory of what was used last."""

from collections import OrderedDict


class LastUsed[Value]:
    """Keeps values by name, and drops the longest unused when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Value] = OrderedDict()

    def get(self, name: str) -> Value | None:
        """The value kept under a name."""
        value = self._kept.get(name)
        if value is not None:
            self._kept.move_to_end(name)
        return value

    def keep(self, name: str, value: Value) -> None:
        """Keep a value in place of the one before it."""
        self._kept[name] = value
        self._kept.move_to_end(name)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, name: str) -> None:
        """Keep it no longer."""
        self._kept.pop(name, None)
