"""Only a signed and living token for an entity, or for what is above it, gives access."""

import pytest

from localhost.eventhubs_broker.tokens import TokenError, check_token, entity_path, sign

KEY = "secret"
NOW_S = 1_000.0


def test_a_token_covers_its_entity_and_what_is_below_it() -> None:
    grant = check_token(sign("sb://127.0.0.1:5672/Orders", KEY, 1_100), KEY, NOW_S)

    assert grant.covers("orders", NOW_S)
    assert grant.covers("orders/partitions/1", NOW_S)
    assert not grant.covers("orders-archive", NOW_S)
    assert not grant.covers("payments", NOW_S)
    assert not grant.covers("orders", 1_100)


def test_a_token_for_the_namespace_covers_everything() -> None:
    assert check_token(sign("sb://127.0.0.1/", KEY, 1_100), KEY, NOW_S).covers("orders", NOW_S)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (sign("sb://h/orders", "other", 1_100), "InvalidSignature"),
        (sign("sb://h/orders", KEY, 1_100).replace("orders", "payments"), "InvalidSignature"),
        (sign("sb://h/orders", KEY, 1_100).replace("se=1100", "se=9999"), "InvalidSignature"),
        (sign("sb://h/orders", KEY, 1_100).replace("RootManage", "Some"), "InvalidSignature"),
        (sign("sb://h/orders", KEY, 999), "ExpiredToken"),
        ("SharedAccessSignature sr=x", "no field"),
        ("eyJhbGciOiJub25lIn0.e30.", "only shared access signatures"),
    ],
)
def test_any_other_token_gives_access_to_nothing(token: str, reason: str) -> None:
    with pytest.raises(TokenError, match=reason):
        check_token(token, KEY, NOW_S)


def test_addresses_are_compared_by_their_path() -> None:
    assert entity_path("amqps://127.0.0.1:5672/Orders/Partitions/1") == "orders/partitions/1"
    assert entity_path("$cbs") == "$cbs"
