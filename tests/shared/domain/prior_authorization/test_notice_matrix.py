"""Notices: read from the matrix, once each, the soonest first."""

from datetime import UTC, datetime

import pytest

from shared.domain.prior_authorization.notice_matrix import (
    Channel,
    Notice,
    Recipient,
    notices_owed,
)

LETTER = {
    "recipient": "member",
    "channel": "mail",
    "template": "integrated-denial-notice",
    "due within hours": 72,
}
CALL = {
    "recipient": "member",
    "channel": "phone",
    "template": "oral-denial",
    "due within hours": 0,
}


def test_a_notice_is_read_from_its_row() -> None:
    assert Notice.from_row(LETTER) == Notice(
        Recipient.MEMBER, Channel.MAIL, "integrated-denial-notice", 72
    )


def test_a_row_with_a_word_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="pigeon"):
        Notice.from_row(LETTER | {"channel": "pigeon"})


def test_a_written_denial_follows_the_call_within_three_days() -> None:
    event_at = datetime(2026, 3, 6, 15, tzinfo=UTC)
    call, letter = notices_owed([LETTER, CALL])
    assert call.due_at(event_at) == event_at
    assert letter.due_at(event_at) == datetime(2026, 3, 9, 15, tzinfo=UTC)


def test_the_same_notice_is_owed_once() -> None:
    assert notices_owed([CALL, CALL]) == (Notice.from_row(CALL),)
