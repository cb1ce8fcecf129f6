"""Signing in to Azure without a key."""

from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

from shared.adapters.identity import sign_in


async def test_a_client_id_names_the_identity() -> None:
    identity = sign_in("00000000-0000-0000-0000-000000000001")
    assert isinstance(identity, ManagedIdentityCredential)
    await identity.close()


async def test_without_one_it_is_the_machines_or_the_developers_own() -> None:
    identity = sign_in("")
    assert isinstance(identity, DefaultAzureCredential)
    await identity.close()
