"""Whatever the rules are given and answer is written exactly, and read back the same."""

from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.decision_log import (
    canonical,
    hash_of,
    read_inputs,
    read_value,
    write_inputs,
    write_value,
)
from shared.domain.prior_authorization.codes import Urgency
from shared.engine.feel.values import from_python

FEEL_DIGITS = Context(prec=34)  # A number of the engine has no more, see DMN 1.5, 10.3.2.3.1.
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(FEEL_DIGITS.plus) | st.integers(
    -(10**30), 10**30
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | NUMBERS | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_survives_being_written(value: object) -> None:
    written = write_value(value)
    assert from_python(read_value(written)) == from_python(value)
    assert write_value(from_python(read_value(written))) == written


def test_every_digit_of_a_number_is_kept() -> None:
    assert write_value(Decimal("1.50")) == {"number": "1.50"}
    assert str(read_value({"number": "1.50"})) == "1.50"
    assert write_value(Decimal(7)) == 7
    assert write_value(Decimal("1E+3")) == {"number": "1E+3"}


def test_words_of_the_domain_are_texts() -> None:
    assert write_value(Urgency.STANDARD) == "standard"
    assert write_value(timedelta(hours=36)) == {"duration": "P1DT12H"}


def test_inputs_are_hashed_whatever_their_order() -> None:
    one = write_inputs({"a": 1, "b": date(2026, 1, 2)})
    other = write_inputs({"b": date(2026, 1, 2), "a": 1})
    assert hash_of(one) == hash_of(other)
    assert hash_of(one) != hash_of(write_inputs({"a": 1, "b": date(2026, 1, 3)}))
    assert read_inputs(one) == read_inputs(other)
    assert canonical(one) == '{"a":1,"b":{"date":"2026-01-02"}}'


def test_a_moment_keeps_its_zone() -> None:
    at = datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert from_python(read_value(write_value(at))) == from_python(at)
