"""XML read safely into a small tree: no entities, no document type, bounded in size and depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTES_MAX = 20_000_000
DEPTH_MAX = 100
ELEMENTS_MAX = 500_000


@dataclass(slots=True)
class Element:
    """An XML element.

    Attributes:
        tag: its local name.
        namespace: of the tag; empty for none.
        attributes: by local name; those of foreign namespaces are left out.
        children: its elements, in order.
        text: its own characters.
        line: where it starts, from 1.
    """

    tag: str
    namespace: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def get(self, name: str) -> str:
        """An attribute; empty where it is not given."""
        return self.attributes.get(name, "")

    def all(self, *tags: str) -> Iterator[Element]:
        """The children with one of these tags."""
        return (child for child in self.children if child.tag in tags)

    def first(self, *tags: str) -> Element | None:
        """The first child with one of these tags."""
        return next(self.all(*tags), None)

    def text_of(self, tag: str) -> str:
        """The text of the first child with that tag, without the spaces around it."""
        child = self.first(tag)
        return child.text.strip() if child is not None else ""


def read_xml(xml: bytes | str, file: str = "") -> Element:
    """The root element of a document.

    Raises:
        ModelError: it is not well-formed, declares a document type, or is too large or too deep.
    """
    data = xml.encode() if isinstance(xml, str) else xml
    if len(data) > BYTES_MAX:
        raise ModelError(f"a model has at most {BYTES_MAX} bytes", file=file)
    builder = _Builder(file)
    # A text that says it is in another encoding was decoded already.
    parser = expat.ParserCreate("utf-8" if isinstance(xml, str) else None, namespace_separator=" ")
    parser.buffer_text = True
    builder.attach(parser)
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        message = f"line {error.lineno}: {expat.ErrorString(error.code)}"
        raise ModelError(f"not well-formed XML, {message}", file=file) from error
    except (ValueError, LookupError) as error:
        raise ModelError("XML in an unknown encoding", file=file) from error
    if builder.root is None:
        raise ModelError("an empty document", file=file)
    return builder.root


class _Builder:
    def __init__(self, file: str) -> None:
        self.root: Element | None = None
        self._file = file
        self._open: list[Element] = []
        self._count = 0
        self._parser: expat.XMLParserType | None = None

    def attach(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse_document_type

    def _refuse_document_type(self, *_: object) -> None:
        raise ModelError("a document type, and with it entities, is not accepted", file=self._file)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_MAX or len(self._open) >= DEPTH_MAX:
            raise ModelError(
                f"a model has at most {ELEMENTS_MAX} elements, {DEPTH_MAX} deep", file=self._file
            )
        namespace, _, tag = name.rpartition(" ")
        own = {key: value for key, value in attributes.items() if " " not in key}
        line = self._parser.CurrentLineNumber if self._parser else 0
        element = Element(tag, namespace, own, line)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data


def canonical_bytes(root: Element) -> bytes:
    """A document in canonical form, so that layout and attribute order do not change its hash.

    Source:
        The idea of W3C Canonical XML 2.0; spaces between elements are left out as well.
    """
    parts: list[str] = []
    _write(root, parts)
    return "".join(parts).encode()


def _write(element: Element, parts: list[str]) -> None:
    attributes = "".join(f" {key}={value!r}" for key, value in sorted(element.attributes.items()))
    parts.append(f"<{{{element.namespace}}}{element.tag}{attributes}>{element.text.strip()!r}")
    for child in element.children:
        _write(child, parts)
    parts.append("</>")
