import logging
from collections.abc import Iterator

import pytest

from localhost.functions_host.frames import Message
from localhost.functions_host.worker_logging import current_invocation, forward_logs


@pytest.fixture
def sent() -> Iterator[list[Message]]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    messages: list[Message] = []
    forward_logs(messages.append)
    yield messages
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level


def test_a_record_is_sent_with_its_invocation(sent: list[Message]) -> None:
    token = current_invocation.set(("id", "function"))

    logging.getLogger("mine").info("n=%d", 3)
    current_invocation.reset(token)

    (message,) = sent
    assert message[0] == "log"
    assert message[2:] == ("INFO", "mine", "n=3", "", "id", "function")


def test_an_exception_travels_as_text(sent: list[Message]) -> None:
    try:
        int("x")
    except ValueError:
        logging.getLogger("mine").exception("failed")

    assert "ValueError" in sent[0][5]


def test_talkative_libraries_are_heard_from_warnings_on(sent: list[Message]) -> None:
    logging.getLogger("azure.cosmos._base").info("request")
    logging.getLogger("azure.cosmos._base").warning("throttled")

    assert [each[4] for each in sent] == ["throttled"]
