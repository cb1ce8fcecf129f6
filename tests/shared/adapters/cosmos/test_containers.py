"""The plans of the containers."""

from shared.adapters.cosmos.containers import CASES, EVERY_CONTAINER


def test_only_what_is_listed_is_indexed() -> None:
    policy = CASES.indexing_policy()
    assert policy["excludedPaths"] == [{"path": "/*"}]
    assert {"path": "/mark/?"} in policy["includedPaths"]
    assert not any("body" in each["path"] for each in policy["includedPaths"])


def test_no_two_containers_share_a_name() -> None:
    assert len({plan.name for plan in EVERY_CONTAINER}) == len(EVERY_CONTAINER)
