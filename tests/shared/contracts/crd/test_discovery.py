from shared.contracts.crd import HOOKS, discovery


def test_every_hook_is_offered_with_its_coverage() -> None:
    services = discovery()["services"]

    assert {each["hook"] for each in services} == set(HOOKS)
    assert len({each["id"] for each in services}) == len(services)
    for service in services:
        assert "Coverage?patient=" in service["prefetch"]["coverage"]
        assert service["description"].startswith("Coverage and prior authorization needs while ")
