import pytest

from tests.shared.engine.answers import assert_answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # DMN 1.5, table 50: three-valued logic.
        ("true and null", "null"),
        ("false and null", "false"),
        ("null and false", "false"),
        ("true or null", "true"),
        ("null or true", "true"),
        ("false or null", "null"),
        ('true and "x"', "null"),
        # Table 52: equality.
        ("null = null", "true"),
        ("1 = null", "false"),
        ('1 = "1"', "null"),
        ("1.0 = 1", "true"),
        ("[1, [2]] = [1, [2]]", "true"),
        ("{a: 1, b: 2} = {b: 2, a: 1}", "true"),
        ("{} = []", "null"),
        ('@"P1Y" = @"P12M"', "true"),
        ('@"P1D" != @"PT24H"', "false"),
        # Table 53: order.
        ('"a" < "b"', "true"),
        ("null < 1", "null"),
        ('1 < "1"', "null"),
        ("true < false", "null"),
        ('@"2026-01-01" < @"2026-01-02"', "true"),
        ('@"2026-01-01T00:00:00" < @"2026-01-01T00:00:00Z"', "null"),
        ("5 between 1 and 5", "true"),
        ("null between 1 and 5", "null"),
        # Table 56: arithmetic.
        ("1 / 0", "null"),
        ("10 / 4", "2.5"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
        ('"a" + "b"', '"ab"'),
        ('"a" + 1', "null"),
        ("null + 1", "null"),
        ("0 ** -1", "null"),
        ("-null", "null"),
        ('@"2026-01-31" + @"P1M"', '@"2026-02-28"'),
        ('@"2026-03-01" - @"2026-02-01"', '@"P28D"'),
        ('@"10:00:00" - @"PT11H"', '@"23:00:00"'),
        ('@"P1D" * 2.5', '@"P2DT12H"'),
        ('@"P1Y" / 2', '@"P6M"'),
        ('@"P2D" / @"P1D"', "2"),
        ('@"P1Y" + @"P1D"', "null"),
        # 10.3.2.5: filters.
        ("[1, 2, 3][item > 1]", "[2, 3]"),
        ("[{a: 1}, {a: 2}][a = 2]", "[{a: 2}]"),
        ("[{a: 1}, {b: 2}].a", "[1, null]"),
        ("[1, 2, 3][1 + 1]", "2"),
        ("[1, 2][3]", "null"),
        ("[1, 2][0]", "null"),
        ("7[1]", "7"),
        ("7[item > 1]", "[7]"),
        ("[][1]", "null"),
        ('[1]["a"]', "null"),
        ("null[1]", "null"),
        ("[][item = 1]", "[]"),
        ("[{item: 1}, {item: 2}][item >= 2]", "[{item: 2}]"),
    ],
)
def test_operators_answer_as_the_tables_of_the_standard_say(text: str, expected: str) -> None:
    assert_answer(text, expected)
