"""Where the versions of decision models live: content that never changes, and what is in force.

A version is known by the hash of its content. It is a draft until it is published; a publication
says from when it is in force, and stands for ever, so that what was in force can always be told.
To go back, an earlier version is published again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from shared.contracts.audit import GENESIS, SealedEntry
from shared.errors import RuleViolation

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
"""From when a seeded version is in force: before every case."""
IN_FORCE = "latest"
PREFIX_CHARACTERS_MIN = 8


class UnknownModelError(RuleViolation):
    """There is no such model, or no such version of it."""


class Tag(StrEnum):
    """What a version may be used for."""

    DRAFT = "draft"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """The content of a version.

    Attributes:
        version: the hash of the model's content.
        xml: the DMN document; scenarios: the text of its scenario file, empty for none.
    """

    name: str
    version: str
    xml: str
    scenarios: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionEntry:
    """A version as it is listed."""

    version: str
    tag: Tag
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """From when a version is in force.

    Attributes:
        override: why it was published although too many decisions flip; empty where not.
    """

    version: str
    effective_from: datetime
    published_by: str
    published_at: datetime
    override: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A model as it was loaded.

    Attributes:
        etag: guards the next commit; None for a model that is not there yet.
        versions: oldest first; publications: likewise.
        audit_count, audit_head: length and last seal of the model's audit chain.
    """

    name: str
    etag: str | None = None
    versions: tuple[VersionEntry, ...] = ()
    publications: tuple[Publication, ...] = ()
    audit_count: int = 0
    audit_head: str = GENESIS

    def in_force(self, at: datetime) -> str | None:
        """The version in force at a time; of two from the same time, the one published last."""
        due = [each for each in self.publications if each.effective_from <= at]
        if not due:
            return None
        latest = max(range(len(due)), key=lambda place: (due[place].effective_from, place))
        return due[latest].version

    def find(self, name: str, at: datetime) -> VersionEntry:
        """The version of a name: "latest" for the one in force, its hash, or the hash's beginning.

        Raises:
            UnknownModelError: there is none, or the beginning fits several.
        """
        wanted = self.in_force(at) if name == IN_FORCE else name
        if wanted is not None and len(wanted) >= PREFIX_CHARACTERS_MIN:
            found = [each for each in self.versions if each.version.startswith(wanted)]
            if len(found) == 1:
                return found[0]
        raise UnknownModelError(f"model {self.name} has no one version {name[:64]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCommit:
    """Everything that one change of a model writes, in one transactional batch.

    Attributes:
        model: as it is from now on, with the ETag that it was loaded with.
        content: a version's content to write; None for none.
    """

    model: StoredModel
    content: ModelVersion | None = None
    audit: tuple[SealedEntry, ...] = ()


class ModelStore(Protocol):
    """Durable decision models.

    Every method raises TransientError when the store is out of reach, and PermanentError when it
    refuses a document for good.
    """

    async def models(self) -> tuple[StoredModel, ...]:
        """Every model, by name."""

    async def load(self, name: str) -> StoredModel | None:
        """One model with its ETag."""

    async def content(self, name: str, version: str) -> ModelVersion | None:
        """The content of a version."""

    async def save(self, commit: ModelCommit) -> None:
        """Write a change whole.

        Raises:
            StaleError: the ETag no longer holds, or the model to create is there.
        """

    async def trail(self, name: str) -> tuple[SealedEntry, ...]:
        """The audit trail of a model, oldest first."""
