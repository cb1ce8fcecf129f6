from decimal import Decimal

import pytest

from shared.engine.dmn.analysis.cells import accepted_by, literal_of
from shared.engine.dmn.cell_sets import CellSet
from shared.engine.feel.values import Range


def test_literals_become_values_and_intervals() -> None:
    found = accepted_by('not("b", ["c".."d"))')
    assert found == CellSet(("b",), (Range("c", "d", True, False),), negated=True)  # noqa: FBT003


@pytest.mark.parametrize("text", ["", "-"])
def test_a_dash_accepts_everything(text: str) -> None:
    assert accepted_by(text) == CellSet(any=True)


@pytest.mark.parametrize("text", ["? > 1", "x", "[5..1]", "1 +", "null", "< true", '[1.."a"]'])
def test_what_is_more_than_literals_is_left_to_evaluation(text: str) -> None:
    assert accepted_by(text) is None


def test_an_output_is_a_literal_or_is_not() -> None:
    assert literal_of("-1.5") == (True, Decimal("-1.5"))
    assert literal_of("a + 1") == (False, None)
    assert literal_of("1 +") == (False, None)
