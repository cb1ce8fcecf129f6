from bench.durable import median_of


def test_the_middle_round_counts_and_the_others_give_the_spread() -> None:
    rounds = [{"value": value, "unit": "s", "p50_ms": value} for value in (3.0, 1.0, 2.0)]
    assert median_of(rounds) == {
        "value": 2.0,
        "unit": "s",
        "p50_ms": 2.0,
        "spread": [1.0, 3.0],
    }
