import pytest

from localhost.functions_host.http_routes import Template, in_order, split_path


def match(template: str, path: str) -> dict[str, str] | None:
    return Template(template).match(split_path(path))


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("cases", "/cases", {}),
        ("cases", "/cases/", {}),
        ("cases", "/CASES", {}),
        ("cases", "/cases/1", None),
        ("cases/{id}", "/cases/a%20b", {"id": "a b"}),
        ("cases/{id}", "/cases/a%2Fb", {"id": "a%2Fb"}),
        ("cases/{id}", "/cases/%C3%A9", {"id": "é"}),
        ("cases/{id}", "/cases", None),
        ("cases/{id?}", "/cases", {}),
        ("cases/{id=7}", "/cases", {"id": "7"}),
        ("cases/{id=7}", "/cases/8", {"id": "8"}),
        ("cases/{id:int}", "/cases/12", {"id": "12"}),
        ("cases/{id:int}", "/cases/x", None),
        ("cases/{id:int:min(5)}", "/cases/4", None),
        ("cases/{id:int:min(5)?}", "/cases", {}),
        (r"cases/{id:regex(^[a-z]{{2}}-\d+$)}", "/cases/ab-1", {"id": "ab-1"}),
        (r"cases/{id:regex(^[a-z]{{2}}-\d+$)}", "/cases/abc-1", None),
        ("files/{*path}", "/files/a/b.txt", {"path": "a/b.txt"}),
        ("files/{**path}", "/files", {}),
        ("reports/{year}-{month:int}.pdf", "/reports/2026-03.pdf", {"year": "2026", "month": "03"}),
        ("reports/{year}-{month:int}.pdf", "/reports/2026-x.pdf", None),
        ("fhir/Claim/$submit", "/fhir/Claim/$submit", {}),
        ("", "/", {}),
    ],
)
def test_a_path_is_matched_to_a_template(
    template: str, path: str, expected: dict[str, str] | None
) -> None:
    assert match(template, path) == expected


@pytest.mark.parametrize(
    "template", ["{*rest}/more", "cases/{", "cases/}", "cases/{id:nothing}", "cases/{a b}"]
)
def test_a_template_that_cannot_be_used_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Template(template)


def test_the_more_particular_template_comes_first() -> None:
    texts = ["{*rest}", "cases/{id}", "cases/new", "cases/{id:int}", "{kind}/new", "cases"]

    ordered = [each.text for each in in_order(Template(text) for text in texts)]

    assert ordered == [
        "cases",
        "cases/new",
        "cases/{id:int}",
        "cases/{id}",
        "{kind}/new",
        "{*rest}",
    ]
