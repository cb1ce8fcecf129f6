"""The change feed: the latest version of each changed document, in the order of the changes."""

# ruff: noqa: S608 - tables and columns are named by numbers of ours, never by a request

import sqlite3
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .answers import Answer, bad_request, not_supported
from .containers import Container
from .extents import Extent

PAGE_ITEMS_DEFAULT = 100
_INCREMENTAL = "incremental feed"


@dataclass(frozen=True, slots=True)
class ChangesRequest:
    """One page of changes asked for.

    Attributes:
        after: the version to start after.
        since: the second from which changes count.
        extent: the part of the container to look in.
        items_max: how many changes the page has at most.
        now: the gateway's time, in seconds.
    """

    after: int
    since: int
    extent: Extent
    items_max: int
    now: int


def read_start(mode: str, if_none_match: str, if_modified_since: str, lsn: int) -> tuple[int, int]:
    """Where a feed starts: the version to start after, and the second to start from.

    Args:
        mode: the A-IM header.
        if_none_match: "*" for now, or the ETag of the page before; empty for the beginning.
        if_modified_since: an HTTP date, which a client repeats with every page; empty for none.
        lsn: the container's latest version.

    Raises:
        ApiError: 400, the mode is not supported or a header is malformed.
    """
    if mode.lower() != _INCREMENTAL:
        raise not_supported("the change feed mode AllVersionsAndDeletes")
    try:
        since = (
            int(parsedate_to_datetime(if_modified_since).timestamp()) if if_modified_since else 0
        )
    except ValueError as error:
        raise bad_request("The If-Modified-Since header is invalid.") from error
    if if_none_match == "*":
        return lsn, since
    version = if_none_match.strip('"') or "0"
    if not version.isdecimal():
        raise bad_request("The change feed's continuation is invalid.")
    return int(version), since


def read_changes(
    connection: sqlite3.Connection, container: Container, request: ChangesRequest
) -> Answer:
    """One page of changes, with the version to go on from as its ETag; 304 where there is none."""
    number = container.number
    # Read first: what is committed between the two statements then comes with the next page.
    latest = connection.execute(f"SELECT MAX(lsn) FROM heads_{number}").fetchone()[0] or 0
    conditions, arguments = request.extent.conditions()
    conditions += ["h.lsn > ?", "h.ts >= ?", "(h.expires IS NULL OR h.expires > ?)"]
    arguments += [request.after, request.since, request.now]
    rows = connection.execute(
        f"SELECT h.lsn, b.body FROM heads_{number} h JOIN bodies_{number} b USING (row) "
        f"WHERE {' AND '.join(conditions)} ORDER BY h.lsn LIMIT ?",
        (*arguments, request.items_max),
    ).fetchall()
    if not rows:
        # Past everything that was passed over, or the next page would begin at the beginning.
        return Answer(304, etag=f'"{max(latest, request.after)}"')
    last = rows[-1][0]
    texts = [f'{body[:-1]},"_lsn":{lsn}}}' for lsn, body in rows]
    return Answer(200, feed_body(container.rid, "Documents", texts), etag=f'"{last}"')


def feed_body(rid: str, name: str, texts: list[str]) -> str:
    """The JSON of a list of resources, each given as JSON."""
    return f'{{"_rid":"{rid}","{name}":[{",".join(texts)}],"_count":{len(texts)}}}'
