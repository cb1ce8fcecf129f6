"""The rule book over the versions in the model store."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from shared.adapters.rules.evaluating import Evaluator, table_rows
from shared.adapters.rules.seeding import DECISIONS, seed
from shared.engine.dmn import Model, compile_model
from shared.errors import ModelError, PermanentError
from shared.ports.clock import Clock
from shared.ports.model_store import ModelStore, StoredModel
from shared.ports.rule_book import RuleAnswer, TableRow

FRESH_FOR = timedelta(seconds=5)
"""How long a publication may go unnoticed; a case that is open keeps its versions anyhow."""
COMPILED_MAX = 200


class StoreRuleBook:
    """A RuleBook whose answers at pinned versions cost no call to the store.

    A compiled version is kept, since its content never changes; what is in force is asked for
    anew after FRESH_FOR. An empty store is filled from a folder when it is first looked into.

    Args:
        folder: the models that the product brings along.
    """

    def __init__(self, store: ModelStore, clock: Clock, folder: Path = DECISIONS) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._evaluator = Evaluator()
        self._compiled: dict[tuple[str, str], Model] = {}
        self._models: Mapping[str, StoredModel] = {}
        self._looked_at: datetime | None = None
        self._looking = asyncio.Lock()

    async def versions(self, at: datetime) -> Mapping[str, str]:
        """The version of each model in force at a time."""
        found = ((name, model.in_force(at)) for name, model in (await self._current()).items())
        return {name: version for name, version in found if version is not None}

    async def ask(
        self,
        model: str,
        decision: str,
        given: Mapping[str, object],
        *,
        at: datetime,
        version: str | None = None,
    ) -> RuleAnswer:
        """Evaluate a decision.

        Raises:
            PermanentError: there is no such model, version or decision, or the evaluation has
                diagnostics. It names the place, never a value.
            TransientError: the store is out of reach.
        """
        return self._evaluator.answer(
            await self._model(model, at, version), model, decision, given, at
        )

    async def rows(self, model: str, decision: str, *, at: datetime) -> tuple[TableRow, ...]:
        """The rows of a decision's table, in the version in force at a time.

        Raises:
            PermanentError: there is no such model or decision, or it is no table.
            TransientError: the store is out of reach.
        """
        return table_rows(await self._model(model, at, None), model, decision)

    async def _model(self, name: str, at: datetime, version: str | None) -> Model:
        if version is None:
            stored = (await self._current()).get(name)
            version = stored.in_force(at) if stored is not None else None
            if version is None:
                raise PermanentError(f"there is no model {name} in force")
        return self._compiled.get((name, version)) or await self._compile(name, version)

    async def _compile(self, name: str, version: str) -> Model:
        content = await self._store.content(name, version)
        if content is None:
            raise PermanentError(f"model {name} has no version {version}")
        try:
            compiled = compile_model(content.xml, file=f"{name}.dmn")
        except ModelError as error:
            raise PermanentError(f"model {name} cannot be used: {error}") from error
        if len(self._compiled) >= COMPILED_MAX:
            del self._compiled[next(iter(self._compiled))]
        self._compiled[name, version] = compiled
        return compiled

    async def _current(self) -> Mapping[str, StoredModel]:
        if not self._is_fresh():
            async with self._looking:
                if not self._is_fresh():
                    await self._look()
        return self._models

    def _is_fresh(self) -> bool:
        if self._looked_at is None:
            return False
        return timedelta(0) <= self._clock.now() - self._looked_at < FRESH_FOR

    async def _look(self) -> None:
        now = self._clock.now()
        if self._looked_at is None:
            await seed(self._store, self._folder, at=now)
        self._models = {model.name: model for model in await self._store.models()}
        self._looked_at = now
