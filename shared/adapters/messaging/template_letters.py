"""Letters from the business's templates in models/messages.

A template is a text file of Jinja2 whose first line is the subject, after "Subject:".
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.errors import PermanentError
from shared.ports.letters import Letter

MESSAGES = Path(__file__).parents[3] / "models" / "messages"
SUBJECT = "Subject:"


class TemplateLetters:
    """Letters filled in from the templates of a folder."""

    def __init__(self, folder: Path = MESSAGES) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=False,  # A letter is plain text.
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def compose(self, template: str, facts: Mapping[str, Any]) -> Letter:
        """Fill in a template.

        Raises:
            PermanentError: there is no such template, it asks for a fact that is not given, or
                it has no subject. The error's cause may quote a fact, so it is left out.
        """
        try:
            text = self._environment.get_template(f"{template}.txt").render(facts)
        except TemplateError as error:
            kind = type(error).__name__
            raise PermanentError(f"letter {template} cannot be written: {kind}") from None
        first, _, body = text.partition("\n")
        if not first.startswith(SUBJECT):
            raise PermanentError(f"letter {template} has no subject line")
        return Letter(subject=first.removeprefix(SUBJECT).strip(), body=body.strip() + "\n")
