"""Decision models in Cosmos DB: a model is one partition of the container "models".

It holds the head (versions, publications, the end of the audit chain), a document for the content
of each version, and one for each audit entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from azure.cosmos.exceptions import CosmosResourceNotFoundError

from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import MODELS
from shared.adapters.cosmos.documents import Document, read_body, write_body
from shared.adapters.cosmos.failures import batch_translated, translated
from shared.contracts.audit import SealedEntry
from shared.ports.model_store import ModelCommit, ModelVersion, StoredModel

HEAD_ID = "model"

type Operation = tuple[Any, ...]


class CosmosModelStore:
    """A ModelStore that outlasts the process."""

    def __init__(self, database: CosmosDatabase) -> None:
        self._database = database

    async def models(self) -> tuple[StoredModel, ...]:
        """Every model, by name."""
        container = await self._database.container(MODELS)
        with translated("list the models"):
            found = container.query_items("SELECT * FROM c WHERE c.type = 'model'")
            heads = [_read_head(document) async for document in found]
        return tuple(sorted(heads, key=lambda head: head.name))

    async def load(self, name: str) -> StoredModel | None:
        """One model with its ETag."""
        document = await self._read(name, HEAD_ID)
        return _read_head(document) if document else None

    async def content(self, name: str, version: str) -> ModelVersion | None:
        """The content of a version."""
        document = await self._read(name, _content_id(version))
        return read_body(document, ModelVersion) if document else None

    async def save(self, commit: ModelCommit) -> None:
        """Write a change whole."""
        container = await self._database.container(MODELS)
        with batch_translated(f"commit model {commit.model.name}"):
            await container.execute_item_batch(list(_operations(commit)), commit.model.name)

    async def trail(self, name: str) -> tuple[SealedEntry, ...]:
        """The audit trail of a model, oldest first."""
        container = await self._database.container(MODELS)
        text = "SELECT * FROM c WHERE c.type = 'audit' ORDER BY c.mark"
        with translated(f"read the trail of model {name}"):
            found = container.query_items(text, partition_key=name)
            return tuple([read_body(document, SealedEntry) async for document in found])

    async def _read(self, name: str, document_id: str) -> Mapping[str, Any] | None:
        container = await self._database.container(MODELS)
        with translated(f"read {document_id} of model {name}"):
            try:
                return await container.read_item(document_id, name)
            except CosmosResourceNotFoundError:
                return None


def _operations(commit: ModelCommit) -> Iterator[Operation]:
    """The operations of a commit; the first is guarded by the head's ETag."""
    name = commit.model.name
    body = write_body(replace(commit.model, etag=None), StoredModel)
    head = _document(name, HEAD_ID, "model", body)
    if commit.model.etag is None:
        yield "create", (head,)
    else:
        yield "replace", (HEAD_ID, head), {"if_match_etag": commit.model.etag}
    if commit.content is not None:
        body = write_body(commit.content, ModelVersion)
        yield "upsert", (_document(name, _content_id(commit.content.version), "content", body),)
    for sealed in commit.audit:
        body = write_body(sealed, SealedEntry)
        mark = f"{sealed.sequence:06}"
        yield "create", ({**_document(name, f"audit-{mark}", "audit", body), "mark": mark},)


def _document(name: str, document_id: str, kind: str, body: Any) -> Document:
    return {"id": document_id, "name": name, "type": kind, "body": body}


def _read_head(document: Mapping[str, Any]) -> StoredModel:
    return replace(read_body(document, StoredModel), etag=document["_etag"])


def _content_id(version: str) -> str:
    return f"version-{version}"
