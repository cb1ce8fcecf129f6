"""Signing in to Azure without a key."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

type Identity = DefaultAzureCredential | ManagedIdentityCredential


def sign_in(client_id: str) -> Identity:
    """The user-assigned identity of that client id; the machine's or developer's own if empty."""
    # The import takes a quarter of a second, and nobody needs it who has a key.
    from azure.identity.aio import (  # noqa: PLC0415
        DefaultAzureCredential,
        ManagedIdentityCredential,
    )

    if client_id:
        return ManagedIdentityCredential(client_id=client_id)
    return DefaultAzureCredential()
