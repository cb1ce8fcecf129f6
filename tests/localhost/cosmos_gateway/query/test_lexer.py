import pytest

from localhost.cosmos_gateway.query.lexer import tokens
from localhost.cosmos_gateway.query.syntax import QueryError


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text)[:-1]]


def test_a_query_is_words_signs_and_literals() -> None:
    assert kinds("SELECT c.x>=1.5e3 --note\n,@p") == [
        ("word", "SELECT"),
        ("word", "c"),
        ("sign", "."),
        ("word", "x"),
        ("sign", ">="),
        ("number", "1.5e3"),
        ("sign", ","),
        ("parameter", "@p"),
    ]


def test_strings_have_either_quotation_mark_and_json_escapes() -> None:
    assert kinds(r"""'it\'s' "a\"b" 'tab\there' '\u00e9' 'back\\slash'""") == [
        ("string", "it's"),
        ("string", 'a"b'),
        ("string", "tab\there"),
        ("string", "é"),
        ("string", "back\\slash"),
    ]


@pytest.mark.parametrize("text", ["'open", '"open', "a ; b", "a # b", "\x00", "@", "!"])
def test_a_character_that_begins_no_token_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="Syntax error near"):
        tokens(text)
