"""The letter tray in memory."""

from shared.ports.letter_tray import TrayedLetter


class MemoryLetterTray:
    """A LetterTray that lasts as long as its process."""

    def __init__(self) -> None:
        self._letters: dict[str, dict[str, TrayedLetter]] = {}

    async def put(self, letter: TrayedLetter) -> None:
        """Lay a letter in the tray; the same message of a case is laid there once."""
        self._letters.setdefault(letter.case_id, {}).setdefault(letter.message_id, letter)

    async def letters_of(self, case_id: str) -> tuple[TrayedLetter, ...]:
        """The letters of a case, oldest first."""
        letters = self._letters.get(case_id, {}).values()
        return tuple(sorted(letters, key=lambda letter: (letter.written_at, letter.message_id)))
