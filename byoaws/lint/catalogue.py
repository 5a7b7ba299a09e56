"""What rules of ours there are, found by listing the folder that holds them."""

import re
from dataclasses import dataclass
from pathlib import Path

_RULE_FILE = re.compile(r"(?P<id>[EWI]\d{4})_\w+\.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """One of our rules."""

    id: str
    title: str
    fix: str
    """What to do about it, in general."""


def rules_folder() -> Path:
    """The folder of our rules, as `cfn-lint --append-rules` wants it."""
    # cfn-lint takes a path and nothing else, so `importlib.resources` cannot help.
    return Path(__file__).parent / "rules"


def rule_files() -> dict[str, Path]:
    """Rule id to the file that defines it, sorted."""
    found = {}
    for path in sorted(rules_folder().glob("*.py")):
        match = _RULE_FILE.fullmatch(path.name)
        if match:
            found[match["id"]] = path
    return found


def page(rule_id: str) -> str:
    """Return the page of one rule, in markdown: why, a template that breaks it, and the mended one."""
    return (Path(__file__).parent / "pages" / f"{rule_id}.md").read_text(encoding="utf-8")


def rules() -> list[RuleInfo]:
    """Describe every rule of ours, sorted by id. Imports cfn-lint."""
    from cfnlint.rules import Rules  # type: ignore[import-untyped]

    loaded = Rules.create_from_directory(str(rules_folder()))
    return [RuleInfo(id=rule_id, title=rule.shortdesc, fix=rule.fix) for rule_id, rule in sorted(loaded.items())]
