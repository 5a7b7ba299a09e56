"""What AWS lets actions be limited to, from the file that cfn-lint ships."""

import json
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from byoaws.errors import UsageError
from byoaws.iam.compose import actions, pack_names
from byoaws.lint import kinds


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("ses:GetAccount", ()),
        ("ses:SendEmail", ("configuration-set", "identity", "template")),
        ("SES:sendemail", ("configuration-set", "identity", "template")),
        ("ses:SendMail", None),
        ("nothing:SendEmail", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_kinds(action: str, expected: tuple[str, ...] | None) -> None:
    assert kinds.kinds_of_resource()(action) == expected


def test_every_action_of_our_packs_is_one_that_aws_lists() -> None:
    found = kinds.kinds_of_resource()
    assert [action for action in actions(pack_names()) if found(action) is None] == []


@pytest.mark.parametrize("content", [None, "", "[]", '{"ses": []}', '{"ses": {}}', json.dumps({"ses": {"Actions": 1}})])
def test_a_list_that_cannot_be_read(content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModuleSpec("cfnlint", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(kinds, "find_spec", lambda name: spec)
    if content is not None:
        path = tmp_path / "data" / "AdditionalSpecs" / "Policies.json"
        path.parent.mkdir(parents=True)
        path.write_text(content)
    with pytest.raises(UsageError, match="no list of IAM actions"):
        kinds.kinds_of_resource()


def test_without_cfn_lint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="no list of IAM actions"):
        kinds.kinds_of_resource()
