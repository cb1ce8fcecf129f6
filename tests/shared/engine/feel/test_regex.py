import pytest

from shared.engine.feel import LimitExceeded
from shared.engine.feel.regex import compile_pattern
from shared.engine.feel.running import FeelError, Run
from tests.shared.engine.answers import assert_answer


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        # Examples of XPath Functions and Operators 3.1, section 5.6.3.
        ("bra", "abracadabra", True),
        ("^a.*a$", "abracadabra", True),
        ("^bra", "abracadabra", False),
        # Of XML Schema 1.1 part 2, appendix G.
        ("^[a-z-[aeiou]]+$", "rhythm", True),
        ("^[a-z-[aeiou]]+$", "rhyme", False),
        (r"^\i\c*$", "_name-1.2", True),
        (r"^\i\c*$", "1name", False),
        (r"^\p{Lu}\p{Ll}+$", "Émile", True),
        (r"^\P{L}+$", "123", True),
        (r"^\p{IsGreek}+$", "αβγ", True),
        (r"^\p{IsGreekandCoptic}+$", "abc", False),
        (r"^\d{2,3}$", "12", True),
        (r"^\d{2,3}$", "1234", False),
        (r"^(a|ab)(c|bcd)$", "abcd", True),
        (r"^(.)(.)\2\1$", "abba", True),
        (r"^(?:ab)+$", "ababab", True),
        (r"^a{0}$", "", True),
        (r"^(a*)*$", "aaa", True),
        (r"[^Q]", "q", True),
        (r"\.", "a.b", True),
        (r"^[\-a]+$", "-a", True),
        (r"^[+\-]?\d+$", "-12", True),
        ("", "x", True),
    ],
)
def test_a_pattern_matches_as_xpath_says(pattern: str, text: str, matches: bool) -> None:  # noqa: FBT001 - a table of cases
    assert (compile_pattern(pattern, "").search(text, 0, Run()) is not None) is matches


@pytest.mark.parametrize(
    ("flags", "pattern", "text", "matches"),
    [
        ("i", "ABC", "xabcx", True),
        ("i", "[^Q]", "q", False),
        ("s", "a.b", "a\nb", True),
        ("", "a.b", "a\nb", False),
        ("m", "^b$", "a\nb\nc", True),
        ("", "^b$", "a\nb\nc", False),
        ("x", "a b\n c", "abc", True),
        ("x", "a[ ]b", "a b", True),
        ("q", "a.b", "a.b", True),
        ("q", "a.b", "axb", False),
        ("qi", "A.B", "a.b", True),
    ],
)
def test_flags_change_what_matches(flags: str, pattern: str, text: str, matches: bool) -> None:  # noqa: FBT001 - a table of cases
    assert (compile_pattern(pattern, flags).search(text, 0, Run()) is not None) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "[]",
        "[z-a]",
        "a**",
        "a{2,1}",
        "*",
        r"\q",
        r"\p{Xy}",
        r"\p{IsNowhere}",
        r"\1",
        r"(a\1)",
        "(?<n>a)",
        "[a-b-c]",
        "a{,2}",
        "(" * 60,
        "[a-[b-[c" * 20,
        "{",
        "a{9999999}",
    ],
)
def test_a_malformed_pattern_has_no_value(pattern: str) -> None:
    with pytest.raises(FeelError):
        compile_pattern(pattern, "")


def test_an_unknown_flag_has_no_value() -> None:
    with pytest.raises(FeelError):
        compile_pattern("a", "z")


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*b", "(a*)*b", "a*a*a*a*a*a*a*b", "(a|aa)+b", "(.*)*x"]
)
def test_a_hostile_pattern_is_stopped(pattern: str) -> None:
    with pytest.raises(LimitExceeded):
        compile_pattern(pattern, "").search("a" * 200, 0, Run())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('replace("abracadabra", "bra", "*")', '"a*cada*"'),
        ('replace("abracadabra", "a.*a", "*")', '"*"'),
        ('replace("abracadabra", "a.*?a", "*")', '"*c*bra"'),
        ('replace("abracadabra", "a", "")', '"brcdbr"'),
        ('replace("abracadabra", "a(.)", "a$1$1")', '"abbraccaddabbra"'),
        ('replace("AAAA", "A+", "b")', '"b"'),
        ('replace("AAAA", "A+?", "b")', '"bbbb"'),
        ('replace("darted", "^(.*?)d(.*)$", "$1c$2")', '"carted"'),
        ('replace("abc", "b", "\\\\$1")', '"a$1c"'),
        ('replace("abc", "(b)", "$0$12")', '"abb2c"'),
        ('replace("abracadabra", ".*?", "$1")', "null"),
        ('replace("abc", "b", "$")', "null"),
        ('replace("a.b", ".", "$1", "q")', '"a$1b"'),
        ('split("John Doe", "\\\\s")', '["John", "Doe"]'),
        ('split("a;b;c;;", ";")', '["a", "b", "c", "", ""]'),
        ('split("abc", "")', "null"),
        ('matches("abc", null)', "null"),
    ],
)
def test_replace_and_split_answer_as_xpath_says(text: str, expected: str) -> None:
    assert_answer(text, expected)
