"""Which instances a hub may run, by their version and the application's.

Source: host.json `durableTask.defaultVersion`, `versionMatchStrategy`, `versionFailureStrategy`
(Durable Functions documentation, "Orchestration versioning").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from packaging.version import InvalidVersion, Version


class VersionMatch(StrEnum):
    """How an instance's version must relate to the application's."""

    NONE = "None"
    STRICT = "Strict"
    CURRENT_OR_OLDER = "CurrentOrOlder"


class VersionFailure(StrEnum):
    """What becomes of an instance that does not match: it waits, or it fails."""

    REJECT = "Reject"
    FAIL = "Fail"


@dataclass(frozen=True)
class VersionRule:
    """The application's version and what to do about others.

    Args:
        default: the application's version, given to new instances that name none; may be empty.
        match: which versions may run.
        failure: whether others wait for a newer application or fail.
    """

    default: str = ""
    match: VersionMatch = VersionMatch.CURRENT_OR_OLDER
    failure: VersionFailure = VersionFailure.REJECT

    def admits(self, version: str | None) -> bool:
        """Whether an instance of this version may run now."""
        if self.match is VersionMatch.NONE:
            return True
        order = compare_versions(version or "", self.default)
        return order == 0 if self.match is VersionMatch.STRICT else order <= 0


@lru_cache(maxsize=1024)
def compare_versions(left: str, right: str) -> int:
    """-1, 0 or 1 as `left` is older than, equal to or newer than `right`.

    No version is older than any. Versions that do not parse compare as text, as the SDK does.
    """
    if not left or not right:
        return bool(left) - bool(right)
    try:
        older, newer = Version(left), Version(right)
    except InvalidVersion:
        return (left > right) - (left < right)
    return (older > newer) - (older < newer)
