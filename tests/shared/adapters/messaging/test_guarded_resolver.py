import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from shared.adapters.messaging.guarded_resolver import GuardedResolver


class Names(AbstractResolver):
    """A name server that answers what it is told to."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self._addresses
        ]

    async def close(self) -> None:
        return


def _guarded(*addresses: str, allows_local: bool = False) -> GuardedResolver:
    return GuardedResolver(allows_local=allows_local, inner=Names(*addresses))


async def test_a_public_address_is_answered() -> None:
    [found] = await _guarded("93.184.216.34").resolve("hooks.example", 443)
    assert found["host"] == "93.184.216.34"


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"])
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(OSError, match="may not be called"):
        await _guarded(address).resolve("hooks.example", 443)


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(OSError, match="may not be called"):
        await _guarded("93.184.216.34", "10.0.0.1").resolve("hooks.example", 443)


async def test_this_machine_is_answered_where_that_is_allowed() -> None:
    guarded = _guarded("127.0.0.1", allows_local=True)
    assert await guarded.resolve("localhost", 80)
    with pytest.raises(OSError, match="may not be called"):
        await _guarded("10.0.0.1", allows_local=True).resolve("hooks.example", 80)
