"""Every rule: registered, documented, and shown to fire and to keep silent."""

import functools
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from byoaws.flows.lint import facts_of_link
from byoaws.lint import catalogue
from byoaws.lint.engine import lint
from byoaws.lint.interface import LinkFacts
from byoaws.model import Finding

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests/data/templates/lint"
BROKEN = sorted(EXAMPLES.glob("*/broken*.yaml"))
SOUND = sorted(EXAMPLES.glob("*/sound*.yaml"))
RULES = catalogue.rule_files()
MARK = re.compile(r"# <- (\w+)")
LINK = re.compile(r"^# link: (\S+)$", re.MULTILINE)


# Loaded once for all tests of this file.
rules = functools.cache(catalogue.rules)


def _name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def _ours(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.code[1:].startswith("91")]


def _link_for(path: Path, link: LinkFacts) -> LinkFacts | None:
    """What the example's comment `# link: URL` says, if it has one."""
    given = LINK.search(path.read_text())
    if given:
        return facts_of_link(given[1])
    if path.parent.name not in {"E9103", "I9104"}:
        return None
    sound = LinkFacts(prefilled=frozenset({"ExternalId"}), external_id="ExternalId")
    return sound if path.stem.startswith("sound") else link


def test_every_file_of_the_folder_is_a_rule_named_by_its_id() -> None:
    files = {path.name for path in catalogue.rules_folder().glob("*.py")} - {"__init__.py"}
    assert files == {path.name for path in RULES.values()}
    assert [info.id for info in rules()] == list(RULES)


def test_rules_say_what_they_are_and_how_to_mend_it() -> None:
    assert [rule.id for rule in rules() if not (rule.title and rule.fix)] == []


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_has_examples_that_break_it_and_that_keep_it(rule_id: str) -> None:
    broken = [path for path in BROKEN if path.parent.name == rule_id]
    assert any(rule_id in MARK.findall(path.read_text()) for path in broken)
    assert [path for path in SOUND if path.parent.name == rule_id]


def test_examples_belong_to_rules() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == set(RULES)


@pytest.mark.parametrize("path", BROKEN, ids=_name)
def test_a_broken_example_is_caught_where_it_is_broken_and_only_there(path: Path, link: LinkFacts) -> None:
    marked = [
        (number, code) for number, line in enumerate(path.read_text().splitlines(), 1) for code in MARK.findall(line)
    ]
    found = _ours(lint([path], link=_link_for(path, link)))
    assert marked
    assert [(one.line, one.code) for one in found] == marked
    assert all(one.fix and one.column >= 1 and one.path == str(path) for one in found)


@pytest.mark.parametrize("path", SOUND, ids=_name)
def test_a_sound_example_is_clean(path: Path, link: LinkFacts) -> None:
    assert lint([path], link=_link_for(path, link)) == []


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_has_its_page(rule_id: str) -> None:
    page = catalogue.page(rule_id)
    title = next(rule.title for rule in rules() if rule.id == rule_id)
    assert page.startswith(f"# {rule_id}: {title}\n\n")
    assert page.count("```yaml") >= 2
    assert "https://" in page


def test_no_page_is_left_over() -> None:
    pages = catalogue.rules_folder().parent / "pages"
    assert sorted(path.stem for path in pages.iterdir()) == sorted(RULES)


def test_stock_cfn_lint_takes_the_folder_as_a_plug_in() -> None:
    path = EXAMPLES / "E9105/broken.yaml"
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable"]
    command += ["--append-rules", str(catalogue.rules_folder()), "--", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line.split(":") for line in result.stdout.splitlines()]
    assert [(int(parts[1]), parts[5]) for parts in found] == [(one.line, one.code) for one in lint([path])]
    assert result.returncode == 2


@pytest.mark.parametrize("where", ["template", "resource"])
def test_a_finding_can_be_silenced_as_in_cfn_lint(where: str, lint_text: Callable[..., list[Finding]]) -> None:
    silence = "Metadata: {cfn-lint: {config: {ignore_checks: [E9105]}}}"
    template = f"""
    {silence if where == "template" else "Description: nothing silenced here"}
    Resources:
      RuleSet:
        Type: AWS::SES::ReceiptRuleSet
      Rule:
        Type: AWS::SES::ReceiptRule
        {silence if where == "resource" else ""}
        Properties:
          RuleSetName: !Ref RuleSet
          Rule: {{ScanEnabled: true}}
    """
    assert [one.code for one in lint_text(template.replace(silence, ""))] == ["E9105"]
    assert lint_text(template) == []
