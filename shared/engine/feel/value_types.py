"""FEEL types: what conforms to them, and what converts to them.

Source:
    DMN 1.5, 10.3.2.9 (conformance; implicit conversions: from and to a singleton list, date to
    date and time).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from shared.engine.feel.running import FeelError
from shared.engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from shared.engine.feel.temporal.zone import UTC
from shared.engine.feel.values import Range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Closure


class Type(Protocol):
    """A set of values."""

    def conforms(self, value: Any, run: Run) -> bool:
        """Whether a value that is not null belongs to the type."""


@dataclass(frozen=True, slots=True)
class AnyType:
    """Every value."""

    def conforms(self, value: Any, run: Run) -> bool:  # noqa: ARG002 - the protocol's
        """True."""
        return True


@dataclass(frozen=True, slots=True)
class NullType:
    """No value but null."""

    def conforms(self, value: Any, run: Run) -> bool:  # noqa: ARG002 - the protocol's
        """False, since null is not asked about."""
        return False


@dataclass(frozen=True, slots=True)
class SimpleType:
    """The values of one kind.

    Attributes:
        name: FEEL's name for it.
        kinds: the Python classes of its values.
    """

    name: str
    kinds: tuple[type, ...]

    def conforms(self, value: Any, run: Run) -> bool:  # noqa: ARG002 - the protocol's
        """Whether the value is of the kind."""
        return type(value) in self.kinds


@dataclass(frozen=True, slots=True)
class ListType:
    """Lists whose every item is null or conforms."""

    item: Type

    def conforms(self, value: Any, run: Run) -> bool:
        """Whether it is such a list."""
        return type(value) is list and all(
            item is None or self.item.conforms(item, run) for item in value
        )


@dataclass(frozen=True, slots=True)
class ContextType:
    """Contexts with at least these entries, each null or conforming."""

    entries: Mapping[str, Type]

    def conforms(self, value: Any, run: Run) -> bool:
        """Whether it is such a context."""
        return type(value) is dict and all(
            name in value and (value[name] is None or entry.conforms(value[name], run))
            for name, entry in self.entries.items()
        )


@dataclass(frozen=True, slots=True)
class RangeType:
    """Ranges whose ends conform."""

    end: Type

    def conforms(self, value: Any, run: Run) -> bool:
        """Whether it is such a range."""
        return type(value) is Range and all(
            end is None or self.end.conforms(end, run) for end in (value.start, value.end)
        )


@dataclass(frozen=True, slots=True)
class FunctionType:
    """Functions of so many parameters; of any where it is not said.

    Attributes:
        parameters: types of the parameters; None for any function.
        result: type of the result.
    """

    parameters: tuple[Type, ...] | None = None
    result: Type | None = None

    def conforms(self, value: Any, run: Run) -> bool:  # noqa: ARG002 - the protocol's
        """Whether it is such a function."""
        if not hasattr(value, "call_named"):
            return False
        if self.parameters is None:
            return True
        own = getattr(value, "types", None)
        if own is None or len(own) != len(self.parameters):
            return False
        # A function may accept more than it is asked to, and may promise more than it has to.
        return all(
            narrower(asked, accepted) for asked, accepted in zip(self.parameters, own, strict=True)
        ) and narrower(value.result, self.result or ANY)


@dataclass(frozen=True, slots=True)
class ConstrainedType:
    """The values of a type that also pass the tests of its allowed values.

    Attributes:
        base: the type.
        test: answers True where the value, given as "?", is allowed.
        text: the allowed values as written.
    """

    base: Type
    test: Closure
    text: str

    def conforms(self, value: Any, run: Run) -> bool:
        """Whether the value is of the type and allowed."""
        return self.base.conforms(value, run) and self.test({"?": value}, run) is True


ANY = AnyType()
NUMBER = SimpleType("number", (Decimal,))
STRING = SimpleType("string", (str,))
BOOLEAN = SimpleType("boolean", (bool,))
DATE = SimpleType("date", (Date,))
TIME = SimpleType("time", (Time,))
DATE_TIME = SimpleType("date and time", (DateTime,))
DAYS = SimpleType("days and time duration", (DaysDuration,))
MONTHS = SimpleType("years and months duration", (MonthsDuration,))
NULL = NullType()
LIST = ListType(ANY)
CONTEXT = ContextType({})

BUILT_IN: dict[str, Type] = {
    "Any": ANY,
    "any": ANY,
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "days and time duration": DAYS,
    "dayTimeDuration": DAYS,
    "years and months duration": MONTHS,
    "yearMonthDuration": MONTHS,
    "Null": NULL,
    "null": NULL,
    "list": LIST,
    "context": CONTEXT,
    "function": FunctionType(),
    "range": RangeType(ANY),
}


def unconstrained(wanted: Type) -> Type:
    """The type without its allowed values, which "instance of" does not ask about."""
    match wanted:
        case ConstrainedType(base=base):
            return unconstrained(base)
        case ListType(item=item):
            return ListType(unconstrained(item))
        case RangeType(end=end):
            return RangeType(unconstrained(end))
        case ContextType(entries=entries):
            return ContextType({name: unconstrained(entry) for name, entry in entries.items()})
        case _:
            return wanted


def narrower(inner: Type, outer: Type) -> bool:
    """Whether every value of the inner type belongs to the outer one, by what the types say."""
    if isinstance(outer, AnyType) or isinstance(inner, NullType) or inner == outer:
        return True
    if isinstance(inner, ConstrainedType):
        return narrower(inner.base, outer)
    match inner, outer:
        case ListType(item=narrow), ListType(item=wide):
            return narrower(narrow, wide)
        case RangeType(end=narrow), RangeType(end=wide):
            return narrower(narrow, wide)
        case ContextType(entries=narrow_entries), ContextType(entries=wide_entries):
            return all(
                name in narrow_entries and narrower(narrow_entries[name], wide_entry)
                for name, wide_entry in wide_entries.items()
            )
        case FunctionType(), FunctionType():
            return _narrower_function(inner, outer)
        case _:
            return False


def _narrower_function(inner: FunctionType, outer: FunctionType) -> bool:
    if outer.parameters is None:
        return True
    if inner.parameters is None or len(inner.parameters) != len(outer.parameters):
        return False
    return all(
        narrower(asked, accepted)
        for asked, accepted in zip(outer.parameters, inner.parameters, strict=True)
    ) and narrower(inner.result or ANY, outer.result or ANY)


def coerce(value: Any, wanted: Type, run: Run) -> Any:
    """The value as one of the wanted type, by the standard's implicit conversions.

    Raises:
        FeelError: it does not conform and does not convert.
    """
    if value is None or wanted.conforms(value, run):
        return value
    kind = type(value)
    if kind is list and len(value) == 1 and not _of_list(wanted):
        item = value[0]
        if item is None or wanted.conforms(item, run):
            return item
    elif kind is Date and wanted.conforms(moment := midnight(value), run):
        return moment
    elif kind is not list and _of_list(wanted) and wanted.conforms([value], run):
        return [value]
    raise FeelError("a value does not conform to its type")


def midnight(date: Date) -> DateTime:
    """The date as a date and time: midnight UTC (DMN 1.5, 10.3.2.9.4)."""
    return DateTime(date, Time(0, 0, 0, zone=UTC))


def _of_list(wanted: Type) -> bool:
    while isinstance(wanted, ConstrainedType):
        wanted = wanted.base
    return isinstance(wanted, ListType)
