import io
import json
import logging
from collections.abc import Iterator

import pytest

from localhost.functions_host.json_logging import JsonLines, start_logging


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers, root.level = handlers, level


def test_a_record_is_one_line_of_json(stream: io.StringIO) -> None:
    start_logging(logging.INFO, stream)

    logging.getLogger("host.test").info("two\nlines", extra={"function": "f", "invocation_id": "i"})

    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "INFO",
        "logger": "host.test",
        "message": "two\nlines",
        "function": "f",
        "invocationId": "i",
    }


def test_an_exception_is_part_of_its_line(stream: io.StringIO) -> None:
    start_logging(logging.INFO, stream)

    try:
        int("x")
    except ValueError:
        logging.getLogger("host.test").exception("failed")

    assert "ValueError" in json.loads(stream.getvalue())["exception"]


def test_records_below_the_level_are_left_out(stream: io.StringIO) -> None:
    start_logging(logging.WARNING, stream)

    logging.getLogger("host.test").info("quiet")

    assert stream.getvalue() == ""


def test_what_a_worker_forwards_below_the_level_is_left_out(stream: io.StringIO) -> None:
    lines = start_logging(logging.WARNING, stream)

    lines.write_forwarded(("log", 0.0, "INFO", "mine", "quiet", "", "", ""))

    assert stream.getvalue() == ""


def test_what_a_worker_forwards_is_written_alike(stream: io.StringIO) -> None:
    lines = JsonLines(stream)

    lines.write_forwarded(("log", 0.0, "ERROR", "mine", "text", "Traceback", "id", "function"))

    assert json.loads(stream.getvalue()) == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "ERROR",
        "logger": "mine",
        "message": "text",
        "function": "function",
        "invocationId": "id",
        "exception": "Traceback",
    }
