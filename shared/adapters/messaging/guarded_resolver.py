"""Name resolution for addresses that strangers give: what leads into our own network is refused."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver
from aiohttp.resolver import DefaultResolver

from shared.contracts.endpoints import is_loopback, is_public

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult


class GuardedResolver(AbstractResolver):
    """Resolves names, and answers public addresses only.

    It is asked at the very moment of connecting, so that a name which changes its address between
    our check and our call gains nothing.

    Args:
        allows_local: whether this machine's own addresses are answered too.
        inner: what resolves the names.
    """

    def __init__(self, *, allows_local: bool, inner: AbstractResolver | None = None) -> None:
        self._allows_local = allows_local
        self._inner = inner or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host.

        Raises:
            OSError: it has none that may be called.
        """
        found = await self._inner.resolve(host, port, family)
        allowed = [each for each in found if self._may_call(each["host"])]
        if not allowed or len(allowed) < len(found):
            raise OSError(f"host {host} leads to an address that may not be called")
        return allowed

    async def close(self) -> None:
        """Close what the names were resolved with."""
        await self._inner.close()

    def _may_call(self, address: str) -> bool:
        return is_public(address) or (self._allows_local and is_loopback(address))
