from bench.side_by_side import _ratios


def test_a_ratio_says_how_many_times_a_peers_rate_ours_is() -> None:
    figures = {"seq3": {"value": 300.0}, "seq3_restate": {"value": 150.0}}
    figures["seq3_dbos"] = {"value": 66.0}
    assert _ratios(["seq3"], figures) == {
        "seq3_vs_restate": {"value": 2.0, "unit": "times"},
        "seq3_vs_dbos": {"value": 4.55, "unit": "times"},
    }
