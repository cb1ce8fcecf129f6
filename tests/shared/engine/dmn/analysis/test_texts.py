import pytest

from shared.engine.dmn.analysis.cells import accepted_by
from shared.engine.dmn.analysis.texts import cell_text, literal_text


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "1, -2.5",
        'not("a", "say \\"b\\"")',
        "< 3, > 5",
        "[1..2], (3..4), [5..6)",
        '@"2026-01-01"',
        '>= @"2026-01-01"',
        '[@"P1D"..@"P2D"]',
        "true",
        '<= "k"',
    ],
)
def test_a_cell_is_written_as_it_is_read(text: str) -> None:
    cell = accepted_by(text)
    assert cell is not None
    assert accepted_by(cell_text(cell)) == cell


def test_null_is_a_literal_too() -> None:
    assert literal_text(None) == "null"
