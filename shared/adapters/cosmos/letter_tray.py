"""The letter tray in Cosmos DB: the container "letters"."""

from azure.cosmos.exceptions import CosmosResourceExistsError

from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import LETTERS
from shared.adapters.cosmos.documents import document_id, read_body, write_body
from shared.adapters.cosmos.failures import translated
from shared.ports.case_summary import instant
from shared.ports.letter_tray import TrayedLetter


class CosmosLetterTray:
    """A LetterTray whose letters outlast the process."""

    def __init__(self, database: CosmosDatabase) -> None:
        self._database = database

    async def put(self, letter: TrayedLetter) -> None:
        """Lay a letter in the tray; the same message of a case is laid there once."""
        document = {
            "id": document_id("letter", letter.message_id),
            "caseId": letter.case_id,
            "mark": f"{instant(letter.written_at)} {letter.message_id}",
            "body": write_body(letter, TrayedLetter),
        }
        container = await self._database.container(LETTERS)
        with translated(f"put letter {letter.message_id} of case {letter.case_id}"):
            try:
                await container.create_item(document)
            except CosmosResourceExistsError:
                return

    async def letters_of(self, case_id: str) -> tuple[TrayedLetter, ...]:
        """The letters of a case, oldest first."""
        container = await self._database.container(LETTERS)
        with translated(f"read letters of case {case_id}"):
            found = container.query_items("SELECT * FROM c ORDER BY c.mark", partition_key=case_id)
            return tuple([read_body(document, TrayedLetter) async for document in found])
