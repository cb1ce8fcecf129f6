"""Providers whom the payer's directory does not list."""

from shared.domain.prior_authorization.coverage import Provider
from shared.ports.directories import ProviderDirectory

# An NPI is checked as a card number that begins with 80840 (health, United States).
CARD_PREFIX = "80840"
NPI_DIGITS = 10


class AnsweringForUnlisted:
    """A ProviderDirectory that also answers for real numbers that another does not list.

    A provider without a contract is out of network; that is no reason to turn his request back.
    """

    def __init__(self, listed: ProviderDirectory) -> None:
        self._listed = listed

    async def find_provider(self, npi: str) -> Provider | None:
        """The provider's entry; out of network where there is none; None if it is no number."""
        entry = await self._listed.find_provider(npi)
        if entry is None and is_npi(npi):
            return Provider(npi=npi, in_network=False)
        return entry


def is_npi(text: str) -> bool:
    """Whether a text is a well-formed National Provider Identifier.

    Source:
        45 CFR 162.406; CMS, "Requirements for NPI check digit": Luhn over 80840 and the number.
    """
    if len(text) != NPI_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(CARD_PREFIX + text)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0
