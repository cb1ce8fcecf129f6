import re

from console.static_files import static_files


def test_every_file_has_a_tag_of_its_own() -> None:
    files = static_files()
    assert {"console.css", "mark.svg"} <= set(files)
    assert len({file.etag for file in files.values()}) == len(files)
    assert all(re.fullmatch(r'"[0-9a-f]{16}"', file.etag) for file in files.values())


def test_no_file_asks_another_host_for_anything() -> None:
    for name, file in static_files().items():
        text = file.content.decode().replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text, name
        assert "url(" not in text, name
        assert "@import" not in text, name
