"""What a business error is about: the place in the X12 request, and in the bundle."""

from typing import NamedTuple


class Place(NamedTuple):
    """Where the sender should look.

    Attributes:
        element: X12 loop, segment and element of the 278 request.
        path: FHIRPath in the bundle, whose first entry is the Claim.
    """

    element: str
    path: str


_CLAIM = "Bundle.entry[0].resource"
_MEMBER = Place("2010C-NM109", f"{_CLAIM}.patient")
_REQUESTOR = Place("2010B-NM109", f"{_CLAIM}.provider")
_SERVICE_DATE = Place("2000F-DTP03", f"{_CLAIM}.item.serviced")
_WHOLE = Place("2000E", _CLAIM)

_PLACES = {
    "41": _REQUESTOR,
    "51": _REQUESTOR,
    "56": _SERVICE_DATE,
    "62": _SERVICE_DATE,
    "75": _MEMBER,
    "78": _MEMBER,
    "95": Place("2010C-NM109", f"{_CLAIM}.insurance.coverage"),
    "AG": Place("2000F-SV101", f"{_CLAIM}.item.productOrService"),
    "T4": Place("2010A-NM109", f"{_CLAIM}.insurer"),
}


def place_of(code_901: str) -> Place:
    """The place that an X12 901 reject reason is about; the whole patient event for the rest.

    Source:
        X12 005010X217, the loops of the 278 request; Da Vinci PAS, extensions errorElement and
        errorPath, and its rejection example, which names 2000E for an update that may not be.
    """
    return _PLACES.get(code_901, _WHOLE)
