"""Stock cfn-lint, with our rules beside its own. Importing this module takes as long as importing cfn-lint."""

import functools
import gc
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cfnlint.config import ConfigMixIn  # type: ignore[import-untyped]
from cfnlint.decode import decode  # type: ignore[import-untyped]
from cfnlint.exceptions import CfnLintExitException, ConfigFileError  # type: ignore[import-untyped]
from cfnlint.rules import Match, RuleMatch, Rules  # type: ignore[import-untyped]
from cfnlint.rules.errors import ParseError  # type: ignore[import-untyped]
from cfnlint.runner import run_template_by_data, run_template_by_file_path  # type: ignore[import-untyped]

from byoaws.errors import PolicyError, UsageError
from byoaws.iam.documents import parse
from byoaws.lint.catalogue import rules_folder
from byoaws.lint.expressions import text
from byoaws.lint.files import is_policy
from byoaws.lint.interface import LinkFacts
from byoaws.lint.policy_files import POLICY_RULES, as_template

_MEND_POLICY = "make the file a policy document that IAM can save"

# cfn-lint logs what it also returns; without a handler Python would print that on stderr.
logging.getLogger("cfnlint").addHandler(logging.NullHandler())


class Configuration(ConfigMixIn):  # type: ignore[misc]
    """cfn-lint's settings as it reads them itself, and what our rules need on top."""

    def __init__(self, link: LinkFacts | None, asked: frozenset[str]) -> None:
        self._ours = {**_link_settings(link), **({"E9107": {"asked": sorted(asked)}} if asked else {})}
        try:
            super().__init__()
        except ConfigFileError as error:
            raise UsageError(f"cfn-lint's settings are wrong: {error}", hint="mend the .cfnlintrc file") from None

    @property
    def append_rules(self) -> list[str]:
        """cfn-lint's own rules, those of a `.cfnlintrc`, and ours."""
        return list(dict.fromkeys([*super().append_rules, str(rules_folder())]))

    @property
    def include_checks(self) -> list[str]:
        """As configured; and our remarks (I91), which cfn-lint would leave out as it does its own."""
        return [*super().include_checks, "I91"]

    @property
    def configure_rules(self) -> dict[str, Any]:
        """As configured; and what the link pre-fills, and the vendor's packs ask for."""
        return {**super().configure_rules, **self._ours}


def _link_settings(link: LinkFacts | None) -> Mapping[str, Any]:
    if link is None:
        return {}
    facts = {
        "prefilled": sorted(link.prefilled),
        "secret": link.secret or "",
        "external_id": link.external_id,
    }
    return dict.fromkeys(("E9102", "E9103", "I9104"), facts)


def load_rules(configuration: Configuration) -> Rules:
    """Return all rules; loaded once in a process.

    Raises:
        UsageError: rules that a `.cfnlintrc` names cannot be loaded.
    """
    return _load(tuple(configuration.append_rules), configuration.custom_rules)


@functools.lru_cache(maxsize=4)
def _load(folders: tuple[str, ...], custom: str) -> Rules:
    rules = Rules()
    try:
        for folder in folders:
            is_folder = Path(folder).expanduser().is_dir()
            rules.update(Rules.create_from_directory(folder) if is_folder else Rules.create_from_module(folder))
        rules.update(Rules.create_from_custom_rules_file(custom))
    except (OSError, ImportError, CfnLintExitException) as error:
        raise UsageError(f"cfn-lint cannot load its rules: {error}", hint="check append_rules in .cfnlintrc") from None
    # cfn-lint and its rules stay until the process ends; taken out of the collector's sight they also cost nothing then
    # (a fifth of the time of linting one template).
    gc.freeze()
    return rules


def run(template: Path, configuration: Configuration, rules: Rules) -> Iterator[Match]:
    """Yield what cfn-lint finds in one file: a template, or a bare IAM policy.

    Raises:
        UsageError: cfn-lint's settings name a region that there is not.
        Exception: whatever cfn-lint raises for a template that it does not understand.
    """
    try:
        if is_policy(template):
            yield from _run_policy(template, configuration, rules)
        else:
            yield from run_template_by_file_path(str(template), configuration, rules, False)
    except CfnLintExitException as error:
        raise UsageError(f"cfn-lint's settings are wrong: {error}", hint="check .cfnlintrc and AWS_REGION") from None


def _run_policy(path: Path, configuration: Configuration, rules: Rules) -> Iterator[Match]:
    document, broken = decode(str(path))
    if broken:
        yield from broken
        return
    matches = run_template_by_data(as_template(document), configuration, rules)
    # With a parent: one of the forms that none fits, of which the parent tells.
    found = [match for match in matches if match.rule.id in POLICY_RULES and not match.parent_id]
    yield from found
    if not found:
        try:
            # YAML makes a date of an unquoted version.
            parse({key: text(value) if key == "Version" else value for key, value in document.items()})
        except PolicyError as error:
            why = RuleMatch([], str(error), fix=error.hint or _MEND_POLICY)
            yield Match.create(message=why.message, filename=str(path), rule=ParseError(), rulematch_obj=why)
