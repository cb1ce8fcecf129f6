import os
import re
from pathlib import Path

import pytest

from tests.conformance.dmn import Check, main, run_folder, tally, tally_line

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CONFORMANCE_DATA", ROOT.parent / "shared" / "data")) / "dmn-tck"
LEVEL_3_SHARE_MIN = 0.99
MODEL = """
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:m" name="m">
  <inputData name="n" id="n"><variable name="n" typeRef="number"/></inputData>
  <decision name="twice" id="twice"><variable name="twice"/>
    <informationRequirement><requiredInput href="#n"/></informationRequirement>
    <literalExpression><text>n * 2</text></literalExpression>
  </decision>
</definitions>
"""
CASES = """
<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
           xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
           xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>m.dmn</modelName>
  <testCase id="001">
    <inputNode name="n"><value xsi:type="xsd:decimal">2</value></inputNode>
    <resultNode name="twice">
      <expected><value xsi:type="xsd:decimal">4</value></expected>
    </resultNode>
  </testCase>
  <testCase id="002">
    <inputNode name="n"><value xsi:type="xsd:string">a</value></inputNode>
    <resultNode name="twice">
      <expected><value xsi:nil="true"/></expected>
    </resultNode>
  </testCase>
  <testCase id="003">
    <inputNode name="n"><value xsi:type="xsd:decimal">2</value></inputNode>
    <resultNode name="twice">
      <expected><value xsi:type="xsd:decimal">5</value></expected>
    </resultNode>
  </testCase>
</testCases>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    suite = tmp_path / "compliance-level-2" / "0001-twice"
    suite.mkdir(parents=True)
    (suite / "m.dmn").write_text(MODEL, "utf-8")
    (suite / "cases.xml").write_text(CASES, "utf-8")
    (suite / "other.xml").write_text("<unrelated/>", "utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def checks() -> list[Check]:
    if not DATA.is_dir():
        pytest.skip(f"the DMN TCK is not at {DATA}; set CONFORMANCE_DATA to the folder above it")
    return list(run_folder(DATA))


def test_the_tally_counts_the_cases_that_expect_a_value_on_their_own(folder: Path) -> None:
    levels = tally(list(run_folder(folder)))
    assert levels == {"2": (2, 3, 1, 2)}
    assert tally_line("2", levels["2"]) == (
        "level 2: 2/3 passed (66.7 %), non-null 1/2 passed (50.0 %)"
    )


def test_the_command_prints_the_tally_and_lists_failures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder)]) == 0
    assert capsys.readouterr().out.startswith("level 2: 2/3 passed")
    assert main([str(folder), "--failures", "--min", "99"]) == 1
    assert "0001-twice 003 twice: expected 5, got 4" in capsys.readouterr().out


def test_a_folder_without_cases_fails(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1


def test_a_model_that_is_missing_fails_its_cases_even_where_null_is_expected(folder: Path) -> None:
    next(folder.rglob("m.dmn")).unlink()
    assert tally(list(run_folder(folder))) == {"2": (0, 3, 0, 2)}


def test_level_2_passes_whole(checks: list[Check]) -> None:
    assert [check.case for check in checks if check.level == "2" and not check.passed] == []


def test_level_3_fails_only_where_java_is_called(checks: list[Check]) -> None:
    failed = [check for check in checks if check.level == "3" and not check.passed]
    assert {check.suite for check in failed} <= {"0076-feel-external-java"}
    passed, total, _, _ = tally(checks)["3"]
    assert passed >= LEVEL_3_SHARE_MIN * total


def test_the_published_tally_is_that_of_a_fresh_run(checks: list[Check]) -> None:
    page = (ROOT / "docs" / "conformance.md").read_text("utf-8")
    for level, counts in tally(checks).items():
        assert tally_line(level, counts) in page
    listed = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", page, re.MULTILINE)
    failed = [(check.suite, check.case) for check in checks if not check.passed]
    assert sorted(listed) == sorted(failed)
