from typing import Any

from azure.cosmos import PartitionKey
from azure.cosmos.partition_key import NonePartitionKeyValue
from hypothesis import example, given
from hypothesis import strategies as st

from localhost.cosmos_gateway.extents import Extent, effective_key
from localhost.cosmos_gateway.keys import encode


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    | st.booleans()
    | st.none()
    | st.integers(-(2**53), 2**53)
    # Ours is one zero, as JSON's numbers compare.
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
)
@example("a" * 16)
@example("a" * 15)
def test_a_partition_key_hashes_as_the_sdk_hashes_it(value: Any) -> None:
    expected = PartitionKey("/pk")._get_effective_partition_key_string([value])
    assert effective_key(encode(value)) == expected


def test_a_missing_partition_key_hashes_as_the_sdk_hashes_it() -> None:
    expected = PartitionKey("/pk")._get_effective_partition_key_string([NonePartitionKeyValue])
    assert effective_key(encode(object())) == expected


def test_an_extent_is_a_partition_a_span_or_everything() -> None:
    assert Extent(pk=b"x").conditions() == (["pk = ?"], [b"x"])
    assert Extent().conditions() == ([], [])
    assert len(Extent(low="10", high="20").conditions()[0]) == 2
