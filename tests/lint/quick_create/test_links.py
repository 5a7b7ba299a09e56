"""E9121, W9122, W9123, and what E9103 and I9104 say of a link: every fault once, and never a value."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.flows.lint import facts_of_link
from byoaws.lint.quick_create.crowd import crowd
from byoaws.lint.quick_create.links import link_mistakes, link_parameters, secrets_in
from byoaws.model import Finding
from byoaws.quickcreate.url import Link, build

LintText = Callable[..., list[Finding]]
EXTERNAL_ID = "byoaws-0123456789abcdef0123456789abcdef"
CONSOLE = "https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1"
ROUTE = "#/stacks/create/review?"
PLACE = "templateURL=https%3A%2F%2Facme.s3.eu-west-1.amazonaws.com%2Ftemplate.yaml"
SOUND = f"{CONSOLE}{ROUTE}{PLACE}&stackName=acme-mail&param_ExternalId={EXTERNAL_ID}"
PARAMETERS: Mapping[str, Any] = {
    "ExternalId": {"Type": "String", "MinLength": 16},
    "Url": {"Type": "String", "AllowedPattern": "https://.+", "MaxLength": "20"},
    "Days": {"Type": "Number", "MinValue": 1, "MaxValue": 30},
    "Ports": {"Type": "List<Number>"},
    "Mode": {"Type": "String", "AllowedValues": ["send", "receive"]},
    "Domains": {"Type": "CommaDelimitedList", "AllowedPattern": "[a-z.]+"},
    "Odd": {"Type": "String", "AllowedPattern": "("},
    "Odder": {"Type": "String", "MinLength": "x"},
    "Malformed": "String",
    "Hidden": {"Type": "String", "NoEcho": True, "AllowedPattern": "x"},
}
TEMPLATE = {"Parameters": PARAMETERS}


def told(url: str) -> list[tuple[str | None, str]]:
    return [(one.parameter, one.severity) for one in link_mistakes(url, TEMPLATE)]


def at(place: str) -> str:
    return SOUND.replace("https%3A%2F%2Facme.s3.eu-west-1.amazonaws.com%2Ftemplate.yaml", place)


SOUND_LINKS = {
    "as byoaws writes it": SOUND,
    "built by byoaws": build(
        Link(
            region="eu-west-1",
            template_url="https://acme.s3.eu-west-1.amazonaws.com/template.yaml?versionId=a+b",
            stack_name="acme",
            parameters={"ExternalId": EXTERNAL_ID, "Url": "https://x/?a=1&b=c+d", "Days": "30", "Domains": "a.b, c.d"},
        )
    ),
    "the other page": SOUND.replace("create/review", "quickcreate"),
    "the console without a region": SOUND.replace("eu-west-1.console", "console"),
    "no stack name": SOUND.replace("&stackName=acme-mail", ""),
    "a bucket with a dot, by path": at("https%3A%2F%2Fs3.eu-west-1.amazonaws.com%2Fmy.bucket%2Ft.yaml"),
    "S3's old host": at("https%3A%2F%2Fs3-eu-west-1.amazonaws.com%2Fbucket%2Ft.yaml"),
    "a template elsewhere in the partition": at("https%3A%2F%2Facme.s3.us-east-1.amazonaws.com%2Ft.yaml"),
    "China": SOUND.replace("eu-west-1.console.aws.amazon.com", "cn-north-1.console.amazonaws.cn")
    .replace("eu-west-1.amazonaws.com", "cn-north-1.amazonaws.com.cn")
    .replace("eu-west-1", "cn-north-1"),
    "GovCloud": SOUND.replace("eu-west-1.console.aws.amazon.com", "console.amazonaws-us-gov.com").replace(
        "eu-west-1", "us-gov-west-1"
    ),
    "values that fit": f"{SOUND}&param_Days=1&param_Ports=1%2C%202&param_Mode=send&param_Url=https%3A%2F%2Fx",
    # Of these cfn-lint, or E9103, has to tell.
    "odd declarations": f"{SOUND}&param_Odd=x&param_Odder=x&param_Malformed=x&param_Hidden=y&param_Missing=z",
}


@pytest.mark.parametrize("url", SOUND_LINKS.values(), ids=SOUND_LINKS.keys())
def test_a_sound_link_is_left_alone(url: str) -> None:
    assert told(url) == []


LINK, ERROR = None, "error"
BROKEN = {
    "no link at all": ("hello", [(LINK, ERROR)]),
    "an address that is none": ("https://[", [(LINK, ERROR)]),
    "another site": (SOUND.replace("console.aws.amazon.com", "example.com"), [(LINK, ERROR)]),
    "http": (SOUND.replace("https://eu", "http://eu"), [(LINK, ERROR)]),
    "no region": (SOUND.replace("?region=eu-west-1", ""), [(LINK, ERROR)]),
    "two regions": (SOUND.replace("region=eu-west-1#", "region=us-east-1#"), [(LINK, ERROR)]),
    "another page": (SOUND.replace("create/review", "new"), [(LINK, ERROR)]),
    "no fragment": (SOUND.replace("#/stacks/create/review?", "&"), [(LINK, ERROR)]),
    "a space": (SOUND.replace("acme-mail", "acme mail"), [(LINK, ERROR)]),
    "a line break": (SOUND.replace("&stack", "\n&stack"), [(LINK, ERROR)]),
    "CloudFront": (at("https%3A%2F%2Fd111111abcdef8.cloudfront.net%2Ft.yaml"), [(LINK, ERROR)]),
    "GitHub": (at("https%3A%2F%2Fraw.githubusercontent.com%2Facme%2Ft.yaml"), [(LINK, ERROR)]),
    "a website": (at("https%3A%2F%2Facme.s3-website-eu-west-1.amazonaws.com%2Ft.yaml"), [(LINK, ERROR)]),
    "template by http": (at("http%3A%2F%2Facme.s3.eu-west-1.amazonaws.com%2Ft.yaml"), [(LINK, ERROR)]),
    "a dot in the bucket": (at("https%3A%2F%2Fmy.acme.s3.eu-west-1.amazonaws.com%2Ft.yaml"), [(LINK, ERROR)]),
    "another partition": (at("https%3A%2F%2Facme.s3.cn-north-1.amazonaws.com.cn%2Ft.yaml"), [(LINK, ERROR)]),
    "a template URL too long": (at("https%3A%2F%2Facme.s3.eu-west-1.amazonaws.com%2F" + "x" * 1100), [(LINK, ERROR)]),
    "encoded twice": (at("https%253A%252F%252Facme.s3.eu-west-1.amazonaws.com%252Ft.yaml"), [(LINK, ERROR)]),
    "cut at its version": (at("https://acme.s3.eu-west-1.amazonaws.com/t.yaml?versionId=x&x=y"), [(LINK, ERROR)]),
    "a presigned URL, cut": (
        at("https://acme.s3.eu-west-1.amazonaws.com/t.yaml?X-Amz-Date=1&X-Amz-Signature=2&X-Amz-Expires=3"),
        [(LINK, ERROR)],
    ),
    "not encoded": (at("https://acme.s3.eu-west-1.amazonaws.com/t.yaml"), [(LINK, "info")]),
    "a placeholder for the template": (at("%3CTEMPLATE_URL%3E"), [(LINK, ERROR)]),
    "no template": (SOUND.replace(PLACE, "x=y").replace("x=y&", ""), [(LINK, ERROR)]),
    "templateUrl": (SOUND.replace("templateURL", "templateUrl"), [(LINK, ERROR)]),
    "stackname": (SOUND.replace("stackName", "stackname"), [(LINK, ERROR)]),
    "a stack name with an underscore": (SOUND.replace("acme-mail", "acme_mail"), [(LINK, ERROR)]),
    "a stack name that is empty": (SOUND.replace("acme-mail", ""), [(LINK, ERROR)]),
    "a stack name too long": (SOUND.replace("acme-mail", "a" * 129), [(LINK, ERROR)]),
    "twice": (f"{SOUND}&stackName=b", [(LINK, ERROR)]),
    "tags": (f"{SOUND}&tags=x", [(LINK, ERROR)]),
    "capabilities": (f"{SOUND}&capabilities=CAPABILITY_IAM", [(LINK, ERROR)]),
    "out of a web page's source": (SOUND.replace("&", "&amp;"), [(LINK, ERROR)]),
    "a parameter without param_": (f"{SOUND}&Mode=send", [(LINK, ERROR)]),
    "Param_": (f"{SOUND}&Param_Mode=send", [(LINK, ERROR)]),
    "too long": (f"{SOUND}&param_Other={'ab' * 4000}", [(LINK, "warning")]),
    "two faults": (SOUND.replace("acme-mail", "1") + "&tags=x", [(LINK, ERROR), (LINK, ERROR)]),
    "a pattern": (f"{SOUND}&param_Url=http%3A%2F%2Fx", [("Url", ERROR)]),
    "a pattern and a length": (f"{SOUND}&param_Url=http%3A%2F%2F{'x' * 30}", [("Url", ERROR)]),
    "no allowed value": (f"{SOUND}&param_Mode=both", [("Mode", ERROR)]),
    "no number": (f"{SOUND}&param_Days=many", [("Days", ERROR)]),
    "too many": (f"{SOUND}&param_Days=31", [("Days", ERROR)]),
    "a port that is no number": (f"{SOUND}&param_Ports=1%2Cx", [("Ports", ERROR)]),
    "a domain": (f"{SOUND}&param_Domains=a.b%2C%23", [("Domains", ERROR)]),
    "a placeholder": (SOUND.replace(EXTERNAL_ID, "%3CEXTERNAL_ID%3E"), [("ExternalId", ERROR)]),
    "an empty ExternalId": (SOUND.replace(EXTERNAL_ID, ""), [("ExternalId", ERROR)]),
    "a short ExternalId": (SOUND.replace(EXTERNAL_ID, "acme"), [("ExternalId", ERROR)]),
    "an ExternalId of digits": (SOUND.replace(EXTERNAL_ID, "1234567890123456"), [("ExternalId", "warning")]),
    "an ExternalId of one digit": (SOUND.replace(EXTERNAL_ID, "1" * 40), [("ExternalId", "warning")]),
    "an ExternalId AWS does not allow": (SOUND.replace(EXTERNAL_ID, "0123456789abcdef%20x"), [("ExternalId", ERROR)]),
}


@pytest.mark.parametrize(("url", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_every_fault_is_told_once(url: str, expected: list[tuple[str | None, str]]) -> None:
    assert told(url) == expected
    assert all(one.message and one.fix for one in link_mistakes(url, TEMPLATE))


RULE = {"Type": "AWS::SES::ReceiptRule"}
POINT = {"Type": "AWS::SES::MailManagerIngressPoint"}
NO_RULES, NO_MAIL_MANAGER = "SES receives no mail by receipt rules", "there is no Mail Manager"


@pytest.mark.parametrize(
    ("region", "resources", "said"),
    [
        ("eu-central-2", {"A": RULE, "B": {"Type": "AWS::SES::ReceiptRuleSet"}}, [NO_RULES]),
        ("eu-central-2", {"A": RULE | {"Condition": "Receives"}}, []),
        ("eu-central-2", {"A": POINT, "B": {"Type": "AWS::SES::ConfigurationSet"}}, []),
        ("ap-east-2", {"A": POINT, "B": RULE}, [NO_RULES, NO_MAIL_MANAGER]),
        ("eu-west-1", {"A": POINT, "B": RULE}, []),
        ("eu-central-2", {"A": "AWS::SES::ReceiptRule", "B": {}}, []),
        ("eu-central-2", None, []),
    ],
    ids=["receipt rules", "under a condition", "Mail Manager is there", "neither", "both", "malformed", "none"],
)
def test_a_region_that_cannot_receive_as_the_template_wants_it(region: str, resources: Any, said: list[str]) -> None:
    url = SOUND.replace("eu-west-1", region)
    found = link_mistakes(url, {**TEMPLATE, "Resources": resources})
    assert [one.message for one in found] == [f"the link opens region '{region}', where {what}" for what in said]


@pytest.mark.parametrize("name", ["Mode", "Param_Mode", "param-Mode", "parameter_Mode"])
def test_a_parameter_that_is_called_otherwise_is_named(name: str) -> None:
    assert [one.fix for one in link_mistakes(f"{SOUND}&{name}=send", TEMPLATE)] == ["write 'param_Mode'"]


def test_a_link_out_of_a_web_page_is_read_as_it_is_meant() -> None:
    assert link_parameters(SOUND.replace("&", "&amp;")) == {"ExternalId": EXTERNAL_ID}


def test_an_external_id_of_another_name_is_known_from_the_vendor() -> None:
    url = f"{SOUND}&param_Key=123"
    assert link_mistakes(url, TEMPLATE) == []
    assert [one.parameter for one in link_mistakes(url, TEMPLATE, external_id_name="Key")] == ["Key"]


@pytest.mark.parametrize("name", ["Url", "Mode", "Days", "Domains", "WebhookSecret"])
def test_a_value_is_never_shown(name: str) -> None:
    found = link_mistakes(f"{SOUND}&param_{name}=hunter2&param_{name}=hunter2", TEMPLATE)
    assert found
    assert "hunter2" not in repr(found)


def test_a_presigned_url_is_never_shown() -> None:
    query = "%3FX-Amz-Signature%3Dhunter2"
    found = link_mistakes(at(f"https%3A%2F%2Fexample.com%2Ft.yaml{query}"), TEMPLATE)
    assert found
    assert "hunter2" not in repr(found)


@given(st.text(max_size=80))
def test_no_text_is_too_odd(text: str) -> None:
    for url in (text, f"{CONSOLE}{ROUTE}{text}", SOUND.replace("acme-mail", text)):
        link_parameters(url)
        link_mistakes(url, TEMPLATE)


def test_parameters_are_decoded_as_the_console_does() -> None:
    assert link_parameters(f"{SOUND}&param_Url=a%2Bb%26c+d&Param_X=1") == {
        "ExternalId": EXTERNAL_ID,
        "Url": "a+b&c+d",
    }


def test_secrets_are_known_by_their_names() -> None:
    assert secrets_in(f"{SOUND}&param_WebhookSecret=x&param_SecretArn=y&param_ApiKey=z") == ["WebhookSecret", "ApiKey"]


# As rules.

BODY = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"


def codes(found: list[Finding]) -> list[tuple[str, str, int]]:
    return [(one.code, one.severity, one.line) for one in found]


def test_the_rules_are_silent_without_a_link(lint_text: LintText) -> None:
    assert lint_text("Parameters:\n" + "".join(f"  P{i}: {{Type: String}}\n" for i in range(30)) + BODY) == []


def test_a_fault_of_a_value_is_told_at_its_parameter(lint_text: LintText) -> None:
    text = f"Parameters:\n  ExternalId: {{Type: String}}\n  Mode: {{Type: String, AllowedValues: [a]}}\n{BODY}"
    found = lint_text(text, link=facts_of_link(f"{SOUND}&param_Mode=b&tags=x"))
    assert codes(found) == [("E9121", "error", 1), ("E9121", "error", 3)]


def test_what_a_link_gives_in_vain_is_e9103_s(lint_text: LintText) -> None:
    text = f"Parameters:\n  ExternalID: {{Type: String}}\n{BODY}"
    assert codes(lint_text(text, link=facts_of_link(SOUND))) == [("E9103", "error", 2)]


def test_a_secret_in_a_link_is_told_by_its_name(lint_text: LintText) -> None:
    text = f"Parameters:\n  ExternalId: {{Type: String}}\n  WebhookSecret: {{Type: String}}\n{BODY}"
    found = lint_text(text, link=facts_of_link(f"{SOUND}&param_WebhookSecret=hunter2"))
    assert codes(found) == [("I9104", "info", 3)]
    assert "hunter2" not in repr(found)


def parameters(count: int, **declared: Any) -> dict[str, Any]:
    return {f"P{number}": {"Type": "String", **declared} for number in range(count)}


GROUPS = {"AWS::CloudFormation::Interface": {"ParameterGroups": [{"Parameters": ["P0"]}]}}


@pytest.mark.parametrize(
    ("template", "given", "said"),
    [
        ({"Parameters": parameters(3)}, [], ""),
        ({"Parameters": parameters(4)}, [], "leaves 4 parameters"),
        ({"Parameters": parameters(4)}, ["P0"], ""),
        ({"Parameters": parameters(4, NoEcho=True)}, ["P0"], "leaves 4 parameters"),
        ({"Parameters": parameters(15, Default="x")}, [], ""),
        ({"Parameters": parameters(16, Default="x")}, [], "sees 16 parameters"),
        ({"Parameters": parameters(16, Default="x"), "Metadata": GROUPS}, [], ""),
        ({"Parameters": parameters(16), "Metadata": GROUPS}, [], "leaves 16 parameters"),
        ({"Parameters": {"A": None, "B": 3, "C": [], "D": "x"}, "Metadata": []}, [], ""),
    ],
)
def test_how_many_parameters_are_too_many(template: dict[str, Any], given: list[str], said: str) -> None:
    found = crowd(template, given, "")
    assert (said in found.message) if found and said else (found is None and not said)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(51_200, []), (51_201, [("W9123", "warning", 1)]), (900_000, [("W9123", "warning", 1)])],
)
def test_a_large_template_is_told_in_bytes(size: int, expected: list[Any], lint_text: LintText) -> None:
    start = BODY + "# "
    # Two bytes a letter, but for one where the number is odd.
    rest = size - len(start)
    assert codes(lint_text(start + "\u00e9" * (rest // 2) + "x" * (rest % 2))) == expected


def test_a_template_that_a_link_names_may_be_large(lint_text: LintText) -> None:
    text = f"Parameters:\n  ExternalId: {{Type: String}}\n{BODY}# " + "x" * 60_000
    assert codes(lint_text(text, link=facts_of_link(SOUND))) == [("W9123", "info", 1)]


def test_of_a_template_of_over_a_megabyte_cfn_lint_speaks(lint_text: LintText) -> None:
    found = lint_text(BODY + "# " + "x" * 1_000_100, stock=True)
    assert [one.code for one in found] == ["E1002"]
