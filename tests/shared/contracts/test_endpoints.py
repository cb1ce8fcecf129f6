import pytest

from shared.contracts.endpoints import endpoint_fault

INNER = [
    "https://127.0.0.1/hook",
    "https://localhost/hook",
    "https://[::1]/hook",
    "https://10.1.2.3/hook",
    "https://172.16.0.1/hook",
    "https://192.168.1.1/hook",
    "https://169.254.169.254/metadata",
    "https://100.64.0.1/hook",
    "https://0.0.0.0/hook",
    "https://[fd00::1]/hook",
    "https://[fe80::1]/hook",
    "https://[::ffff:10.0.0.1]/hook",
    "https://[2002:0a00:0001::]/hook",
    "https://2130706433/hook",
    "https://intranet/hook",
    "https://db.internal/hook",
    "https://printer.local./hook",
]


@pytest.mark.parametrize("url", INNER)
def test_an_address_inside_is_refused(url: str) -> None:
    assert endpoint_fault(url, allows_local=False)


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/x", "ftp://hooks.example", "https://", "https://h.example:99999", "x"],
)
def test_what_is_no_https_address_is_refused(url: str) -> None:
    assert endpoint_fault(url, allows_local=False)


def test_a_password_in_the_address_is_refused() -> None:
    assert endpoint_fault("https://user:secret@hooks.example/", allows_local=False)


@pytest.mark.parametrize("url", ["https://hooks.example/x?a=b", "https://93.184.216.34:8443/x"])
def test_a_public_https_address_is_taken(url: str) -> None:
    assert not endpoint_fault(url, allows_local=False)


def test_a_developers_machine_may_be_called_and_its_network_not() -> None:
    assert not endpoint_fault("http://127.0.0.1:8080/x", allows_local=True)
    assert endpoint_fault("http://192.168.1.1/x", allows_local=True)
