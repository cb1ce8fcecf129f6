import pytest

from bench.driver import EXPECTED, RELEASED_WITH


@pytest.mark.parametrize(
    ("workload", "result"),
    [
        ("step", 5 + 1),
        ("seq3", 5 + 3),
        ("seq10", 5 + 10),
        ("fan10", sum(5 + k for k in range(10))),
        ("fan1000", sum(5 + k for k in range(1000))),
        ("waiting", 5 + RELEASED_WITH),
    ],
)
def test_every_result_is_known_before_it_is_measured(workload: str, result: int) -> None:
    assert EXPECTED[workload](5) == result
