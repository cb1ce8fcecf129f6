import pytest

from shared.engine.dmn.xml import canonical_bytes, read_xml
from shared.errors import ModelError

BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>'


def test_elements_come_with_their_text_and_line() -> None:
    root = read_xml('<a xmlns="urn:x" k="v">\n <b>one <c/>two</b></a>')
    assert (root.tag, root.namespace, root.get("k"), root.get("none")) == ("a", "urn:x", "v", "")
    b = root.first("b")
    assert b is not None
    assert (b.text, b.line, [child.tag for child in b.children]) == ("one two", 2, ["c"])
    assert root.text_of("b") == "one two"


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (BOMB, "document type"),
        ('<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "document type"),
        ('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "document type"),
        ("<a><b></a>", "not well-formed XML, line 1"),
        ("", "not well-formed"),
        ("<a/><b/>", "not well-formed"),
        ("<a>" * 200, "200|100 deep"),
        ("<a>" + "<b/>" * 500_001 + "</a>", "at most 500000 elements"),
        ("<a>" + " " * 20_000_001 + "</a>", "at most 20000000 bytes"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "encoding|well-formed"),
        (b"\xff\xfe\x00", "well-formed"),
    ],
)
def test_what_is_not_safe_or_not_well_formed_is_refused(xml: str | bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        read_xml(xml, "m.dmn")
    assert caught.value.file == "m.dmn"


def test_the_canonical_form_has_no_layout() -> None:
    spaced, tight = read_xml("<a y='1' x='2'>\n <b/> </a>"), read_xml('<a x="2" y="1"><b></b></a>')
    assert canonical_bytes(spaced) == canonical_bytes(tight)
    assert canonical_bytes(tight) != canonical_bytes(read_xml("<a/>"))
