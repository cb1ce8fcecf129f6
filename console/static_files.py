"""The files that the pages need beside them, each with its entity tag."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES: Mapping[str, str] = {".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served; the etag changes with its content."""

    content: bytes
    mimetype: str
    etag: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Every file by its name."""
    return {path.name: _read(path) for path in FOLDER.iterdir() if path.suffix in TYPES}


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(content, TYPES[path.suffix], f'"{sha256(content).hexdigest()[:16]}"')
