"""Stock cfn-lint, with our rules beside its own. Importing this module takes as long as importing cfn-lint."""

import functools
import gc
import logging
import os
import re
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
from byoaws.lint.files import read
from byoaws.lint.folding import is_ours
from byoaws.lint.interface import COULD_NOT_TELL, NOT_A_TEMPLATE
from byoaws.lint.once import look_up_children, make_validators_once
from byoaws.lint.outline import is_policy
from byoaws.lint.policies.policy_files import POLICY_RULES, as_template
from byoaws.lint.schemas import use_schemas
from byoaws.lint.worlds.expressions import text
from byoaws.quickcreate.patterns import fits

_MEND_POLICY = "make the file a policy document that IAM can save"
_MEND_SETTINGS = "mend the .cfnlintrc file"
_OF_EACH_RULE = ("ignore_checks", "mandatory_checks", "include_experimental", "include_checks", "configure_rules")

# cfn-lint logs what it also returns; without a handler Python would print that on stderr.
logging.getLogger("cfnlint").addHandler(logging.NullHandler())
make_validators_once()


class Configuration(ConfigMixIn):  # type: ignore[misc]
    """cfn-lint's settings as it reads them itself, and what our rules need on top."""

    def __init__(self) -> None:
        self._ours: dict[str, Mapping[str, Any]] = {}
        try:
            super().__init__()
            self._forget()
            self._ignored = {os.path.abspath(name) for name in self._ignore_templates()}
        except ConfigFileError as error:
            raise UsageError(f"cfn-lint's settings are wrong: {error}", hint=_MEND_SETTINGS) from None
        except RuntimeError:  # of Path.home()
            raise UsageError(
                "cfn-lint looks for settings in a home directory, and there is none", hint="set HOME"
            ) from None

    @property
    def append_rules(self) -> list[str]:
        """cfn-lint's own rules, those of a `.cfnlintrc`, and ours."""
        return list(dict.fromkeys([*super().append_rules, str(rules_folder())]))

    # Asked for by each of hundreds of rules, and made up anew each time: a fifth of a lint.

    @functools.cached_property
    def ignore_checks(self) -> list[str]:
        """As configured."""
        codes: list[str] = super().ignore_checks
        return codes

    @functools.cached_property
    def mandatory_checks(self) -> list[str]:
        """As configured."""
        codes: list[str] = super().mandatory_checks
        return codes

    @functools.cached_property
    def include_experimental(self) -> bool:
        """As configured."""
        wanted: bool = super().include_experimental
        return wanted

    @functools.cached_property
    def include_checks(self) -> list[str]:
        """As configured; and our remarks (I91), which cfn-lint would leave out as it does its own."""
        return [*super().include_checks, "I91"]

    @functools.cached_property
    def configure_rules(self) -> dict[str, Any]:
        """As configured; and what our rules are told."""
        theirs: dict[str, Any] = super().configure_rules
        if not self._ours:
            return theirs
        return {**theirs, **{code: {**theirs.get(code, {}), **told} for code, told in self._ours.items()}}

    def set_template_args(self, template: Any) -> None:
        """Take the settings that a template has in its own Metadata, and forget those of the one before."""
        super().set_template_args(template)
        self._forget()

    def _forget(self) -> None:
        for name in _OF_EACH_RULE:
            self.__dict__.pop(name, None)

    def tell(self, rules: Rules, told: Mapping[str, Any]) -> None:
        """Give each rule of ours those of the settings that it declares."""
        self._forget()
        self._ours = {
            code: settings
            for code, rule in rules.items()
            if is_ours(code) and (settings := {key: told[key] for key in rule.config_definition if key in told})
        }

    @property
    def names_files(self) -> bool:
        """True if the settings rest on further files: rules, schemas, or what overrides them."""
        ours = {str(rules_folder())}
        more = [*set(self.append_rules[1:]) - ours, self.custom_rules, self.override_spec, *self.registry_schemas]
        return any(more)

    def leaves_out(self, template: Path) -> bool:
        """True if `ignore_templates` names the file."""
        return os.path.abspath(template) in self._ignored

    def wants_broken_files_told(self) -> bool:
        """False if what cannot be read as a template is to be passed over, as cfn-lint then does."""
        self.set_template_args({})
        return not self.ignore_bad_template and not any(NOT_A_TEMPLATE.startswith(code) for code in self.ignore_checks)


def load_rules(configuration: Configuration) -> Rules:
    """Return all rules; loaded once in a process. Schemas that the settings name are loaded, too.

    Raises:
        UsageError: rules or schemas that a `.cfnlintrc` names cannot be loaded.
    """
    use_schemas(tuple(configuration.registry_schemas), configuration.override_spec, tuple(configuration.regions))
    return _load(tuple(configuration.append_rules), configuration.custom_rules)


@functools.lru_cache(maxsize=4)
def _load(folders: tuple[str, ...], custom: str) -> Rules:
    rules = Rules()
    try:
        for folder in folders:
            is_folder = Path(folder).expanduser().is_dir()
            rules.update(Rules.create_from_directory(folder) if is_folder else Rules.create_from_module(folder))
        rules.update(Rules.create_from_custom_rules_file(custom))
        _bound_patterns(rules)
        look_up_children(rules)
    except (OSError, ImportError, CfnLintExitException) as error:
        raise UsageError(f"cfn-lint cannot load its rules: {error}", hint="check append_rules in .cfnlintrc") from None
    # cfn-lint and its rules stay until the process ends; taken out of the collector's sight they also cost nothing then
    # (a fifth of the time of linting one template).
    gc.freeze()
    return rules


def _bound_patterns(rules: Rules) -> None:
    """Let stock E2015 try a template's own AllowedPattern on its Default for a second at most; it has no limit."""
    stock: Any = rules.get("E2015")
    if stock is None:
        return
    tried = stock.check_allowed_pattern

    def within_bounds(value: Any, pattern: Any, path: Any) -> Any:
        try:
            fits(str(pattern), str(value))  # else Unmatchable, with which the rule counts as crashed
        except re.error:
            return []  # as the rule itself does
        return tried(value, pattern, path)

    stock.check_allowed_pattern = within_bounds


def run(template: Path, configuration: Configuration, rules: Rules) -> Iterator[Match]:
    """Yield what cfn-lint finds in one file: a template, or a bare IAM policy.

    Raises:
        UsageError: cfn-lint's settings name a region that there is not.
        Exception: whatever cfn-lint raises for a template that it does not understand.
    """
    # What the file before this one said of itself would hold for this one if it cannot be read.
    configuration.set_template_args({})
    try:
        if is_policy(read(template).decode("utf-8", errors="replace")):
            yield from _run_policy(template, configuration, rules)
        else:
            yield from run_template_by_file_path(str(template), configuration, rules, configuration.ignore_bad_template)
    except CfnLintExitException as error:
        hint = "check .cfnlintrc, AWS_REGION and the Metadata of the template"
        raise UsageError(f"cfn-lint's settings are wrong: {error}", hint=hint) from None


def _run_policy(path: Path, configuration: Configuration, rules: Rules) -> Iterator[Match]:
    document, broken = decode(str(path))
    if broken:
        yield from broken
        return
    matches = run_template_by_data(as_template(document), configuration, rules)
    # With a parent: one of the forms that none fits, of which the parent tells.
    found = [match for match in matches if _is_of_policies(match) and not match.parent_id]
    yield from found
    if not found:
        try:
            # YAML makes a date of an unquoted version.
            parse({key: text(value) if key == "Version" else value for key, value in document.items()})
        except PolicyError as error:
            why = RuleMatch([], str(error), fix=error.hint or _MEND_POLICY)
            yield Match.create(message=why.message, filename=str(path), rule=ParseError(), rulematch_obj=why)


def _is_of_policies(match: Match) -> bool:
    """True for what a policy's rules say, and where one of them crashed, which only the message tells."""
    crashed = match.rule.id == COULD_NOT_TELL and any(code in match.message for code in POLICY_RULES)
    return match.rule.id in POLICY_RULES or crashed
