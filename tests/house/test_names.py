from tests.house.tree import ROOMS, ROOT, modules, shown

FORBIDDEN = {"utils", "common", "core", "helpers", "util", "helper"}
MACHINE = tuple(f"/{name}/" for name in ("work", "root", "home"))


def test_no_room_is_called_utils() -> None:
    named = [shown(path) for path in modules() if FORBIDDEN & set(path.with_suffix("").parts)]
    assert not named


def test_no_file_names_a_path_of_a_machine() -> None:
    texts = [*modules(), *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile"]
    named = [
        shown(path)
        for path in texts
        if any(place in path.read_text(encoding="utf-8") for place in MACHINE)
    ]
    assert not named


def test_no_test_patches() -> None:
    patched = [
        shown(path)
        for path in (ROOT / "tests").rglob("*.py")
        if "mock." + "patch" in path.read_text(encoding="utf-8")
    ]
    assert not patched


def test_every_room_is_checked_by_the_layers() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f'"{room}"' in text for room in ROOMS)
