"""What a notice says, in the words of the business's templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice's text, for a person to read."""

    subject: str
    body: str


class Letters(Protocol):
    """Writes notices."""

    def compose(self, template: str, facts: Mapping[str, Any]) -> Letter:
        """Fill in a template of models/messages.

        Raises:
            PermanentError: there is no such template, or it asks for a fact that is not given.
        """
