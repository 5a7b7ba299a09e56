"""CloudFormation's schemas, as cfn-lint ships them."""

import pytest

from byoaws.errors import UsageError
from byoaws.lint import replacing
from byoaws.templates.stack import build
from byoaws.vendors.file import load_vendor


def test_what_cannot_change_in_place() -> None:
    look = replacing.replacing_of()
    found = look("AWS::SES::ConfigurationSetEventDestination")
    assert found
    assert ("ConfigurationSetName",) in found.always
    assert look("AWS::Nobody::Knows") is None


def test_every_type_that_we_make_has_a_schema() -> None:
    template = build(load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"}))
    look = replacing.replacing_of()
    types = {item["Type"] for item in template["Resources"].values()}
    assert {kind for kind in types if look(kind) is None} <= {"AWS::CloudFormation::CustomResource"}


def test_a_cfn_lint_without_schemas_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing, "_INDEX", "data/none.json")
    with pytest.raises(UsageError, match="no CloudFormation schemas"):
        replacing.replacing_of()
    monkeypatch.setattr(replacing, "find_spec", lambda name: None)
    with pytest.raises(UsageError):
        replacing.replacing_of()
