"""The section `mail_manager` of a vendor file: what it comes to, and every way to get it wrong, each at its place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError, VendorFileError
from byoaws.mail_manager.section import DEFAULT
from byoaws.mail_manager.subjects import OF_POLICIES, OF_RULES
from byoaws.pipeline import FromParameter, Given, Kind, Part, Pipeline, camel
from byoaws.vendor_model import Inbound, Vendor
from byoaws.vendors.reader import known_names, read_vendor

KNOWN = known_names()
DATA = Path(__file__).parents[1] / "data" / "vendors"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
FILES = {
    "ca.pem": CERTIFICATE,
    "key.pem": "-----BEGIN EC PRIVATE KEY-----\nabc\n" + CERTIFICATE,
    "empty.pem": "",
}
HEAD = """\
name: acme
title: Acme Mail
aws: {account_id: "111122223333"}
packs: [self-read]
stack: {name: acme-mail, version: 1.0.0, blocks: [inbound, access]}
probes: [role-arn, vendor-identity, external-id-required, external-id-checked, assume-role, caller-identity]
inbound: mail-manager
"""
# Lines 8 to 18, so that what is wrong has a line of its own.
SECTION = """\
mail_manager:
  ingress_points:
    public: {{{point}, traffic_policy: guard, rule_set: main}}
  traffic_policies:
    guard: {{default_action: deny, statements: [{statement}]}}
  rule_sets:
    main:
      - name: keep
        conditions: [{condition}]
        actions: [{action}]
{more}
"""
SOUND = {
    "point": "type: open, tls_policy: required",
    "statement": "{allow: [{recipient: inbound-recipients}]}",
    "condition": "{tls: is-true}",
    "action": "drop",
    "more": "",
}
LINES = {"point": 10, "statement": 12, "condition": 16, "action": 17, "more": 18}
PLACES = {
    "point": "mail_manager.ingress_points.public",
    "statement": "mail_manager.traffic_policies.guard.statements[0]",
    "condition": "mail_manager.rule_sets.main[0].conditions[0]",
    "action": "mail_manager.rule_sets.main[0].actions[0]",
    "more": "mail_manager",
}


def read_file(path: str) -> str:
    name = path.removeprefix("./")
    if name not in FILES:
        raise UsageError(f"'{path}' cannot be read: no such file")
    return FILES[name]


def read(text: str, env: Mapping[str, str] | None = None) -> Vendor:
    return read_vendor(text, source="acme.yaml", env=env or {}, known=KNOWN, read_file=read_file)


def pipeline(**given: str) -> Pipeline:
    found = read(HEAD + SECTION.format(**{**SOUND, **given})).pipeline
    assert found
    return found


def problems(text: str, env: Mapping[str, str] | None = None) -> list[tuple[int | None, str, str]]:
    with pytest.raises(VendorFileError) as caught:
        read(text, env)
    return [(one.line, one.where, one.message) for one in caught.value.problems]


# What it comes to ----------------------------------------------------------------------------------------------------


def rule(condition: str) -> Any:
    return pipeline(condition=condition).parts[Kind.RULE_SET]["main"]["Rules"][0]["Conditions"][0]


def statement(condition: str) -> Any:
    policies = pipeline(statement=f"{{deny: [{condition}]}}").parts[Kind.TRAFFIC_POLICY]
    return policies["guard"]["PolicyStatements"][0]["Conditions"][0]


def asks(expression: str, evaluate: Any, operator: str, **operand: Any) -> dict[str, Any]:
    evaluated = {} if evaluate is None else {"Evaluate": evaluate}
    return {expression: {**evaluated, "Operator": operator, **operand}}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "{subject: {contains: [a, b]}}",
            asks("StringExpression", {"Attribute": "SUBJECT"}, "CONTAINS", Values=["a", "b"]),
        ),
        (
            "{header: {name: X-Spam, equals: [1]}}",
            asks("StringExpression", {"MimeHeaderAttribute": "X-Spam"}, "EQUALS", Values=["1"]),
        ),
        (
            "{client_certificate: {attribute: san-dns-name, ends_with: [a]}}",
            asks("StringExpression", {"ClientCertificateAttribute": "SAN_DNS_NAME"}, "ENDS_WITH", Values=["a"]),
        ),
        (
            "{tls_wrapped: is-false}",
            asks("BooleanExpression", {"Attribute": "TLS_WRAPPED"}, "IS_FALSE"),
        ),
        (
            "{message_size: {less_than_or_equal: 1024}}",
            asks("NumberExpression", {"Attribute": "MESSAGE_SIZE"}, "LESS_THAN_OR_EQUAL", Value=1024),
        ),
        (
            '{source_ip: {not_cidr_matches: [203.0.113.0/24, "2001:db8::/32"]}}',
            asks(
                "IpExpression",
                {"Attribute": "SOURCE_IP"},
                "NOT_CIDR_MATCHES",
                Values=["203.0.113.0/24", "2001:db8::/32"],
            ),
        ),
        (
            "{spf: {equals: [fail, processing-failed]}}",
            asks("VerdictExpression", {"Attribute": "SPF"}, "EQUALS", Values=["FAIL", "PROCESSING_FAILED"]),
        ),
        (
            "{dmarc: {not_equals: [none]}}",
            asks("DmarcExpression", None, "NOT_EQUALS", Values=["NONE"]),
        ),
    ],
    ids=lambda value: value.strip("{}").partition(":")[0] if isinstance(value, str) else "",
)
def test_a_condition_of_a_rule(written: str, expected: Any) -> None:
    assert rule(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "{recipient: {ends_with: ['@a.example']}}",
            asks("StringExpression", {"Attribute": "RECIPIENT"}, "ENDS_WITH", Values=["@a.example"]),
        ),
        (
            "{sender_ip: {cidr_matches: [203.0.113.0/24]}}",
            asks("IpExpression", {"Attribute": "SENDER_IP"}, "CIDR_MATCHES", Values=["203.0.113.0/24"]),
        ),
        (
            "{sender_ipv6: {not_cidr_matches: ['2001:db8::/32']}}",
            asks("Ipv6Expression", {"Attribute": "SENDER_IPV6"}, "NOT_CIDR_MATCHES", Values=["2001:db8::/32"]),
        ),
        (
            "{tls_protocol: {minimum_tls_version: 1.2}}",
            asks("TlsExpression", {"Attribute": "TLS_PROTOCOL"}, "MINIMUM_TLS_VERSION", Value="TLS1_2"),
        ),
        (
            "{tls_protocol: {is: 1.3}}",
            asks("TlsExpression", {"Attribute": "TLS_PROTOCOL"}, "IS", Value="TLS1_3"),
        ),
    ],
    ids=lambda value: value.strip("{}").partition(":")[0] if isinstance(value, str) else "",
)
def test_a_condition_of_a_policy(written: str, expected: Any) -> None:
    assert statement(written) == expected


LISTS = "  address_lists: {blocked: , staff: {}}\n  addons: {dbl: {addon_name: SPAMHAUS_DBL}}"


@pytest.mark.parametrize("word", OF_RULES.listed)
@pytest.mark.parametrize(("key", "operator"), [("in_address_list", "IS_TRUE"), ("not_in_address_list", "IS_FALSE")])
def test_an_address_is_looked_up_in_a_list(word: str, key: str, operator: str) -> None:
    found = pipeline(condition=f"{{{word}: {{{key}: blocked}}}}", more=LISTS)
    expected = {"Attribute": word.upper(), "AddressLists": [Part(kind=Kind.ADDRESS_LIST, name="blocked")]}
    condition = found.parts[Kind.RULE_SET]["main"]["Rules"][0]["Conditions"][0]
    assert condition == asks("BooleanExpression", {"IsInAddressList": expected}, operator)
    assert {part.name for part in found.unused} == {"staff", "dbl"}


@pytest.mark.parametrize(
    ("test", "expression", "operator", "operand"),
    [
        ("boolean: is-true", "BooleanExpression", "IS_TRUE", {}),
        ("string: {equals: [bot]}", "StringExpression", "EQUALS", {"Values": ["bot"]}),
        ("verdict: {not_equals: [gray]}", "VerdictExpression", "NOT_EQUALS", {"Values": ["GRAY"]}),
    ],
)
def test_what_an_add_on_found(test: str, expression: str, operator: str, operand: dict[str, Any]) -> None:
    written = f"{{analysis: {{addon: dbl, result_field: isBlocked, {test}}}}}"
    found = pipeline(condition=written, more=LISTS).parts[Kind.RULE_SET]["main"]["Rules"][0]["Conditions"][0]
    analysis = {"Analyzer": Part(kind=Kind.ADDON, name="dbl"), "ResultField": "isBlocked"}
    assert found == asks(expression, {"Analysis": analysis}, operator, **operand)


def test_who_receives_is_two_statements() -> None:
    statements = pipeline().parts[Kind.TRAFFIC_POLICY]["guard"]["PolicyStatements"]
    values = [one["Conditions"][0]["StringExpression"]["Values"] for one in statements]
    assert values == [Given.RECIPIENT_ADDRESSES, Given.RECIPIENT_DOMAINS]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("drop", {"Drop": {}}),
        ("{drop: {}}", {"Drop": {}}),
        ("{drop: }", {"Drop": {}}),
        ("send", {"Send": {"RoleArn": Given.ROLE}}),
        ("write_to_s3", {"WriteToS3": {"RoleArn": Given.ROLE, "S3Bucket": Given.BUCKET}}),
        (
            "{write_to_s3: {s3_bucket: b, s3_prefix: p/, action_failure_policy: continue}}",
            {
                "WriteToS3": {
                    "S3Bucket": "b",
                    "S3Prefix": "p/",
                    "ActionFailurePolicy": "CONTINUE",
                    "RoleArn": Given.ROLE,
                }
            },
        ),
        (
            "{add_header: {header_name: X-A, header_value: b}}",
            {"AddHeader": {"HeaderName": "X-A", "HeaderValue": "b"}},
        ),
        ("{replace_recipient: {replace_with: [a@b.example]}}", {"ReplaceRecipient": {"ReplaceWith": ["a@b.example"]}}),
    ],
)
def test_an_action(written: str, expected: Any) -> None:
    assert pipeline(action=written).parts[Kind.RULE_SET]["main"]["Rules"][0]["Actions"] == [expected]


def test_a_parameter_may_stand_for_a_value_and_for_a_list() -> None:
    found = pipeline(
        condition="{from: {contains: {parameter: Words}}}, {subject: {contains: [x, {parameter: Word}]}}",
        more="  parameters: {Words: {description: Some}, Word: {description: One, default: hello}}",
    )
    (first, second) = found.parts[Kind.RULE_SET]["main"]["Rules"][0]["Conditions"]
    assert first["StringExpression"]["Values"] == FromParameter(name="Words")
    assert second["StringExpression"]["Values"] == ["x", FromParameter(name="Word")]
    assert [(one.name, one.properties["Type"], one.default) for one in found.parameters] == [
        ("Words", "CommaDelimitedList", None),
        ("Word", "String", "hello"),
    ]


def test_without_a_section_the_default_holds() -> None:
    found = read(HEAD)
    assert found.inbound is Inbound.MAIL_MANAGER
    assert found.pipeline
    assert found.pipeline.written is None
    assert {kind.value: set(parts) for kind, parts in found.pipeline.parts.items() if parts} == {
        kind: set(parts) for kind, parts in DEFAULT.items()
    }
    assert not found.pipeline.unused


def test_receipt_rules_have_no_pipeline() -> None:
    found = read(HEAD.replace("inbound: mail-manager\n", ""))
    assert (found.inbound, found.pipeline) == (Inbound.RECEIPT_RULES, None)


def test_variables_of_the_environment_are_filled_in_first() -> None:
    text = HEAD + SECTION.format(**{**SOUND, "action": '{add_header: {header_name: X-A, header_value: "${UNIT:-x}"}}'})
    found = read(text, {"UNIT": "sales"}).pipeline
    assert found
    assert found.actions("AddHeader") == [{"HeaderName": "X-A", "HeaderValue": "sales"}]


# What is wrong -------------------------------------------------------------------------------------------------------

# Where, what is written there, where the mistake is told of (after the place), and words of the message.
WRONG: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    # Conditions of policies
    "recipients-misspelt": (
        "statement",
        "{allow: [{recipient: inbound-recipient}]}",
        ".allow[0].recipient",
        ("'inbound-recipient'", "did you mean 'inbound-recipients'?"),
    ),
    "verdict-in-a-policy": (
        "statement",
        "{deny: [{spf: {equals: [fail]}}]}",
        ".deny[0].spf",
        ("unknown condition in a traffic policy", "comes before the message", "ask for it in a rule set"),
    ),
    "source-ip-in-a-policy": (
        "statement",
        "{deny: [{source_ip: {cidr_matches: [203.0.113.0/24]}}]}",
        ".deny[0].source_ip",
        ("write 'sender_ip'",),
    ),
    "address-without-its-length": (
        "statement",
        "{deny: [{sender_ip: {cidr_matches: [203.0.113.0/24, 203.0.113.7]}}]}",
        ".deny[0].sender_ip.cidr_matches[1]",
        ("'203.0.113.7' is not a range of addresses", "203.0.113.0/24"),
    ),
    "ipv6-for-ipv4": (
        "statement",
        "{deny: [{sender_ip: {cidr_matches: ['2001:db8::/32']}}]}",
        ".deny[0].sender_ip.cidr_matches[0]",
        ("'2001:db8::/32' is not a range of addresses",),
    ),
    "nothing-to-compare-with": (
        "statement",
        "{deny: [{recipient: {equals: []}}]}",
        ".deny[0].recipient.equals",
        ("is empty",),
    ),
    "tls-that-is-old": (
        "statement",
        "{allow: [{tls_protocol: {is: 1.1}}]}",
        ".allow[0].tls_protocol.is",
        ("'1.1'", "1.2, 1.3"),
    ),
    "allow-and-deny": ("statement", "{allow: [{tls_protocol: {is: 1.2}}], deny: []}", ".deny", ("beside 'allow'",)),
    "neither-allow-nor-deny": ("statement", "{alow: [{tls_protocol: {is: 1.2}}]}", ".alow", ("'allow'",)),
    "no-conditions": ("statement", "{allow: []}", ".allow", ("is empty", "a list of conditions")),
    "a-statement-that-is-a-word": ("statement", "allow", "", ("is text; expected a statement",)),
    "list-that-is-not-there": (
        "statement",
        "{deny: [{recipient: {in_address_list: blocked}}]}",
        ".deny[0].recipient.in_address_list",
        ("'blocked' is not one of address_lists; known: none",),
    ),
    # Conditions of rules
    "condition-unknown": ("condition", "{spff: {equals: [fail]}}", ".spff", ("unknown condition", "'spf'")),
    "condition-far-off": ("condition", "{weather: {equals: [rain]}}", ".weather", ("unknown condition", "known here")),
    "two-conditions-in-one": (
        "condition",
        "{spf: {equals: [fail]}, dkim: {equals: [fail]}}",
        ".dkim",
        ("stands beside 'spf'", "an entry of its own"),
    ),
    "two-operators-in-one": (
        "condition",
        "{from: {equals: [a], contains: [b]}}",
        ".from.contains",
        ("stands beside 'equals'",),
    ),
    "verdict-misspelt": ("condition", "{spf: {equals: [fial]}}", ".spf.equals[0]", ("'fial'", "did you mean 'fail'?")),
    "verdict-as-aws-writes-it": ("condition", "{spf: {equals: [FAIL]}}", ".spf.equals[0]", ("did you mean 'fail'?",)),
    "dmarc-by-verdict": (
        "condition",
        "{dmarc: {equals: [fail]}}",
        ".dmarc.equals[0]",
        ("none, quarantine, reject", "pass and fail are for spf and dkim"),
    ),
    "operator-misspelt": ("condition", "{from: {equal: [a]}}", ".from.equal", ("did you mean 'equals'?",)),
    "no-list": ("condition", "{from: {equals: a}}", ".from.equals", ("is text; expected a list: put [ ] around it",)),
    "eleven-values": (
        "condition",
        f"{{from: {{equals: [{', '.join('abcdefghijk')}]}}}}",
        ".from.equals",
        ("'equals'", "11", "10"),
    ),
    "truth": ("condition", "{tls: yes-please}", ".tls", ("is-true, is-false",)),
    "not-a-number": ("condition", "{message_size: {greater_than: big}}", ".message_size.greater_than", ("'big'",)),
    "infinite": ("condition", "{message_size: {greater_than: inf}}", ".message_size.greater_than", ("not a number",)),
    "header-that-is-not-x": ("condition", "{header: {name: Subject, equals: [a]}}", ".header.name", ("'Subject'",)),
    "header-without-a-name": ("condition", "{header: {equals: [a]}}", ".header.name", ("is missing",)),
    "list-of-subjects": (
        "condition",
        "{subject: {in_address_list: blocked}}",
        ".subject.in_address_list",
        ("unknown key", "equals"),
    ),
    "policy-condition-in-a-rule": (
        "condition",
        "{tls_protocol: {is: 1.2}}",
        ".tls_protocol",
        ("unknown condition in a rule set", "ask for it in a traffic policy"),
    ),
    "sender-ip-in-a-rule": (
        "condition",
        "{sender_ip: {cidr_matches: [203.0.113.0/24]}}",
        ".sender_ip",
        ("write 'source_ip'",),
    ),
    "recipients-in-a-rule": ("condition", "{recipient: inbound-recipients}", ".recipient", ("traffic policies only",)),
    "add-on-unknown": (
        "condition",
        "{analysis: {addon: dbl, result_field: x, boolean: is-true}}",
        ".analysis.addon",
        ("'dbl' is not one of addons",),
    ),
    "add-on-not-asked": (
        "condition",
        "{analysis: {addon: dbl, result_field: x}}",
        ".analysis",
        ("write one of boolean, string, verdict",),
    ),
    "a-word-for-a-condition": ("condition", "tls", "", ("is text; expected a condition",)),
    "a-parameter-undeclared": (
        "condition",
        "{from: {equals: {parameter: Words}}}",
        ".from.equals.parameter",
        ("'Words' is no parameter", "mail_manager.parameters"),
    ),
    # Actions
    "action-unknown": ("action", "dropp", "", ("'dropp' is not known", "'drop'")),
    "two-actions-in-one": ("action", "{drop: {}, send: {}}", ".send", ("stands beside 'drop'",)),
    "action-without-its-keys": ("action", "bounce", ".bounce", ("sender, status_code, smtp_reply_code",)),
    "a-role-of-its-own": (
        "action",
        "{send: {role_arn: arn:aws:iam::111122223333:role/x}}",
        ".send.role_arn",
        ("the stack makes the role itself",),
    ),
    "failure-policy": (
        "action",
        "{send: {action_failure_policy: stop}}",
        ".send.action_failure_policy",
        ("'stop'", "continue, drop"),
    ),
    "archive-unknown": (
        "action",
        "{archive: {target_archive: long}}",
        ".archive.target_archive",
        ("'long' is not one of archives",),
    ),
    "archive-not-named": ("action", "{archive: {}}", ".archive.target_archive", ("is missing",)),
    "relay-unknown": ("action", "{relay: {relay: x}}", ".relay.relay", ("'x' is not one of relays",)),
    "bucket-too-long": (
        "action",
        f"{{write_to_s3: {{s3_bucket: {'b' * 63}}}}}",
        ".write_to_s3.s3_bucket",
        ("'s3_bucket'", "63", "62"),
    ),
    "a-key-for-the-own-bucket": (
        "action",
        "{write_to_s3: {s3_sse_kms_key_id: arn:aws:kms:eu-west-1:111122223333:key/k}}",
        ".write_to_s3.s3_sse_kms_key_id",
        ("is for another bucket",),
    ),
    "a-key-by-its-id": (
        "action",
        "{write_to_s3: {s3_bucket: b, s3_sse_kms_key_id: 12345678-1234-1234-1234-123456789012}}",
        ".write_to_s3.s3_sse_kms_key_id",
        ("is not the ARN of a key",),
    ),
    "topic-that-is-no-arn": (
        "action",
        "{publish_to_sns: {topic_arn: mail}}",
        ".publish_to_sns.topic_arn",
        ("'topic_arn'",),
    ),
    "retries-for-ever": (
        "action",
        "{invoke_lambda: {function_arn: arn:aws:lambda:eu-west-1:111122223333:function:f, invocation_type: event, "
        "retry_time_minutes: 2161}}",
        ".invoke_lambda.retry_time_minutes",
        ("2161", "2160"),
    ),
    "invocation-as-lambda-writes-it": (
        "action",
        "{invoke_lambda: {function_arn: arn:aws:lambda:eu-west-1:111122223333:function:f, invocation_type: Event}}",
        ".invoke_lambda.invocation_type",
        ("did you mean 'event'?",),
    ),
    # Ingress points
    "no-tls-policy": ("point", "type: open", ".tls_policy", ("is missing",)),
    "type-misspelt": ("point", "type: opne, tls_policy: required", ".type", ("'opne'", "'open'")),
    "tls-policy-as-receipt-rules-have-it": (
        "point",
        "type: open, tls_policy: require",
        ".tls_policy",
        ("did you mean 'required'?",),
    ),
    "auth-without-a-secret": ("point", "type: auth, tls_policy: required", ".secret_arn", ("is missing", "type auth")),
    "auth-in-the-clear": (
        "point",
        "type: auth, tls_policy: optional, secret_arn: arn:aws:secretsmanager:eu-west-1:111122223333:secret:x",
        ".tls_policy",
        ("passwords would travel in the clear",),
    ),
    "open-with-a-secret": (
        "point",
        "type: open, tls_policy: required, secret_arn: arn:aws:secretsmanager:eu-west-1:111122223333:secret:x",
        ".secret_arn",
        ("does nothing with type open",),
    ),
    "mtls-without-trust": ("point", "type: mtls, tls_policy: required", ".trust_store", ("is missing", "type mtls")),
    "mtls-without-tls": (
        "point",
        "type: mtls, tls_policy: optional, trust_store: {ca_content: {file: ca.pem}}",
        ".tls_policy",
        ("'optional' does not go with type mtls",),
    ),
    "a-private-key-for-trust": (
        "point",
        "type: mtls, tls_policy: required, trust_store: {ca_content: {file: ./key.pem}}",
        ".trust_store.ca_content.file",
        ("holds a private key",),
    ),
    "no-certificate": (
        "point",
        "type: mtls, tls_policy: required, trust_store: {ca_content: {file: ./empty.pem}}",
        ".trust_store.ca_content.file",
        ("holds no -----BEGIN CERTIFICATE-----",),
    ),
    "certificates-elsewhere": (
        "point",
        "type: mtls, tls_policy: required, trust_store: {ca_content: {file: ../ca.pem}}",
        ".trust_store.ca_content.file",
        ("beside the vendor file",),
    ),
    "certificates-of-the-system": (
        "point",
        "type: mtls, tls_policy: required, trust_store: {ca_content: {file: /etc/passwd}}",
        ".trust_store.ca_content.file",
        ("beside the vendor file",),
    ),
    "certificates-not-there": (
        "point",
        "type: mtls, tls_policy: required, trust_store: {ca_content: {file: ./no.pem}}",
        ".trust_store.ca_content.file",
        ("'./no.pem' cannot be read",),
    ),
    "two-networks": (
        "point",
        "type: open, tls_policy: required, ip_type: ipv4, vpc_endpoint_id: vpce-0123456789abcdef0",
        ".ip_type",
        ("stands beside 'vpc_endpoint_id'",),
    ),
    # The rest
    "part-unknown": ("more", "  archive: {long: {retention: one-year}}", ".archive", ("did you mean 'archives'?",)),
    "name-with-capitals": ("more", "  address_lists: {Blocked: {}}", ".address_lists.Blocked", ("is not a name",)),
    "name-that-could-be-another": ("more", "  address_lists: {a-1: {}}", ".address_lists.a-1", ("is not a name",)),
    "name-too-long": (
        "more",
        f"  address_lists: {{{'a' * 32}: {{}}}}",
        f".address_lists.{'a' * 32}",
        ("at most 31 characters",),
    ),
    "retention-not-said": ("more", "  archives: {long: {}}", ".archives.long.retention", ("is missing",)),
    "retention-unknown": (
        "more",
        "  archives: {long: {retention: ten-year}}",
        ".archives.long.retention",
        ("did you mean 'ten-years'?",),
    ),
    "port-out-of-range": (
        "more",
        "  relays: {r: {server_name: a, server_port: 65536, authentication: no_authentication}}",
        ".relays.r.server_port",
        ("65536",),
    ),
    "relay-that-does-not-say-who-it-is": (
        "more",
        "  relays: {r: {server_name: a, server_port: 25}}",
        ".relays.r.authentication",
        ("is missing",),
    ),
    "same-add-on-twice": (
        "more",
        "  addons: {a: {addon_name: X}, b: {addon_name: X}}",
        ".addons.b.addon_name",
        ("'X' is what 'a' is already",),
    ),
    "list-with-members": ("more", "  address_lists: {a: {members: x}}", ".address_lists.a.members", ("unknown key",)),
    "parameter-that-nothing-uses": (
        "more",
        "  parameters: {Unit: {description: x}}",
        ".parameters.Unit",
        ("stands nowhere",),
    ),
    "parts-as-a-list": ("more", "  relays: [a]", ".relays", ("is a list; expected names",)),
}


@pytest.mark.parametrize(("place", "written", "where", "words"), WRONG.values(), ids=WRONG)
def test_each_mistake_is_told_once_at_its_place(place: str, written: str, where: str, words: tuple[str, ...]) -> None:
    more = "  addons: {dbl: {addon_name: X}}" if "not-asked" in written else ""
    if "addon: dbl, result_field: x}}" in written:
        more = "  addons: {dbl: {addon_name: X}}"
    text = HEAD + SECTION.format(**{**SOUND, "more": more, place: written})
    ((line, found, message),) = problems(text)
    assert (line, found) == (LINES[place], PLACES[place] + where)
    for word in words:
        assert word in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("many", "where"),
    [
        ({"condition": ", ".join(["{tls: is-true}"] * 11)}, "rule_sets.main[0].conditions"),
        ({"action": ", ".join(["drop"] * 11)}, "rule_sets.main[0].actions"),
    ],
)
def test_more_than_aws_takes(many: dict[str, str], where: str) -> None:
    ((_, found, message),) = problems(HEAD + SECTION.format(**{**SOUND, **many}))
    assert found == f"mail_manager.{where}"
    assert "11" in message
    assert "10" in message


def test_forty_rules_and_no_more() -> None:
    def text(count: int) -> str:
        rules = "\n".join(f"      - {{name: r{number}, actions: [drop]}}" for number in range(count - 1))
        return HEAD + SECTION.format(**{**SOUND, "more": rules})

    assert read(text(40)).pipeline
    ((_, where, message),) = problems(text(41))
    assert where == "mail_manager.rule_sets.main"
    assert "41" in message


@pytest.mark.parametrize(
    ("name", "words"),
    [("x" * 33, ("33",)), ("a b", ("'a b'",)), ("keep", ("is the name of another rule",))],
    ids=["long", "space", "twice"],
)
def test_names_of_rules(name: str, words: tuple[str, ...]) -> None:
    text = HEAD + SECTION.format(**{**SOUND, "more": f"      - {{name: {name}, actions: [drop]}}"})
    ((line, where, message),) = problems(text)
    assert (line, where) == (18, "mail_manager.rule_sets.main[1].name")
    assert all(word in message for word in words)


def test_all_mistakes_at_once() -> None:
    text = HEAD.replace("title: Acme Mail", "titel: Acme Mail") + SECTION.format(
        point="type: auth, tls_policy: never",
        statement="{allow: [{spf: {equals: [fail]}}]}",
        condition="{spf: {equals: [fial]}}",
        action="{archive: {target_archive: lnog}}",
        more="  archives: {long: {retention: one-yaer}}",
    )
    assert [(line, where.rpartition(".")[2]) for line, where, _ in problems(text)] == [
        (2, "titel"),
        (10, "tls_policy"),
        (10, "secret_arn"),
        (12, "spf"),
        (16, "equals[0]"),
        (17, "target_archive"),
        (18, "retention"),
        (None, "title"),
    ]


@pytest.mark.parametrize(
    ("section", "where", "words"),
    [
        ("[]", "mail_manager", "is empty; expected keys with values"),
        ("open", "mail_manager", "is text; expected keys with values"),
        ("{}", "mail_manager.ingress_points", "is missing"),
        ("{ingress_points: {}}", "mail_manager.ingress_points", "has 0 entries"),
        ("{ingress_points: [a]}", "mail_manager.ingress_points", "is a list"),
        ("{ingress_points: {a: open}}", "mail_manager.ingress_points.a", "is text"),
        ("{ingress_points: {a: }}", "mail_manager.ingress_points.a", "has no value"),
    ],
)
def test_a_section_of_the_wrong_form(section: str, where: str, words: str) -> None:
    ((line, found, message),) = problems(f"{HEAD}mail_manager: {section}\n")
    assert (line, found) == (8, where)
    assert words in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            HEAD.replace("[inbound, access]", "[access]"),
            (7, "inbound", "'mail-manager' needs block 'inbound'; add it to stack.blocks"),
        ),
        (
            HEAD.replace("inbound: mail-manager\n", "mail_manager: {}\n"),
            (7, "mail_manager", "would be ignored; set inbound: mail-manager, or take it out"),
        ),
        (
            HEAD.replace("mail-manager", "receipt-rules") + "mail_manager:\n  rule_sets: {}\n",
            (8, "mail_manager", "would be ignored; set inbound: mail-manager, or take it out"),
        ),
        (
            HEAD.replace("mail-manager", "mailmanager"),
            (7, "inbound", "'mailmanager' is not receipt-rules or mail-manager"),
        ),
    ],
    ids=["no-block", "no-inbound", "receipt-rules", "misspelt"],
)
def test_how_mail_comes_in_fits_the_rest(text: str, expected: tuple[int, str, str]) -> None:
    assert expected in problems(text)


# Parameters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uses", "declared", "where", "words"),
    [
        (
            "{publish_to_sns: {topic_arn: {parameter: P}}}",
            "{P: {description: x, default: mail}}",
            ".P.default",
            "is not what AWS takes there",
        ),
        (
            "{archive: {target_archive: {parameter: P}}}",
            "{}",
            None,
            "is a mapping; expected the name of one of archives",
        ),
        ("{add_header: {header_name: {parameter: P}, header_value: x}}", "{P: {}}", ".P.description", "is missing"),
        (
            "{add_header: {header_name: {parameter: P}, header_value: x}}",
            "{P: {description: }}",
            ".P.description",
            "has",
        ),
        (
            "{add_header: {header_name: {parameter: a-b}, header_value: x}}",
            "{a-b: {description: x}}",
            ".a-b",
            "is not a parameter name",
        ),
        (
            "{replace_recipient: {replace_with: {parameter: P}}}, {add_header: {header_name: X-A, header_value: "
            "{parameter: P}}}",
            "{P: {description: x}}",
            None,
            "'P' is text here, and a list elsewhere",
        ),
        (
            "{publish_to_sns: {topic_arn: {parameter: P}, encoding: {parameter: Q}}}",
            "{P: {description: x}, Q: {description: x, default: utf-9}}",
            ".Q.default",
            "is none of UTF-8, BASE64",
        ),
        (
            "{publish_to_sns: {topic_arn: {parameter: P}}}, {add_header: {header_name: X-A, header_value: "
            "{parameter: P}}}",
            "{P: {description: x, default: mail}}",
            ".P.default",
            "is not what AWS takes there",
        ),
    ],
    ids=["default", "reference", "no-description", "empty-description", "name", "two-types", "none-of", "two-patterns"],
)
def test_parameters_that_do_not_fit(uses: str, declared: str, where: str | None, words: str) -> None:
    text = HEAD + SECTION.format(**{**SOUND, "action": uses, "more": f"  parameters: {declared}"})
    found = problems(text)
    assert len(found) == 1
    ((line, place, message),) = found
    assert words in message
    if where:
        assert (line, place) == (18, f"mail_manager.parameters{where}")


def test_a_misspelt_parameter_is_guessed() -> None:
    text = HEAD + SECTION.format(
        **{
            **SOUND,
            "condition": "{from: {equals: {parameter: Wrods}}}, {to: {equals: {parameter: Words}}}",
            "more": "  parameters: {Words: {description: x}}",
        }
    )
    ((line, where, message),) = problems(text)
    assert (line, where) == (16, "mail_manager.rule_sets.main[0].conditions[0].from.equals.parameter")
    assert "did you mean 'Words'?" in message


# Secrets -------------------------------------------------------------------------------------------------------------


def test_a_password_has_no_place_in_the_file() -> None:
    text = HEAD + SECTION.format(**{**SOUND, "point": "type: auth, tls_policy: required, smtp_password: hunter22"})
    found = problems(text)
    assert "keep it in Secrets Manager" in found[0][2]
    assert "hunter22" not in str(found)


@pytest.mark.parametrize(
    ("given", "env"),
    [
        ({"point": "type: auth, tls_policy: required, secret_arn: hunter22"}, {}),
        (
            {"more": "  relays: {r: {server_name: a, server_port: 25, authentication: {secret_arn: hunter22}}}"},
            {},
        ),
        ({"point": 'type: "${MAIL_TOKEN}", tls_policy: required'}, {"MAIL_TOKEN": "hunter22"}),
    ],
    ids=["ingress", "relay", "environment"],
)
def test_what_may_be_a_secret_is_not_repeated(given: dict[str, str], env: dict[str, str]) -> None:
    found = problems(HEAD + SECTION.format(**{**SOUND, **given}), env)
    assert found
    assert "hunter22" not in str(found)


# Anything ------------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *[kind.value for kind in Kind],
        *OF_RULES.words(),
        *OF_POLICIES.words(),
        *("public", "main", "guard", "allow", "deny", "equals", "parameter", "name", "actions", "conditions", "drop"),
        *("type", "open", "tls_policy", "required", "rule_set", "traffic_policy", "statements", "unless", "file", "x"),
        *("addon", "result_field", "boolean", "is-true", "write_to_s3", "parameters", "description", "", "1"),
    ]
)
VALUES = st.recursive(
    st.none() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=25,
)


@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_whatever_stands_there_is_read_or_refused_with_its_line(section: dict[str, Any]) -> None:
    import json

    text = f"{HEAD}mail_manager: {json.dumps(section)}\n"
    try:
        assert read(text).pipeline
    except VendorFileError as error:
        for problem in error.problems:
            assert problem.line == 8
            assert problem.message


@given(st.sets(st.from_regex(r"[a-z][a-z0-9]{0,3}(-[a-z][a-z0-9]{0,2}){0,2}", fullmatch=True), min_size=2))
def test_no_two_names_become_one(names: set[str]) -> None:
    assert len({camel(name) for name in names}) == len(names)
