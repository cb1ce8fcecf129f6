"""Providers that the directory does not list."""

import pytest

from shared.adapters.memory.directories import MemoryProviderDirectory
from shared.adapters.unlisted_providers import AnsweringForUnlisted, is_npi
from shared.domain.prior_authorization.coverage import Provider

LISTED = Provider(npi="1234567893", state="MD")


async def test_a_listed_provider_is_as_listed() -> None:
    directory = AnsweringForUnlisted(MemoryProviderDirectory([LISTED]))
    assert await directory.find_provider("1234567893") == LISTED


async def test_a_real_number_that_is_not_listed_is_out_of_network() -> None:
    directory = AnsweringForUnlisted(MemoryProviderDirectory([LISTED]))
    assert await directory.find_provider("1245319599") == Provider(
        npi="1245319599", in_network=False
    )


async def test_what_is_no_number_is_nobody() -> None:
    directory = AnsweringForUnlisted(MemoryProviderDirectory([LISTED]))
    assert await directory.find_provider("1234567890") is None


@pytest.mark.parametrize("text", ["1234567893", "1245319599", "1679576722"])
def test_a_right_check_digit_makes_a_number(text: str) -> None:
    assert is_npi(text)


@pytest.mark.parametrize(
    "text", ["", "1234567890", "123456789", "12345678933", "12345678a3", "\uff11" * 10]
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_npi(text)


def test_every_single_wrong_digit_is_noticed() -> None:
    right = "1234567893"
    for place, digit in enumerate(right):
        for other in set("0123456789") - {digit}:
            assert not is_npi(right[:place] + other + right[place + 1 :])
