import base64
import hmac
from urllib.parse import quote

import pytest

from localhost.cosmos_gateway.answers import ApiError
from localhost.cosmos_gateway.authorization import MasterKey

SECRET = b"k" * 64
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


def signature(text: str) -> str:
    digest = base64.b64encode(hmac.digest(SECRET, text.encode(), "sha256")).decode()
    return quote(f"type=master&ver=1.0&sig={digest}", safe="")


@pytest.mark.parametrize(
    ("segments", "text"),
    [
        ([], f"get\n\n\n{DATE.lower()}\n\n"),
        (["dbs"], f"get\ndbs\n\n{DATE.lower()}\n\n"),
        (["dbs", "D b"], f"get\ndbs\ndbs/D b\n{DATE.lower()}\n\n"),
        (["dbs", "d", "colls"], f"get\ncolls\ndbs/d\n{DATE.lower()}\n\n"),
        (
            ["dbs", "d", "colls", "c", "docs", "1"],
            f"get\ndocs\ndbs/d/colls/c/docs/1\n{DATE.lower()}\n\n",
        ),
    ],
)
def test_a_signature_covers_method_resource_and_date(segments: list[str], text: str) -> None:
    key = MasterKey(base64.b64encode(SECRET).decode())
    key.check("GET", segments, DATE, signature(text))
    for method, date in (("POST", DATE), ("GET", "Fri, 02 Jan 2026 00:00:00 GMT")):
        with pytest.raises(ApiError) as refused:
            key.check(method, segments, date, signature(text))
        assert refused.value.status == 401


@pytest.mark.parametrize("header", ["", "nonsense", "type=aad&ver=1.0&sig=ey", "%ff&sig=é"])
def test_anything_else_is_refused(header: str) -> None:
    with pytest.raises(ApiError):
        MasterKey(base64.b64encode(SECRET).decode()).check("GET", [], DATE, header)
