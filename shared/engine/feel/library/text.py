"""String built-ins.

Source:
    DMN 1.5, 10.3.4.3. Positions count characters, not UTF-16 units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.feel.library.registry import built_in
from shared.engine.feel.regex import compile_pattern
from shared.engine.feel.running import FeelError, check_length
from shared.engine.feel.values import NUMBERS

if TYPE_CHECKING:
    from decimal import Decimal

    from shared.engine.feel.running import Run


@built_in("substring(string: string, start position: number, length?: number)")
def _substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    first = int(start)
    if first == 0 or abs(first) > len(text):
        raise FeelError("there is no such position in the string")
    begin = first - 1 if first > 0 else len(text) + first
    if length is None:
        return text[begin:]
    if length < 1:
        raise FeelError("a length is at least 1")
    return text[begin : begin + int(length)]


@built_in("string length(string: string)")
def _string_length(text: str) -> Decimal:
    return _count(len(text))


@built_in("upper case(string: string)")
def _upper_case(text: str) -> str:
    return text.upper()


@built_in("lower case(string: string)")
def _lower_case(text: str) -> str:
    return text.lower()


@built_in("substring before(string: string, match: string)")
def _substring_before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


@built_in("substring after(string: string, match: string)")
def _substring_after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@built_in("contains(string: string, match: string)")
def _contains(text: str, match: str) -> bool:
    return match in text


@built_in("starts with(string: string, match: string)")
def _starts_with(text: str, match: str) -> bool:
    return text.startswith(match)


@built_in("ends with(string: string, match: string)")
def _ends_with(text: str, match: str) -> bool:
    return text.endswith(match)


@built_in("matches(input: string, pattern: string, flags?: string|null)", with_run=True)
def _matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    return compile_pattern(pattern, flags or "").search(text, 0, run) is not None


@built_in(
    "replace(input: string, pattern: string, replacement: string, flags?: string|null)",
    with_run=True,
)
def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    return compile_pattern(pattern, flags or "").replace(text, replacement, run)


@built_in("split(string: string, delimiter: string)", with_run=True)
def _split(run: Run, text: str, delimiter: str) -> list[str]:
    return compile_pattern(delimiter, "").split(text, run)


@built_in("string join(list: list, delimiter?: string|null)")
def _string_join(items: list[Any], delimiter: str | None = None) -> str:
    if any(item is not None and type(item) is not str for item in items):
        raise FeelError("only strings are joined")
    texts = [item for item in items if item is not None]
    check_length(sum(map(len, texts)) + len(texts) * len(delimiter or ""))
    return (delimiter or "").join(texts)


def _count(number: int) -> Decimal:
    return NUMBERS.create_decimal(number)
