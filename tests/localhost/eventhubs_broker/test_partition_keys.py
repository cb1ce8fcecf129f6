"""The broker and azure-eventhub's buffered producer put a key in the same partition."""

from typing import Any

from azure.eventhub._buffered_producer._partition_resolver import PartitionResolver
from hypothesis import given, settings
from hypothesis import strategies as st

from localhost.eventhubs_broker.partition_keys import partition_of


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127), min_size=1), st.integers(1, 32))
def test_a_key_has_the_partition_that_the_client_library_computes(key: str, count: int) -> None:
    resolver: Any = PartitionResolver([str(number) for number in range(count)])  # type: ignore[no-untyped-call]

    assert str(partition_of(key, count)) == resolver.get_partition_id_by_partition_key(key)


@settings(deadline=None)
@given(st.text(), st.integers(1, 32))
def test_every_key_has_a_partition(key: str, count: int) -> None:
    assert 0 <= partition_of(key, count) < count
