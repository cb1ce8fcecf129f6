import sqlite3

import pytest

from localhost.cosmos_gateway.answers import ApiError
from localhost.cosmos_gateway.continuation import (
    TOKEN_BYTES_MAX,
    after_condition,
    after_values,
    read_token,
    write_token,
)

ROWS = [(None, b"x"), (None, None), (b"a", None), (b"a", b"x"), (b"a", b"y"), (b"b", b"x")]


@pytest.mark.parametrize("first_descends", [False, True])
@pytest.mark.parametrize("second_descends", [False, True])
def test_what_comes_after_each_place_is_the_rest_of_the_order(
    first_descends: bool,  # noqa: FBT001 - the two ways
    second_descends: bool,  # noqa: FBT001 - the two ways
) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (row INTEGER PRIMARY KEY, a BLOB, b BLOB)")
    connection.executemany("INSERT INTO t (a, b) VALUES (?, ?)", ROWS * 2)
    keys = [("a", first_descends), ("b", second_descends), ("row", False)]
    order = ", ".join(f"{column} DESC" if down else column for column, down in keys)
    whole = connection.execute(f"SELECT a, b, row FROM t ORDER BY {order}").fetchall()  # noqa: S608 - ours
    for place, row in enumerate(whole):
        condition, arguments = after_condition(keys, list(row))
        rest = connection.execute(
            f"SELECT a, b, row FROM t WHERE {condition} ORDER BY {order}",  # noqa: S608 - ours
            arguments,
        ).fetchall()
        assert rest == whole[place + 1 :]
    connection.close()


def test_a_token_holds_a_place_and_a_count() -> None:
    token = read_token(write_token(7, [b"key", None, 3]))
    assert token["seen"] == 7
    assert after_values(token["after"]) == [b"key", None, 3]
    assert read_token("") == {}


def test_a_place_too_long_for_a_header_is_left_out() -> None:
    assert read_token(write_token(7, [b"k" * TOKEN_BYTES_MAX, 3])) == {"seen": 7}


@pytest.mark.parametrize("text", ["x", "[]", '{"seen":"1"}', '{"seen":1,"after":[5,1]}'])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ApiError):
        read_token(text)
