"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class SettableClock:
    """A Clock whose time is set by whoever simulates."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The time it was last set to, in UTC."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move to a time, forwards or back."""
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move forwards by a duration."""
        self._at += by
