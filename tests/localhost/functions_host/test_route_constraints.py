import pytest

from localhost.functions_host.route_constraints import parse_constraint


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        ("int", ["0", "-5", "2147483647"], ["x", "2147483648", "1.5", ""]),
        ("long", ["9223372036854775807"], ["9223372036854775808", "٣"]),
        ("bool", ["true", "False"], ["yes", "1"]),
        ("alpha", ["abcXYZ"], ["a1", "é"]),
        ("guid", ["0f8fad5b-d9cb-469f-a165-70867728950e"], ["0f8fad5b", "x"]),
        ("decimal", ["49.99", "-1"], ["x", "NaN"]),
        ("double", ["1.5e3"], ["one"]),
        ("float", ["0.5"], ["a"]),
        ("datetime", ["2026-03-04", "2026-03-04T10:00:00Z"], ["yesterday"]),
        ("length(3)", ["abc"], ["ab", "abcd"]),
        ("length(2,4)", ["ab", "abcd"], ["a", "abcde"]),
        ("minlength(2)", ["ab"], ["a"]),
        ("maxlength(2)", ["ab"], ["abc"]),
        ("min(18)", ["18"], ["17", "x"]),
        ("max(120)", ["120"], ["121"]),
        ("range(18,120)", ["18", "91"], ["17", "121"]),
        (r"regex(^\d{3}$)", ["123"], ["1234"]),
        ("required", ["a"], [" "]),
        ("INT", ["1"], ["x"]),
    ],
)
def test_a_constraint_tells_good_values_from_bad(
    constraint: str, good: list[str], bad: list[str]
) -> None:
    holds = parse_constraint(constraint)

    assert [value for value in good if not holds(value)] == []
    assert [value for value in bad if holds(value)] == []


@pytest.mark.parametrize(
    "constraint", ["prime", "int(3)", "length", "range(a,b)", "regex([)", "range(1)", ""]
)
def test_an_unknown_constraint_is_refused(constraint: str) -> None:
    with pytest.raises(ValueError, match="route constraint"):
        parse_constraint(constraint)
