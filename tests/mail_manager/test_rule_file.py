"""A rule set in a file: written, edited, read back; and everything that such a file must not get past us."""

import base64
import hashlib
import json
import re
import time
import zlib
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.model import Shape
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError
from byoaws.mail_manager.port import RuleSet
from byoaws.mail_manager.rule_diff import difference
from byoaws.mail_manager.rule_file import Fetched, Owner, parse, render, renewed
from byoaws.mail_manager.rule_yaml import read, written

OWNER = Owner(rule_set_id="rs-0123456789", account_id="444455556666", region="eu-west-1")
RULES: list[dict[str, Any]] = [
    {
        "Name": "large",
        "Conditions": [
            {
                "NumberExpression": {
                    "Evaluate": {"Attribute": "MESSAGE_SIZE"},
                    "Operator": "GREATER_THAN",
                    "Value": 1048576.0,
                }
            },
            {
                "StringExpression": {
                    "Evaluate": {"Attribute": "SUBJECT"},
                    "Operator": "CONTAINS",
                    "Values": ["Bewerbung für", "no", "550", "null", "~", " x "],
                }
            },
        ],
        "Unless": [{"DmarcExpression": {"Operator": "EQUALS", "Values": ["REJECT"]}}],
        "Actions": [
            {
                "Bounce": {
                    "RoleArn": "arn:aws:iam::444455556666:role/byoaws/acme/functions/bounce",
                    "Sender": "postmaster@example.com",
                    "StatusCode": "5.3.4",
                    "SmtpReplyCode": "552",
                    "DiagnosticMessage": "too large",
                    "Message": "Dear sender,\r\n\r\nyour mail is too large.\n",
                }
            },
            {
                "InvokeLambda": {
                    "FunctionArn": "arn:aws:lambda:eu-west-1:444455556666:function:f",
                    "InvocationType": "EVENT",
                    "RoleArn": "arn:aws:iam::444455556666:role/byoaws/acme/functions/invoke",
                    "RetryTimeMinutes": 60,
                }
            },
        ],
    },
    {"Actions": [{"Drop": {}}]},
]


def rule_set(rules: list[dict[str, Any]] = RULES, *, second: int = 0, name: str = "inbound") -> RuleSet:
    modified = datetime(2026, 11, 21, 9, 30, second, 123456, tzinfo=UTC)
    return RuleSet(id=OWNER.rule_set_id, name=name, modified=modified, rules=rules)


FETCHED = Fetched.of(rule_set())
TEXT = render(OWNER, FETCHED)


def test_a_file_is_read_back_as_it_was_fetched() -> None:
    file = parse(TEXT, "rules.yaml")
    assert (file.owner, file.fingerprint, file.base) == (OWNER, FETCHED.fingerprint, FETCHED)
    assert not file.edited
    assert file.rules == RULES
    number = file.rules[0]["Conditions"][0]["NumberExpression"]["Value"]
    assert (number, type(number)) == (1048576, int)


def test_another_reader_of_yaml_reads_the_same() -> None:
    assert yaml.safe_load(TEXT) == {"RuleSetName": "inbound", "Rules": RULES}


def test_fields_stand_in_the_order_of_the_api_and_not_of_whoever_wrote_them() -> None:
    turned = [dict(reversed(rule.items())) for rule in RULES]
    assert Fetched.of(rule_set(turned)).body == FETCHED.body
    assert Fetched.of(rule_set(turned)).fingerprint == FETCHED.fingerprint


@pytest.mark.parametrize(
    "other",
    [rule_set(second=1), rule_set(RULES[:1]), rule_set(name="other"), rule_set([RULES[1], RULES[0]])],
    ids=["later", "fewer", "renamed", "another order"],
)
def test_the_fingerprint_is_another_one_for_anything_else(other: RuleSet) -> None:
    assert Fetched.of(other).fingerprint != FETCHED.fingerprint


def test_an_edit_is_noticed_and_comments_are_none() -> None:
    commented = TEXT.replace("Rules:", "Rules: # ours\n  # and mine")
    assert not parse(commented, "x").edited
    assert parse(TEXT.replace("Name: large", "Name: huge"), "x").edited


def test_after_an_update_the_file_goes_on_with_its_comments() -> None:
    text = TEXT.replace("Rules:", "# mine\nRules:").replace("Name: large", "Name: huge")
    after = Fetched.of(rule_set(list(parse(text, "x").rules), second=9))
    again = renewed(text, OWNER, after)
    assert "# mine\n" in again
    assert "Name: huge" in again
    file = parse(again, "x")
    assert (file.fingerprint, file.edited) == (after.fingerprint, False)
    assert renewed(again, OWNER, after) == again


# What a file must not get past us -------------------------------------------------------------------------------------


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as error:
        parse(text, "rules.yaml")
    return error.value


def with_body(body: str) -> str:
    return "\n".join([*TEXT.splitlines()[:2], body, ""])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("RuleSetName: a\nRules: [{Actions: [{Dropp: {}}]}]", r"rules.yaml:4:\d+: .*'Dropp'.*'Drop'"),
        ("RuleSetName: a\nRules:\n  - Actions: []", "rules.yaml:5:5: 'Actions' is empty"),
        (
            "RuleSetName: a\nRules:\n  - Actions:\n      - Drop: {}\n        Archive: {TargetArchive: x}",
            "rules.yaml:7:9",
        ),
        ("RuleSetName: a b\nRules: []", "rules.yaml:3:1: 'RuleSetName'"),
        ("RuleSetName: a", "'Rules'"),
        ("Rules: []", "'RuleSetName'"),
        ("- 1", "rules.yaml:3:1"),
        ("", "1 mistake"),
        ("RuleSetName: &a x\nRules: []", "rules.yaml:3:14: anchors"),
        ("a: &a [x]\nRules: [*a, *a]", "anchors"),
        ("RuleSetName: !!python/object:os.system x\nRules: []", "tags"),
        ("RuleSetName: a\nRuleSetName: b\nRules: []", "rules.yaml:4:1: this key is given twice"),
        ("<<: {RuleSetName: a}\nRules: []", "merge key"),
        ("RuleSetName: a\nRules: []\n---\nb: 1", "rules.yaml:5:1: a second YAML document"),
        ("RuleSetName: [a", r"rules.yaml:\d+:\d+: not YAML"),
        ("{a: b}: c", "a list or a mapping cannot be a key"),
        ("RuleSetName: a\nRules: " + "[" * 3000, "nested more than 24"),
        ("RuleSetName: a\nRules:\n" + "- Actions: [{Drop: {}}]\n" * 41, "41"),
        ("RuleSetName: \x07\nRules: []", "not YAML|does not allow"),
        ('RuleSetName: "\\UFFFFFFFF"\nRules: []', "not YAML"),
        ("RuleSetName: a\nRules: []\n" + "#" * 1_000_001, "larger than"),
    ],
)
def test_a_mistake_is_told_with_its_place(body: str, said: str) -> None:
    assert re.search(said, str(refused(with_body(body))))


def test_every_mistake_is_told_at_once_up_to_a_bound() -> None:
    rules = "\n".join("  - Actions: [{Dropp: {}}]" for _ in range(30))
    message = str(refused(with_body(f"RuleSetName: a\nRules:\n{rules}")))
    assert "has 30 mistakes" in message
    assert message.count("'Dropp'") == 20
    assert "and 10 more" in message


@pytest.mark.parametrize("number", ["inf", ".inf", "nan", "1e999", "0x10", "true"])
def test_a_number_that_is_none(number: str) -> None:
    assert "'Value'" in str(refused(TEXT.replace("1048576", number)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RuleSetName: a\nRules: []\n",
        TEXT.replace("# byoaws rule-set", "# byoaws ruleset"),
        TEXT.replace("sha256:", "md5:"),
        TEXT + TEXT.splitlines()[1] + "\n",
        TEXT.replace("account=444455556666", "account=4444"),
    ],
    ids=["empty", "no header", "another header", "another hash", "two headers", "no account"],
)
def test_a_file_that_does_not_say_whose_it_is(text: str) -> None:
    assert "says whose rule set it is" in str(refused(text))


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 9)).decode()


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[1, 2]",
        b"not json",
        b"[" * 100_000,
        json.dumps({"RuleSetName": "a", "Rules": [{"Actions": 1}], "LastModificationDate": "x"}).encode(),
        b"0" * 50_000_000,
    ],
    ids=["empty", "a list", "no json", "nested", "no rules", "a bomb"],
)
def test_what_was_fetched_is_believed_only_as_far_as_it_is_whole(data: bytes) -> None:
    """Whoever writes a file can write any fingerprint, too."""
    header = TEXT.splitlines()[1].replace(FETCHED.fingerprint, hashlib.sha256(data).hexdigest())
    text = "\n".join([header, "RuleSetName: a", "Rules: []", f"#  {packed(data)}", ""])
    started = time.monotonic()
    assert parse(text, "x").base is None
    assert time.monotonic() - started < 5


def test_what_was_fetched_and_altered_is_not_believed() -> None:
    other = Fetched.of(rule_set([{"Actions": [{"Drop": {}}]}]))
    title = "# What was fetched"
    body = TEXT.partition(title)[0]
    assert parse(body + title + render(OWNER, other).partition(title)[2], "x").base is None
    assert parse(body, "x").base is None
    assert parse(body, "x").edited


def test_what_could_deceive_a_reader_is_escaped() -> None:
    values = ["\u202egnp.exe", "zero\u200bwidth", "\x1b[2J", "tab\tx"]
    rules = [
        {
            "Conditions": [
                {
                    "StringExpression": {
                        "Evaluate": {"Attribute": "SUBJECT"},
                        "Operator": "CONTAINS",
                        "Values": values,
                    }
                }
            ],
            "Actions": [{"Drop": {}}],
        }
    ]
    text = render(OWNER, Fetched.of(rule_set(rules)))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert parse(text, "x").rules == rules
    shown = difference(FETCHED.body, Fetched.of(rule_set(rules)).body, before_is="a", after_is="b")
    assert all(char.isprintable() or char == "\n" for char in shown)


# Held against botocore's model ---------------------------------------------------------------------------------------

MODEL = botocore.session.get_session().get_service_model("mailmanager")


def values_of(shape: Shape) -> st.SearchStrategy[Any]:
    """Anything that the model allows, but for what a pattern would need."""
    kind = shape.type_name
    if kind == "structure":
        members = {name: values_of(member) for name, member in shape.members.items()}
        if getattr(shape, "is_tagged_union", False):
            return st.one_of([st.fixed_dictionaries({name: value}) for name, value in members.items()])
        needed = {name: value for name, value in members.items() if name in shape.required_members}
        return st.fixed_dictionaries(needed, optional={n: v for n, v in members.items() if n not in needed})
    if kind == "list":
        return st.lists(
            values_of(shape.member),
            min_size=shape.metadata.get("min", 0),
            max_size=min(2, shape.metadata.get("max", 2)),
        )
    if kind == "string":
        return text_of(shape)
    return st.integers(0, 2160) if kind == "integer" else st.integers(0, 10**9).map(float)


def text_of(shape: Shape) -> st.SearchStrategy[str]:
    if shape.enum:
        return st.sampled_from(shape.enum)
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 5000)
    if pattern := shape.metadata.get("pattern"):
        fits = [text for text in SAMPLES if least <= len(text) <= most and re.fullmatch(pattern, text)]
        assert fits, f"no sample for {shape.name}"
        return st.sampled_from(fits)
    return st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=max(least, 1), max_size=20)


# Of each pattern of the model at least one, and what YAML would take for something else.
SAMPLES = [
    *("arn:aws:iam::444455556666:role/a.b", "arn:aws:sns:eu-west-1:444455556666:topic", "0f" * 18, "a@example.com"),
    *("550", "5.1.1", "X-A", "null", "no", "0x10", "1e3", "192.0.2.0/24", "two\r\nlines\n", "two words", "~" * 3),
]


@given(st.lists(values_of(MODEL.shape_for("Rule")), max_size=2))
def test_any_rules_that_the_model_allows_survive_a_file(rules: list[dict[str, Any]]) -> None:
    fetched = Fetched.of(rule_set(rules))
    file = parse(render(OWNER, fetched), "x")
    assert fetched.says(file.name, file.rules)
    assert (file.base, file.edited) == (fetched, False)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read(text, "x")
    except UsageError as error:
        said = str(error)
    else:
        said = f"x:{found.place(()).line}:1: "
    assert re.match(r"x:\d+:\d+: ", said)


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_text_survives_yaml(text: str) -> None:
    try:
        found = read(written("a", [{"Name": text}]), "x").value
    except UsageError:
        assert any(char in text for char in "\ufffe\uffff") or not text.isprintable()
        return
    assert found["Rules"][0]["Name"] == text
