import base64
import json

import pytest

from shared.contracts.identity import User, read_principal
from shared.errors import ContractError


def _principal(**claims: str) -> dict[str, str]:
    encoded = json.dumps({"claims": [{"typ": typ, "val": val} for typ, val in claims.items()]})
    return {"x-ms-client-principal": base64.b64encode(encoded.encode()).decode()}


def test_nobody_is_signed_in_without_the_header() -> None:
    assert read_principal({}) is None


def test_the_name_header_goes_first_then_the_claims() -> None:
    headers = _principal(preferred_username="ada@plan.example", name="Ada")
    assert read_principal(headers) == User("ada@plan.example")
    assert read_principal(headers | {"x-ms-client-principal-name": "ada"}) == User("ada")
    assert read_principal(_principal(name="Ada")) == User("Ada")


@pytest.mark.parametrize("value", ["%%%", "bm90IGpzb24=", "W10="])
def test_an_unreadable_principal_is_refused(value: str) -> None:
    with pytest.raises(ContractError):
        read_principal({"x-ms-client-principal": value})


def test_a_principal_without_a_name_is_refused() -> None:
    with pytest.raises(ContractError):
        read_principal(_principal(role="reviewer"))
