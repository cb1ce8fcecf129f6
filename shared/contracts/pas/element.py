"""A place in a FHIR resource: reads its children by shape and notes where the shape is wrong."""

import calendar
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Self

from shared.contracts.pas.issues import Findings
from shared.contracts.pas.names import EXTENSION, IDENTIFIER_TYPE, canonical_system
from shared.domain.prior_authorization.request import Coding, Identifier

_DATE_TIME = re.compile(
    r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?", re.ASCII
)
DIGITS_MAX = 18
_YEAR_LENGTH, _MONTH_LENGTH, _DATE_LENGTH = 4, 7, 10


class Element:
    """A JSON object of a FHIR resource, with its FHIRPath.

    A child that is absent reads as None, "" or nothing; one of the wrong shape reads the same and
    is noted, so that the reader goes on and the sender hears of every fault at once.
    """

    __slots__ = ("findings", "json", "path")

    def __init__(self, json: dict[str, Any], path: str, findings: Findings) -> None:
        self.json = json
        self.path = path
        self.findings = findings

    def error(self, code: str, details: str, child: str = "") -> None:
        """Note an error of this element, or of one of its children."""
        self.findings.error(code, details, f"{self.path}.{child}" if child else self.path)

    def warn(self, code: str, details: str, child: str = "") -> None:
        """Note a warning of this element, or of one of its children."""
        self.findings.warn(code, details, f"{self.path}.{child}" if child else self.path)

    def child(self, name: str) -> Self | None:
        """The child that is one object."""
        value = self.json.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.error("structure", f"{name} must be an object.", name)
            return None
        return type(self)(value, f"{self.path}.{name}", self.findings)

    def children(self, name: str) -> Iterator[Self]:
        """The children in a list of objects."""
        values = self.json.get(name)
        if values is None:
            return
        if not isinstance(values, list):
            self.error("structure", f"{name} must be a list.", name)
            return
        for index, value in enumerate(values):
            if isinstance(value, dict):
                yield type(self)(value, f"{self.path}.{name}[{index}]", self.findings)
            else:
                self.error("structure", f"{name} must hold objects.", f"{name}[{index}]")

    def each(self, name: str) -> Iterator[Self]:
        """The children under the name, be it one object or a list of them."""
        if isinstance(self.json.get(name), list):
            yield from self.children(name)
        elif child := self.child(name):
            yield child

    def reach(self, steps: Sequence[str]) -> Iterator[Self]:
        """Every element that the steps lead to; this one where there are none."""
        if not steps:
            yield self
            return
        for child in self.each(steps[0]):
            yield from child.reach(steps[1:])

    def required(self, name: str) -> Self | None:
        """The child that is one object and must be there."""
        if self.json.get(name) is None:
            self.error("required", f"{name} is missing.", name)
        return self.child(name)

    def text(self, name: str) -> str:
        """The string under the name."""
        value = self.json.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        self.error("structure", f"{name} must be a string.", name)
        return ""

    def flag(self, name: str) -> bool:
        """The boolean under the name; absent reads as false."""
        value = self.json.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.error("structure", f"{name} must be true or false.", name)
        return False

    def positive(self, name: str) -> int | None:
        """The positive integer under the name."""
        value = self.json.get(name)
        if value is None or _is_positive(value):
            return value
        self.error("value", f"{name} must be a positive integer.", name)
        return None

    def positives(self, name: str) -> tuple[int, ...]:
        """The positive integers in the list under the name."""
        values = self.json.get(name)
        if values is None:
            return ()
        if isinstance(values, list) and all(_is_positive(value) for value in values):
            return tuple(values)
        self.error("value", f"{name} must be a list of positive integers.", name)
        return ()

    def decimal(self, name: str) -> Decimal | None:
        """The number under the name.

        Source: FHIR R4, decimal: a precision of 18 digits is what everybody must support.
        """
        value = self.json.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = Decimal(str(value))
            if number.is_finite() and abs(number.adjusted()) < DIGITS_MAX:
                return number
        self.error("value", f"{name} must be a number of at most {DIGITS_MAX} digits.", name)
        return None

    def moment(self, name: str) -> datetime | None:
        """The dateTime under the name: its first moment, in UTC where it tells no time.

        Source: FHIR R4, dateTime: a year, a month, a day, or a time with its zone.
        """
        text = self.text(name)
        if not text:
            return None
        if _DATE_TIME.fullmatch(text):
            try:
                partial = len(text) < _DATE_LENGTH
                moment = datetime.fromisoformat(_first_day(text).isoformat() if partial else text)
            except ValueError:
                pass
            else:
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        self.error("value", f"{name} must be a date, or a date and time with its zone.", name)
        return None

    def days(self, name: str) -> tuple[date, date] | None:
        """The first and the last day of a date under the name, which may be a month or a year."""
        text = self.text(name)
        if not text:
            return None
        if _DATE_TIME.fullmatch(text):
            try:
                return _first_day(text), _last_day(text)
            except ValueError:
                pass
        self.error("value", f"{name} must be a date.", name)
        return None

    def period(self, name: str) -> tuple[date | None, date | None] | None:
        """The first and last day of the Period under the name."""
        period = self.child(name)
        if period is None:
            return None
        start, end = period.days("start"), period.days("end")
        if start and end and end[1] < start[0]:
            period.error("invariant", f"{name} ends before it starts.")
        return (start[0] if start else None), (end[1] if end else None)

    def extensions(self, url: str) -> Iterator[Self]:
        """The extensions of that URL."""
        return (each for each in self.children("extension") if each.json.get("url") == url)

    def extension(self, name: str) -> Self | None:
        """The one extension of Da Vinci PAS, by the end of its URL."""
        found = list(self.extensions(EXTENSION + name))
        if len(found) > 1:
            self.error("structure", f"Extension {name} must not repeat.", "extension")
        return found[0] if found else None

    def codings(self, name: str) -> list[Coding]:
        """The codings with system and code of the CodeableConcept under the name."""
        concept = self.child(name)
        return concept.own_codings() if concept else []

    def own_codings(self) -> list[Coding]:
        """The codings with system and code of this element, which is a CodeableConcept."""
        return [
            Coding(canonical_system(system), code, coding.text("display"))
            for coding in self.children("coding")
            if (system := coding.text("system")) and (code := coding.text("code"))
        ]

    def code(self, name: str, system: str, allowed: Collection[str] | None = None) -> str:
        """The code of that system in the CodeableConcept under the name; "" where there is none.

        A code outside `allowed` is noted.
        """
        code = next((each.code for each in self.codings(name) if each.system == system), "")
        if code and allowed is not None and code not in allowed:
            self.error("code-invalid", f"The code is not in {system}.", name)
        return code

    def required_code(self, name: str, system: str, allowed: Collection[str] | None = None) -> str:
        """The code of that system, noted where it is missing."""
        code = self.code(name, system, allowed)
        if not code:
            self.error("required", f"{name} needs a code of {system}.", name)
        return code

    def identifier(self) -> Identifier | None:
        """This element read as an Identifier; None where it has no value."""
        value = self.text("value")
        if not value:
            return None
        if not value.isprintable():
            self.error("value", "An identifier must hold printable characters only.", "value")
            return None
        return Identifier(self.text("system"), value)

    def is_typed(self, code: str) -> bool:
        """Whether this Identifier's type is that code of HL7 table 0203."""
        return Coding(IDENTIFIER_TYPE, code) in [
            Coding(each.system, each.code) for each in self.codings("type")
        ]


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _first_day(text: str) -> date:
    if len(text) == _YEAR_LENGTH:
        return date(int(text), 1, 1)
    if len(text) == _MONTH_LENGTH:
        return date(int(text[:4]), int(text[5:]), 1)
    return date.fromisoformat(text[:_DATE_LENGTH])


def _last_day(text: str) -> date:
    if len(text) == _YEAR_LENGTH:
        return date(int(text), 12, 31)
    if len(text) == _MONTH_LENGTH:
        year, month = int(text[:4]), int(text[5:])
        return date(year, month, calendar.monthrange(year, month)[1])
    return date.fromisoformat(text[:_DATE_LENGTH])
