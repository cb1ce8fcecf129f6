"""Which instances a hub may run, by their version and the application's.

Source: host.json `durableTask.defaultVersion`, `versionMatchStrategy`, `versionFailureStrategy`
(Durable Functions documentation, "Orchestration versioning").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+){1,3}")


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

    No version is older than any. Numbers compare as numbers where both versions have two to four
    of them, and the one that has fewer is older than its extensions: 1.0 than 1.0.0. All others
    compare as text without regard to case, so that "10" is older than "9".

    Source: TaskOrchestrationVersioningUtils.CompareVersions, over .NET's System.Version.
    """
    left, right = left.strip(), right.strip()
    if not left or not right:
        return bool(left) - bool(right)
    if _NUMBERS.fullmatch(left) and _NUMBERS.fullmatch(right):
        older, newer = (tuple(map(int, each.split("."))) for each in (left, right))
        return (older > newer) - (older < newer)
    left, right = left.upper(), right.upper()
    return (left > right) - (left < right)
