from bench.rules_whatif import measure


async def test_a_hundred_thousand_decisions_take_less_than_a_minute() -> None:
    measured = await measure(decisions=2_000, asked=500)
    assert measured.whatif_decisions == 2_000
    assert 0 < measured.flipped < 2_000
    assert measured.whatif_decisions_per_s > 100_000 / 60
    assert measured.ask_microseconds > 0
