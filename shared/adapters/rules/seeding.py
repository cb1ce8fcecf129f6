"""The models that the product brings along, put into an empty store."""

from collections.abc import Container, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from shared.contracts.audit import GENESIS, seal_entries
from shared.domain.prior_authorization.change import AuditEntry
from shared.domain.prior_authorization.decision import RULES
from shared.engine.dmn import compile_model
from shared.ports.case_store import StaleError
from shared.ports.model_store import (
    BEGINNING,
    ModelCommit,
    ModelStore,
    ModelVersion,
    Publication,
    StoredModel,
    Tag,
    VersionEntry,
)

DECISIONS = Path(__file__).parents[3] / "models" / "decisions"


async def seed(store: ModelStore, folder: Path, *, at: datetime) -> None:
    """Put each model of a folder that the store does not know into force since the beginning.

    A model that the store knows stays as it is there: it is changed by publishing.

    Raises:
        ModelError: a file is no model.
        TransientError, PermanentError: the store does not take it.
    """
    known = {model.name for model in await store.models()}
    for commit in _seeds(folder, known, at):
        with suppress(StaleError):  # Another process seeds it at the same time.
            await store.save(commit)


def _seeds(folder: Path, known: Container[str], at: datetime) -> Iterator[ModelCommit]:
    for file in sorted(folder.glob("*.dmn")):
        if file.stem not in known:
            yield _seed_of(file, at)


def _seed_of(file: Path, at: datetime) -> ModelCommit:
    xml = file.read_text(encoding="utf-8")
    beside = file.with_suffix(".scenarios.json")
    scenarios = beside.read_text(encoding="utf-8") if beside.is_file() else ""
    version = compile_model(xml, file=file.name).content_hash
    seeded = AuditEntry(event="model_seeded", actor=RULES, at=at, detail={"version": version})
    [sealed] = seal_entries([seeded], count=0, head=GENESIS)
    model = StoredModel(
        name=file.stem,
        versions=(
            VersionEntry(
                version=version, tag=Tag.APPROVED, uploaded_by=RULES.actor_id, uploaded_at=at
            ),
        ),
        publications=(
            Publication(
                version=version,
                effective_from=BEGINNING,
                published_by=RULES.actor_id,
                published_at=at,
            ),
        ),
        audit_count=1,
        audit_head=sealed.seal,
    )
    content = ModelVersion(name=file.stem, version=version, xml=xml, scenarios=scenarios)
    return ModelCommit(model=model, content=content, audit=(sealed,))
