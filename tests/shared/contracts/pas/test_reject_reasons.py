import pytest

from shared.contracts.pas.reject_reasons import place_of


@pytest.mark.parametrize(
    ("code", "element", "path"),
    [
        ("75", "2010C-NM109", "Bundle.entry[0].resource.patient"),
        ("51", "2010B-NM109", "Bundle.entry[0].resource.provider"),
        ("T4", "2010A-NM109", "Bundle.entry[0].resource.insurer"),
        ("AG", "2000F-SV101", "Bundle.entry[0].resource.item.productOrService"),
        ("33", "2000E", "Bundle.entry[0].resource"),
        ("04", "2000E", "Bundle.entry[0].resource"),
    ],
)
def test_a_reject_reason_is_about_a_place(code: str, element: str, path: str) -> None:
    assert place_of(code) == (element, path)
