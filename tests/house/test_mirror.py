from tests.house.tree import ROOMS, ROOT, shown


def test_every_test_file_stands_where_the_file_it_covers_stands() -> None:
    astray = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT / "tests")
        if place.parts[0] not in ROOMS:
            continue
        covered = ROOT / place.with_name(place.name.removeprefix("test_"))
        package = covered.with_suffix("")
        if not (covered.exists() or package.is_dir() or covered.parent.is_dir()):
            astray.append(shown(path))
    assert not astray
