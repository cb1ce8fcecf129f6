"""Decision models in memory."""

from dataclasses import replace

from shared.contracts.audit import SealedEntry
from shared.ports.case_store import StaleError
from shared.ports.model_store import ModelCommit, ModelVersion, StoredModel


class MemoryModelStore:
    """A ModelStore that lasts as long as its process."""

    def __init__(self) -> None:
        self._commits = 0
        self._models: dict[str, StoredModel] = {}
        self._contents: dict[tuple[str, str], ModelVersion] = {}
        self._trails: dict[str, list[SealedEntry]] = {}

    async def models(self) -> tuple[StoredModel, ...]:
        """Every model, by name."""
        return tuple(self._models[name] for name in sorted(self._models))

    async def load(self, name: str) -> StoredModel | None:
        """One model with its ETag."""
        return self._models.get(name)

    async def content(self, name: str, version: str) -> ModelVersion | None:
        """The content of a version."""
        return self._contents.get((name, version))

    async def save(self, commit: ModelCommit) -> None:
        """Write a change whole."""
        name = commit.model.name
        before = self._models.get(name)
        if (before.etag if before else None) != commit.model.etag:
            raise StaleError(f"model {name} is not as it was loaded")
        self._commits += 1
        self._models[name] = replace(commit.model, etag=str(self._commits))
        if commit.content is not None:
            self._contents[name, commit.content.version] = commit.content
        self._trails.setdefault(name, []).extend(commit.audit)

    async def trail(self, name: str) -> tuple[SealedEntry, ...]:
        """The audit trail of a model, oldest first."""
        return tuple(self._trails.get(name, ()))
