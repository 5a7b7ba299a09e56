"""The checker: what it says of the mistakes people make, and whether it refuses just what AWS refuses."""

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.mail_manager.check import ABSENT, UNKNOWN, Mistake, check
from byoaws.mail_manager.cloudformation import RESOURCES
from byoaws.mail_manager.resources import INGRESS_POINT
from byoaws.mail_manager.rules import RULE_SET
from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape, Text

PREFIX = "AWS::SES::MailManager"


def _shape(kind: str) -> Fields:
    return RESOURCES[f"{PREFIX}{kind}"]


def _told(kind: str, text: str) -> list[Mistake]:
    return check(yaml.safe_load(text), _shape(kind))


# What a person reads --------------------------------------------------------------------------------------------------

POLICY = "{DefaultAction: ALLOW, PolicyStatements: [{Action: DENY, Conditions: [%s]}]}"
RULE = "{Rules: [{Conditions: [%s], Actions: [{Drop: {}}]}]}"
ACTION = "{Rules: [{Actions: [%s]}]}"
EXPRESSION = "{Evaluate: {Attribute: %s}, Operator: %s, %s}"
RELAY = "{ServerName: a, ServerPort: %s}"
SECRET = "'arn:aws:secretsmanager:us-east-1:111122223333:secret:mail-AbCdEf'"
ROLE = "'arn:aws:iam::111122223333:role/mail'"

SAID = {
    "a condition that there is not": (
        ("TrafficPolicy", POLICY % "{RecipientCondition: {}}"),
        "the condition does not take 'RecipientCondition'",
        "use StringExpression with Evaluate: {Attribute: RECIPIENT}",
    ),
    "the other resource's word": (
        ("TrafficPolicy", POLICY % ("{IpExpression: %s}" % (EXPRESSION % ("SOURCE_IP", "CIDR_MATCHES", "Values: []")))),
        "'Attribute' cannot be 'SOURCE_IP'",
        "write SENDER_IP: traffic policies have SENDER_IP, rule sets SOURCE_IP",
    ),
    "and the reverse": (
        ("RuleSet", RULE % ("{IpExpression: %s}" % (EXPRESSION % ("SENDER_IP", "CIDR_MATCHES", "Values: [a]")))),
        "'Attribute' cannot be 'SENDER_IP'",
        "write SOURCE_IP: rule sets have SOURCE_IP, traffic policies SENDER_IP",
    ),
    "plural for singular, once": (
        ("TrafficPolicy", POLICY % ("{TlsExpression: %s}" % (EXPRESSION % ("TLS_PROTOCOL", "IS", "Values: [TLS1_2]")))),
        "'TlsExpression' does not take 'Values'",
        "write the singular 'Value', as in Value: TLS1_2",
    ),
    "as others write it": (
        ("TrafficPolicy", POLICY % ("{TlsExpression: %s}" % (EXPRESSION % ("TLS_PROTOCOL", "IS", "Value: TLSv1.3")))),
        "'Value' cannot be 'TLSv1.3'",
        "write 'TLS1_3'",
    ),
    "too old": (
        ("TrafficPolicy", POLICY % ("{TlsExpression: %s}" % (EXPRESSION % ("TLS_PROTOCOL", "IS", "Value: TLS1_1")))),
        "'Value' cannot be 'TLS1_1'",
        "write TLS1_2, the least that AWS takes",
    ),
    "one missing key": (
        ("TrafficPolicy", "{PolicyStatements: []}"),
        "the traffic policy has no 'DefaultAction'",
        "add 'DefaultAction'",
    ),
    "several missing keys are one mistake": (
        ("IngressPoint", "{Type: OPEN}"),
        "the ingress point lacks 'RuleSetId' and 'TrafficPolicyId'",
        "add 'RuleSetId' and 'TrafficPolicyId'",
    ),
    "nothing like it": (
        ("TrafficPolicy", "{DefaultAction: BLOCK, PolicyStatements: []}"),
        "'DefaultAction' cannot be 'BLOCK'",
        "write ALLOW or DENY",
    ),
    "wrong case": (
        ("RuleSet", ACTION % f"{{InvokeLambda: {{FunctionArn: {ROLE}, InvocationType: Event, RoleArn: {ROLE}}}}}"),
        "'InvocationType' cannot be 'Event'",
        "write 'EVENT'",
    ),
    "two in one": (
        ("RuleSet", ACTION % f"{{Drop: {{}}, Send: {{RoleArn: {ROLE}}}}}"),
        "the action holds 'Drop' and 'Send'",
        "AWS takes exactly one; make an entry of its own of each",
    ),
    "two in one that is no entry": (
        ("Relay", RELAY % f"1, Authentication: {{NoAuthentication: {{}}, SecretArn: {SECRET}}}"),
        "'Authentication' holds 'NoAuthentication' and 'SecretArn'",
        "AWS takes exactly one; take the other out",
    ),
    "an empty choice": (
        ("Relay", RELAY % "1, Authentication: {}"),
        "'Authentication' is empty",
        "write SecretArn or NoAuthentication",
    ),
    "a word for an action": (
        ("RuleSet", ACTION % "Drop"),
        "the action is a text",
        "write 'Drop' as a key, with its settings below it, or {}",
    ),
    "yaml without braces": (("RuleSet", ACTION % "{Drop: }"), "'Drop' is empty", "write an object; '{}' will do"),
    "no role": (
        ("RuleSet", ACTION % "{Send: {}}"),
        "'Send' has no 'RoleArn'",
        "add 'RoleArn', the ARN of a role that ses.amazonaws.com may assume",
    ),
    "a role's name": (
        ("RuleSet", ACTION % "{Send: {RoleArn: mail}}"),
        "'RoleArn' has 4 characters",
        "write the whole ARN, which begins with 'arn:'",
    ),
    "63 characters": (
        ("RuleSet", ACTION % f"{{WriteToS3: {{S3Bucket: {'b' * 63}, RoleArn: {ROLE}}}}}"),
        "'S3Bucket' has 63 characters",
        "AWS takes 1 to 62 characters",
    ),
    "a header's name": (
        ("RuleSet", ACTION % "{AddHeader: {HeaderName: Archived, HeaderValue: true}}"),
        "'HeaderName' cannot be 'Archived'",
        "write a name that begins with 'X-', then letters, digits and '-', such as X-Archived",
    ),
    "an item": (
        ("RuleSet", RULE % "{DmarcExpression: {Operator: EQUALS, Values: [PASS]}}"),
        "'Values' cannot hold 'PASS'",
        "DMARC is asked by policy (NONE, QUARANTINE, REJECT); PASS and FAIL are for SPF and DKIM",
    ),
    "one for a list": (
        ("RuleSet", RULE % "{DmarcExpression: {Operator: EQUALS, Values: NONE}}"),
        "'Values' is a text",
        "write a list, also for one: [NONE]",
    ),
    "no list": (
        ("TrafficPolicy", "{DefaultAction: DENY, PolicyStatements: {}}"),
        "'PolicyStatements' is an object",
        "write a list, also for one entry",
    ),
    "an empty list": (("RuleSet", "{Rules: [{Actions: []}]}"), "'Actions' is empty", "write at least one entry"),
    "too many": (
        ("RuleSet", ACTION % ", ".join(["{Drop: {}}"] * 11)),
        "'Actions' has 11 entries",
        "AWS takes at most 10",
    ),
    "a misspelt key, once": (
        ("RuleSet", "{Rules: [{Action: [{Drop: {}}]}]}"),
        "the rule does not take 'Action'",
        "write 'Actions'",
    ),
    "no number": (
        ("Relay", RELAY % "smtp, Authentication: {NoAuthentication: {}}"),
        "'ServerPort' is 'smtp'",
        "write a whole number from 1 to 65535",
    ),
    "out of range": (
        ("Relay", RELAY % "65536, Authentication: {NoAuthentication: {}}"),
        "'ServerPort' cannot be 65536",
        "write a number from 1 to 65535",
    ),
    "twice": (
        ("RuleSet", ACTION % "{ReplaceRecipient: {ReplaceWith: [a@example.com, a@example.com]}}"),
        "'ReplaceWith' holds 'a@example.com' twice",
        "take one out",
    ),
    "empty, where a form is wanted": (
        ("Archive", "{ArchiveName: ''}"),
        "'ArchiveName' is empty",
        "write at least two of letters, digits, '_' and '-', with a letter or a digit at both ends",
    ),
    "what CloudFormation makes": (
        ("Archive", "{ArchiveArn: a}"),
        "the archive does not take 'ArchiveArn'",
        "take 'ArchiveArn' out: AWS makes it",
    ),
    "unlike any key": (
        ("Archive", "{Colour: red}"),
        "the archive does not take 'Colour'",
        "it takes ArchiveName, Retention, KmsKeyArn, Tags",
    ),
    "only what the template format refuses": (
        ("RuleSet", ACTION % "{ReplaceRecipient: {ReplaceWith: [no_reply@example.com]}}"),
        "'ReplaceWith' cannot hold 'no_reply@example.com'",
        "write an address of letters, digits, '.', '+' and '-', which is all that CloudFormation takes: "
        "postmaster@example.com",
    ),
    "the whole": (("RuleSet", "[]"), "the rule set is a list", "write an object"),
}  # fmt: skip


@pytest.mark.parametrize(("given_", "message", "fix"), SAID.values(), ids=SAID.keys())
def test_one_mistake_is_told_once_with_its_mend(given_: tuple[str, str], message: str, fix: str) -> None:
    assert [(one.message, one.fix) for one in _told(*given_)] == [(message, fix)]


def test_a_mistake_has_the_most_precise_path() -> None:
    (found,) = _told("RuleSet", RULE % "{DmarcExpression: {Operator: EQUALS, Values: [NONE, PASS]}}")
    assert found.path == ("Rules", 0, "Conditions", 0, "DmarcExpression", "Values", 1)


def test_the_api_takes_what_only_a_template_does_not() -> None:
    value = {"Rules": [{"Actions": [{"ReplaceRecipient": {"ReplaceWith": ["no_reply@example.com"] * 2}}]}]}
    assert check(value, RULE_SET) == []


@pytest.mark.parametrize("value", ["hunter2 hunter2", "short", "p" * 65, ["hunter2 hunter2"], {"a": "hunter2"}])
def test_no_message_shows_a_password(value: Any) -> None:
    ingress = {"Type": "AUTH", "RuleSetId": "r", "TrafficPolicyId": "t"}
    found = check({**ingress, "IngressPointConfiguration": {"SmtpPassword": value}}, INGRESS_POINT)
    assert len(found) == 1
    assert "hunter2" not in repr(found)
    assert "ppp" not in repr(found)


def test_a_long_value_is_cut_and_a_strange_one_is_escaped() -> None:
    value = "x\x1b[31m" + "y" * 100_000
    (found,) = check({"DefaultAction": value, "PolicyStatements": []}, _shape("TrafficPolicy"))
    assert len(found.message) < 120
    assert found.message.isprintable()


# What stands for a value ----------------------------------------------------------------------------------------------


def test_what_is_unknown_may_be_right_and_what_is_absent_is_missing() -> None:
    there = {"DefaultAction": "?", "PolicyStatements": "-"}

    def view(value: Any, path: tuple[str | int, ...]) -> tuple[Any, tuple[str | int, ...]]:
        return {"?": UNKNOWN, "-": ABSENT}.get(value, value) if isinstance(value, str) else value, (*path, "seen")

    (found,) = check(there, _shape("TrafficPolicy"), path=("Properties",), view=view)
    assert found.message == "the traffic policy has no 'PolicyStatements'"
    assert found.path == ("Properties", "seen")


def test_an_unknown_item_may_fill_a_list() -> None:
    shape = Items(of=Text(), fewest=2, most=2)
    seen = {"?": UNKNOWN, "-": ABSENT}
    assert check(["?"], shape, view=lambda value, path: (seen.get(str(value), value), path)) == []
    (found,) = check(["a", "-"], shape, view=lambda value, path: (seen.get(str(value), value), path))
    assert (found.message, found.fix) == ("it has 1", "AWS takes no fewer than 2")


# Whatever comes -------------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    ["Rules", "Actions", "Conditions", "Drop", "Name", "Evaluate", "Operator", "Values", "IpExpression", "Type"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.integers(), inner, max_size=4)
)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(list(RESOURCES)), value=ANYTHING)
def test_no_value_makes_it_raise(kind: str, value: Any) -> None:
    for found in check(value, RESOURCES[kind]):
        assert found.message
        assert found.fix


@pytest.mark.parametrize(
    "evil", ["1" * 43 + "\n", "1" * 5000 + "\n", "a-" * 5000 + "!", ":" * 5000 + "!", "a" * 50_000]
)
def test_no_text_takes_long(evil: str) -> None:
    began = time.perf_counter()
    for shape in _texts():
        check(evil, shape)
    assert time.perf_counter() - began < 5


# Held against what we did not write -----------------------------------------------------------------------------------

ARN = "arn:aws:iam::111122223333:role/mail"
EXAMPLES = (
    *(ARN, "arn:aws:sns:us-east-1:111122223333:mail", "postmaster@example.com", "192.0.2.0/24", "2001:db8::/32"),
    *("X-Archived", "1234abcd-12ab-34cd-56ef-1234567890ab", "mail", "addon.isSpam", "5.1.1", "550", "mail.example.com"),
    *("arn:aws:secretsmanager:us-east-1:111122223333:secret:mail-AbCdEf", "vpce-0123456789abcdef0", "correct-horse"),
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
)
# In a text that it refuses, this pattern takes time without end; what it refuses is a line break.
SLOW = "(([0-9]|.|:|/)*)"


def _texts(shape: Shape | None = None) -> Iterator[Text]:
    if shape is None:
        for resource in RESOURCES.values():
            yield from _texts(resource)
    elif isinstance(shape, Text):
        yield shape
    elif isinstance(shape, Items):
        yield from _texts(shape.of)
    elif isinstance(shape, Fields | OneOf):
        for inner in (shape.fields if isinstance(shape, Fields) else shape.choices).values():
            yield from _texts(inner)


@st.composite
def valid(draw: st.DrawFn, shape: Shape) -> Any:
    """A value that is right."""
    if isinstance(shape, Text):
        if shape.values:
            return draw(st.sampled_from(shape.values))
        if not shape.pattern:
            return draw(st.text("abc @.", min_size=shape.shortest, max_size=shape.shortest + 5))
        return draw(st.sampled_from([one for one in EXAMPLES if not check(one, shape)]))
    if isinstance(shape, Number):
        return draw(st.integers(shape.least or 0, shape.most or 10**9))
    if isinstance(shape, Items):
        most = min(shape.fewest + 2, shape.most or 9)
        return draw(st.lists(valid(shape.of), min_size=shape.fewest, max_size=1 if shape.distinct else most))
    if isinstance(shape, OneOf):
        key = draw(st.sampled_from(list(shape.choices)))
        return {key: draw(valid(shape.choices[key]))}
    keys = [key for key in shape.fields if key in shape.required or draw(st.booleans())]
    return {key: draw(valid(shape.fields[key])) for key in keys}


def _mutants(value: Any, shape: Shape) -> Iterator[Any]:
    """Every value that differs from this one in one place, but for the whole of it, which the schemas leave open."""
    if isinstance(shape, Fields) and shape in RESOURCES.values():
        yield from _mutated_keys(value, shape)
        return
    yield from ([], {}, None)
    if isinstance(shape, Text):
        yield from ("", "NO_SUCH_VALUE")
        if shape.pattern and shape.pattern != SLOW:
            yield f"{value}\x7f"
        if shape.longest and shape.longest < 5000:
            yield (value or "a") * (shape.longest + 1)
    elif isinstance(shape, Number):
        yield from (-1, 0, 1.5, 10**10, "many")
    elif isinstance(shape, Items):
        yield value * 41
        for index, item in enumerate(value):
            yield from ([*value[:index], one, *value[index + 1 :]] for one in _mutants(item, shape.of))
    else:
        yield from _mutated_keys(value, shape)


def _mutated_keys(value: dict[str, Any], shape: Fields | OneOf) -> Iterator[Any]:
    inner = shape.fields if isinstance(shape, Fields) else shape.choices
    yield {**value, "Unexpected": "x"}
    for key, one in value.items():
        others = {name: other for name, other in value.items() if name != key}
        yield others
        yield {**others, f"{key}s": one}
        yield from ({**others, key: mutant} for mutant in _mutants(one, inner[key]))
        if isinstance(shape, OneOf):
            yield from ({**value, other: {}} for other in shape.choices if other != key)


@cache
def _schema_validator(kind: str) -> Any:
    import json
    from importlib.util import find_spec
    from pathlib import Path

    from cfnlint.jsonschema import StandardValidator

    spec = find_spec("cfnlint")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent / "data/schemas"
    name = json.loads((folder / "providers/us-east-1.json").read_text())[kind].removesuffix(".json")
    schema = json.loads((folder / "resources" / f"{name}.json").read_text())
    for pointer in schema["readOnlyProperties"]:
        del schema["properties"][pointer.rpartition("/")[2]]
    return StandardValidator(schema)


@cache
def _api_shape(kind: str) -> Any:
    from botocore.session import get_session

    service = get_session().get_service_model("mailmanager")
    return service.operation_model(f"Create{kind.removeprefix(PREFIX)}").input_shape


def _refusals(kind: str, value: Any) -> list[str]:
    """What CloudFormation's schema and botocore have against a value."""
    from botocore.validate import ParamValidator

    refused = [error.message for error in _schema_validator(kind).iter_errors(value)]
    if isinstance(value, dict) and not refused:
        # The API requires a name, which CloudFormation makes up, and has no StatusToUpdate.
        request = {f"{kind.removeprefix(PREFIX)}Name": "name", **value}
        request.pop("StatusToUpdate", None)
        report = ParamValidator().validate(request, _api_shape(kind))
        refused += [report.generate_report()] if report.has_errors() else []
    return refused


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(list(RESOURCES)))
def test_it_refuses_just_what_aws_refuses(data: st.DataObject, kind: str) -> None:
    value = data.draw(valid(RESOURCES[kind]))
    assert check(value, RESOURCES[kind]) == []
    assert _refusals(kind, value) == []
    mutants = list(_mutants(value, RESOURCES[kind]))
    for mutant in data.draw(st.lists(st.sampled_from(mutants), max_size=30)):
        assert bool(check(mutant, RESOURCES[kind])) == bool(_refusals(kind, mutant)), mutant
