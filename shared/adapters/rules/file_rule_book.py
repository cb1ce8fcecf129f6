"""The rule book over the decision models as they lie in models/decisions."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from shared.adapters.rules.evaluating import Evaluator, table_rows
from shared.adapters.rules.seeding import DECISIONS
from shared.engine.dmn import Model, compile_model
from shared.errors import ModelError, PermanentError
from shared.ports.rule_book import RuleAnswer, TableRow


class FileRuleBook:
    """A RuleBook whose models are the files of a folder, each named by its file.

    A model is compiled when it is first asked for and stays as it then was. It has one version,
    the hash of its content, in force at all times.
    """

    def __init__(self, folder: Path = DECISIONS) -> None:
        self._folder = folder
        self._evaluator = Evaluator()
        self._models: dict[str, Model] = {}
        self._versions: dict[str, str] = {}

    async def versions(self, at: datetime) -> Mapping[str, str]:  # noqa: ARG002 - Files have no past.
        """The version of each model."""
        if not self._versions:
            names = sorted(file.stem for file in self._folder.glob("*.dmn"))
            self._versions = {name: self._model(name).content_hash for name in names}
        return self._versions

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
        """
        compiled = self._model(model)
        if version is not None and version != compiled.content_hash:
            raise PermanentError(f"model {model} has no version {version}")
        return self._evaluator.answer(compiled, model, decision, given, at)

    async def rows(self, model: str, decision: str, *, at: datetime) -> tuple[TableRow, ...]:  # noqa: ARG002 - Files have no past.
        """The rows of a decision's table.

        Raises:
            PermanentError: there is no such model or decision, or it is no table.
        """
        return table_rows(self._model(model), model, decision)

    def _model(self, name: str) -> Model:
        if name not in self._models:
            file = self._folder / f"{name}.dmn"
            if not file.is_file():
                raise PermanentError(f"there is no model {name}")
            try:
                self._models[name] = compile_model(file.read_bytes(), file=file.name)
            except ModelError as error:
                raise PermanentError(f"model {name} cannot be used: {error}") from error
        return self._models[name]
