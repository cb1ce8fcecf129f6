"""The package that docs/deploying.md publishes holds what the app consists of, and nothing else."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.infra.bicep import ROOT

PAGE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


def _packed() -> list[str]:
    command = re.search(r"git archive .+? HEAD \\\n((?: .+\\\n)* .+)\n", PAGE)
    assert command
    return command[1].replace("\\", "").split()


def test_the_app_can_be_loaded_from_its_package_alone(tmp_path: Path) -> None:
    for name in _packed():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-c", "import function_app; print(len(function_app.app.get_functions()))"],
        cwd=tmp_path,
        env={"PATH": "", "TASKHUB_NAME": "careloom"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_no_development_tool_is_in_the_package() -> None:
    assert not {"localhost", "tests", "samples", "bench", "local.settings.json"} & set(_packed())
