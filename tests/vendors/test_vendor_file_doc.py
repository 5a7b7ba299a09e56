"""docs/vendor-file.md names every key, and nothing that is no key."""

import re
from pathlib import Path

import pytest
import yaml

from byoaws.mail_manager.actions import ACTION
from byoaws.mail_manager.resources import INGRESS_TYPES, TLS_POLICIES
from byoaws.mail_manager.section import DEFAULT
from byoaws.mail_manager.subjects import OF_POLICIES, OF_RULES
from byoaws.mail_manager.words import key_of, operator_of, word_of
from byoaws.pipeline import Kind
from byoaws.registry import BLOCKS, PROBES
from byoaws.vendors.file import load_vendor
from byoaws.vendors.schema import keys

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "vendor-file.md").read_text(encoding="utf-8")
TABLE = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", DOC.partition("\n## Receiving by")[0], re.MULTILINE))


def test_every_key_is_described_in_the_order_of_the_schema():
    assert list(TABLE) == list(keys())


def test_required_keys_are_marked():
    required = set(keys(only_required=True))
    assert required
    assert {key for key, default in TABLE.items() if default.startswith("**required**")} == required


def test_blocks_and_probes_are_named():
    for name in (*BLOCKS.builtins, *PROBES.builtins):
        assert f"`{name}`" in DOC


def test_the_environment_of_mailmark_is_the_documented_one():
    text = (ROOT / "byoaws" / "vendors" / "mailmark.yaml").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(MAILMARK_[A-Z_]+)` \| `([a-z_.]+)` \|", DOC, re.MULTILINE))
    used = {}
    for key, value in _leaves(yaml.safe_load(text)):
        used |= dict.fromkeys(re.findall(r"\$\{([A-Z_]+)", str(value)), key)
    assert documented == used


def _leaves(tree: dict, prefix: str = ""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def test_mailmark_shows_every_key():
    tree = yaml.safe_load((ROOT / "byoaws" / "vendors" / "mailmark.yaml").read_text(encoding="utf-8"))
    leaves = [key for key in keys() if not any(other.startswith(f"{key}.") for other in keys())]
    assert [key for key, _ in _leaves(tree)] == leaves


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL))
def test_examples_load(tmp_path: Path, example: str):
    (tmp_path / "byoaws.yaml").write_text(example)
    assert load_vendor(str(tmp_path / "byoaws.yaml"), {}).name == "acme"


# Receiving by Mail Manager -------------------------------------------------------------------------------------------

SECTION = DOC.partition("## Receiving by Mail Manager")[2].partition("\n## ")[0]
CONDITIONS, ACTIONS, PARTS = (
    re.findall(r"^\| (.+?) \|(.*)\|$", SECTION.partition(f"### {title}\n")[2].partition("\n###")[0], re.MULTILINE)[2:]
    for title in ("Conditions", "Actions", "Parts")
)


def _words(cell: str) -> list[str]:
    """What a row is about: the words before the first colon, or those that stand before its form."""
    return re.findall(r"`([a-z0-9_]+)[:`]", cell)


def test_every_condition_is_in_the_table_and_none_that_is_not_there():
    for subjects, place in ((OF_POLICIES, "policies"), (OF_RULES, "rules")):
        rows = [cell for cell, where in CONDITIONS if where.strip() in (place, "both")]
        documented = {word for cell in rows for word in _words(cell)} & {*OF_RULES.words(), *OF_POLICIES.words()}
        assert documented == set(subjects.words())
        listed = {word for cell in rows if "in_address_list" in cell for word in _words(cell)}
        assert listed & set(subjects.words()) == set(subjects.listed)
        expressions = {
            word for cell in rows if cell.startswith("`analysis") for word in subjects.analysis if word in cell
        }
        assert expressions == set(subjects.analysis)


def test_every_operator_and_every_word_of_a_condition_is_named():
    for subjects in (OF_POLICIES, OF_RULES):
        for shape in subjects.expressions.values():
            operators = shape.fields["Operator"].values
            without = not any(name.startswith("Value") for name in shape.fields)
            for operator in operators:
                assert re.search(rf"\b{word_of(operator) if without else operator_of(operator)}\b", SECTION), operator
            operand = shape.fields.get("Values", shape.fields.get("Value"))
            for value in getattr(getattr(operand, "of", operand), "values", ()):
                assert re.search(rf"`?\b{re.escape(word_of(value))}\b", SECTION), value
    for value in OF_RULES.further["client_certificate"].values:
        assert f"`{word_of(value)}`" in SECTION


def test_every_action_is_in_the_table_with_its_keys():
    assert {cell.strip("`:") for cell, _ in ACTIONS} == {key_of(name) for name in ACTION.choices}
    for name, shape in ACTION.choices.items():
        ((_, rest),) = [row for row in ACTIONS if row[0] == f"`{key_of(name)}:`"]
        keys_cell, role = rest.split("|")[0], rest.split("|")[1]
        fields = {field: key_of(field) for field in shape.fields if field not in ("RoleArn", "ActionFailurePolicy")}
        of_ours = () if name != "WriteToS3" else ("S3Bucket",)  # the stack's own, where it is left out
        for field, key in fields.items():
            bold = f"**`{key}`**" in keys_cell
            assert bold == (field in shape.required and field not in of_ours), key
            assert f"`{key}`" in keys_cell
            for value in getattr(shape.fields[field], "values", ()):
                assert f"`{word_of(value)}`" in keys_cell
        assert bool(role.strip()) == ("RoleArn" in shape.fields)


def test_the_parts_are_those_of_the_section():
    assert [_words(cell)[0] for cell, _ in PARTS] == [*[kind.value for kind in Kind], "parameters"]
    for period in (*TLS_POLICIES, *INGRESS_TYPES, "THREE_MONTHS", "TEN_YEARS", "PERMANENT"):
        assert f"`{word_of(period)}`" in SECTION


def test_the_default_that_is_shown_is_the_one_that_holds():
    (shown,) = re.findall(r"^```yml\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    assert yaml.safe_load(shown) == {"mail_manager": DEFAULT}
