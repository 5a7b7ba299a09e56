"""Every key: what it takes, what it refuses, what it is when left out."""

from collections.abc import Callable

import pytest
import yaml

from byoaws.vendor_model import ParameterNames, SecretMode, Vendor
from byoaws.vendors.names import REQUIRED_PROBES

ACCOUNT = "012345678901"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/mailer"
ALL_PROBES = ", ".join(REQUIRED_PROBES)


def changed(small: str, key: str, written: str) -> str:
    """The small vendor file with one key set to what is written."""
    tree = yaml.safe_load(small)
    *groups, last = key.split(".")
    place = tree
    for group in groups:
        place = place.setdefault(group, {})
    place[last] = "PLACEHOLDER"
    if groups == ["dns"]:
        tree["dns"] = {"mail_from_subdomain": "mail", "spf": "v=spf1 ~all", "dmarc": "v=DMARC1; p=none"} | tree["dns"]
    return yaml.safe_dump(tree, sort_keys=False).replace("PLACEHOLDER", written)


def value_of(vendor: Vendor, key: str) -> object:
    attribute = {
        "aws.account_id": lambda: vendor.account.account_id,
        "aws.role_arn": lambda: vendor.account.role_arn,
        "aws.principal": lambda: vendor.account.principal,
        "webhooks.inbound": lambda: vendor.inbound_webhook_url,
        "webhooks.sending": lambda: vendor.sending_webhook_url,
        "webhooks.registration": lambda: vendor.registration_url,
        "webhooks.inline_limit": lambda: vendor.inline_limit,
        "external_id.prefix": lambda: vendor.external_id_prefix,
        "external_id.bytes": lambda: vendor.external_id_bytes,
        "session.name": lambda: vendor.session_name,
        "session.duration": lambda: vendor.session_duration,
        "role.path": lambda: vendor.role_path,
        "role.name": lambda: vendor.role_name,
        "parameters.external_id": lambda: vendor.parameters.external_id,
        "stack.name": lambda: vendor.stack.name,
        "stack.version": lambda: vendor.stack.version,
        "stack.blocks": lambda: vendor.stack.blocks,
        "dns.mail_from_subdomain": lambda: vendor.dns and vendor.dns.mail_from_subdomain,
        "dns.spf": lambda: vendor.dns and vendor.dns.spf,
        "dns.dmarc": lambda: vendor.dns and vendor.dns.dmarc,
    }
    return attribute[key]() if key in attribute else getattr(vendor, key)


GOOD = [
    ("webhooks.registration", "https://acme.example/stacks", "https://acme.example/stacks"),
    ("webhooks.registration", "", None),
    ("name", "a1", "a1"),
    ("title", "Acme & Söhne", "Acme & Söhne"),
    ("title", "42", "42"),
    ("aws.account_id", ACCOUNT, ACCOUNT),
    ("aws.account_id", "000000000123", "000000000123"),
    ("aws.account_id", f"'{ACCOUNT}'", ACCOUNT),
    ("aws.account_id", "", None),
    ("aws.account_id", "''", None),
    ("aws.role_arn", ROLE, ROLE),
    ("aws.role_arn", "arn:aws-us-gov:iam::123456789012:role/a/b/c", "arn:aws-us-gov:iam::123456789012:role/a/b/c"),
    ("aws.role_arn", "''", None),
    ("aws.principal", "role/mailer-*", "role/mailer-*"),
    ("aws.principal", "user/ops/m?iler", "user/ops/m?iler"),
    (
        "template_url",
        "https://b.s3.eu-west-1.amazonaws.com/k?versionId=1",
        "https://b.s3.eu-west-1.amazonaws.com/k?versionId=1",
    ),
    ("webhooks.inbound", "https://hooks.acme.test:8443/a?b=c", "https://hooks.acme.test:8443/a?b=c"),
    ("webhooks.sending", "https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
    ("webhooks.inline_limit", "0", 0),
    ("webhooks.inline_limit", "10485760", 10_485_760),
    ("webhook_secret", "parameter", SecretMode.PARAMETER),
    ("webhook_secret", "generated", SecretMode.GENERATED),
    ("external_id.prefix", "byoaws-acme:x/", "byoaws-acme:x/"),
    ("external_id.bytes", "612", 612),
    ("external_id.bytes", "'24'", 24),
    ("session.name", "acme@mail", "acme@mail"),
    ("session.name", "''", "acme"),
    ("session.duration", "43200", 43200),
    ("session.duration", "900", 900),
    ("role.path", "/", "/"),
    ("role.path", "/a/b-c/", "/a/b-c/"),
    ("role.path", "''", "/byoaws/acme/"),
    ("role.name", "SendFleet-BYOC-Role", "SendFleet-BYOC-Role"),
    ("role.name", "null", None),
    ("parameters.external_id", "X" * 255, "X" * 255),
    ("packs", "[self-read, ses-send]", ("self-read", "ses-send")),
    ("stack.name", "A" + "-" * 127, "A" + "-" * 127),
    ("stack.version", "10.0.21", "10.0.21"),
    ("stack.blocks", "[access]", ("access",)),
    ("probes", f"[{ALL_PROBES}, acme-probe]", (*REQUIRED_PROBES, "acme-probe")),
    ("dns.mail_from_subdomain", "bounce.mail", "bounce.mail"),
    ("dns.spf", "v=spf1 include:amazonses.com ~all", "v=spf1 include:amazonses.com ~all"),
    ("dns.dmarc", "v=DMARC1; p=quarantine; rua=mailto:d@acme.test", "v=DMARC1; p=quarantine; rua=mailto:d@acme.test"),
]


@pytest.mark.parametrize(("key", "written", "value"), GOOD, ids=lambda value: str(value)[:30])
def test_good_values(small: str, read: Callable[..., Vendor], key: str, written: str, value: object):
    assert value_of(read(changed(small, key, written)), key) == value


URL = "webhooks.inbound"
BAD = [
    ("webhooks.inline_limit", "10485761", "is more than 10485760 bytes (10 MiB)"),
    ("webhooks.inline_limit", "-1", "is not a whole number"),
    ("webhooks.inline_limit", "256k", "is not a whole number"),
    ("name", "a", "'a' is not a vendor name"),
    ("name", "1acme", "is not a vendor name"),
    ("name", "Acme", "is not a vendor name"),
    ("name", "acme/../x", "is not a vendor name"),
    ("name", "a" * 32, "is not a vendor name"),
    ("name", "", "has no value; expected text"),
    ("name", "[acme]", "is a list; expected text"),
    ("title", "'  '", "is not a title"),
    ("title", "x" * 101, "is not a title"),
    ("title", "{a: b}", "is a mapping; expected text"),
    ("aws", "acme", "'acme' is not keys with values"),
    ("aws", "", "has no value; expected keys with values"),
    ("aws.account_id", "12345678901", "'12345678901' is not an AWS account id: 12 digits"),
    ("aws.account_id", "0o12345678901", "is not an AWS account id"),
    ("aws.account_id", "1.23456789012e11", "is not an AWS account id"),
    ("aws.account_id", "1234_5678_9012", "is not an AWS account id"),
    ("aws.account_id", "'١٢٣٤٥٦٧٨٩٠١٢'", "is not an AWS account id"),
    ("aws.account_id", "'*'", "is not an AWS account id"),
    ("aws.role_arn", "mailer", "'mailer' is not an ARN; expected arn:aws:iam::123456789012:role/NAME"),
    ("aws.role_arn", "arn:aws:iam::123456789012:user/x", "is not the ARN of an IAM role"),
    ("aws.role_arn", "arn:aws:sts::123456789012:assumed-role/x/y", "is a session of a role, not the role itself"),
    ("aws.role_arn", "arn:aws:iam::123456789012:role/*/x", "has one of * ? $ { } in the role's path"),
    ("aws.role_arn", "arn:aws:iam::123456789012:role/*", "is not a role name AWS allows"),
    ("aws.principal", "mailer", "is not role/PATTERN or user/PATTERN"),
    ("aws.principal", "'*'", "is not role/PATTERN or user/PATTERN"),
    ("aws.principal", "role/", "is not role/PATTERN or user/PATTERN"),
    ("aws.principal", "role//x", "is not role/PATTERN or user/PATTERN"),
    ("aws.principal", "assumed-role/x/y", "is not role/PATTERN or user/PATTERN"),
    ("aws.principal", "role/$${AWS::Region}", "is not role/PATTERN or user/PATTERN"),
    ("template_url", "http://b.s3.amazonaws.com/k", "does not begin with https://"),
    ("template_url", "s3://bucket/key", "does not begin with https://"),
    (URL, "hooks", "does not begin with https://"),
    (URL, "https://", "has no valid host name"),
    (URL, "https:///path", "has no valid host name"),
    (URL, "https://-x.test", "has no valid host name"),
    (URL, "https://a..b/", "has no valid host name"),
    (URL, "https://[::1/", "is not a URL"),
    (URL, "https://h:99999/", "is not a URL"),
    (URL, "'https://h/#f'", "has a fragment"),
    (URL, "https://h/#", "has a fragment"),
    (URL, "https://h/a b", "is not a URL of at most"),
    (URL, "https://h/ü", "is not a URL of at most"),
    (URL, "'https://h\\x'", "has no valid host name"),
    (URL, "https://h/$${AWS::Region}", "is not a URL of at most"),
    (URL, "https://h/" + "x" * 2048, "is not a URL of at most"),
    (URL, "javascript:alert(1)", "does not begin with https://"),
    ("webhook_secret", "none", "the value given is not generated or parameter"),
    ("webhook_secret", "", "has no value; expected generated or parameter"),
    ("webhook_secret", "[parameter]", "is a list; expected generated or parameter"),
    ("external_id.prefix", "a b", "cannot begin an ExternalId"),
    ("external_id.prefix", "ä", "cannot begin an ExternalId"),
    ("external_id.bytes", "23", "'23' is too few"),
    ("external_id.bytes", "613", "'613' is too many"),
    ("external_id.bytes", "-24", "is not a whole number"),
    ("external_id.bytes", "24.0", "is not a whole number"),
    ("external_id.bytes", "030", "is not a whole number"),
    ("external_id.bytes", "0x30", "is not a whole number"),
    ("external_id.bytes", "'9999999999999999999999'", "is not a whole number"),
    ("external_id.bytes", "'٢٤'", "is not a whole number"),
    ("external_id.bytes", "[24]", "is a list; expected a whole number"),
    ("external_id.bytes", "", "has no value; expected a whole number"),
    ("session.name", "x", "is not a session name"),
    ("session.name", "a b", "is not a session name"),
    ("session.name", "x" * 65, "is not a session name"),
    ("session.duration", "899", "is not from 900 to 43200 seconds"),
    ("session.duration", "43201", "is not from 900 to 43200 seconds"),
    ("session.duration", "an hour", "is not a whole number"),
    ("role.path", "byoaws/", "is not a role path"),
    ("role.path", "/byoaws", "is not a role path"),
    ("role.path", "/a b/", "is not a role path"),
    ("role.path", "/" + "x" * 511 + "/", "is not a role path"),
    ("role.path", "'/*/'", "is not a role path"),
    ("role.path", "/$${AWS::Region}/", "is not a role path"),
    ("role.name", "a/b", "is not a role name"),
    ("role.name", "x" * 65, "is not a role name"),
    ("parameters.external_id", "External-Id", "is not a parameter name"),
    ("parameters.external_id", "X" * 256, "is not a parameter name"),
    ("parameters.webhook_secret", "a b", "the value given is not a parameter name"),
    ("parameters.sending_webhook_url", "ExternalId", "'ExternalId' is already the name of parameters.external_id"),
    ("packs", "[]", "is empty; name at least one pack"),
    ("packs", "ses-send", "'ses-send' is not a list"),
    ("packs", "", "has no value; expected a list"),
    ("packs", "[acme-probe]", "is not a pack; known: self-read, ses-send"),
    ("packs", "[../x]", "is not a pack"),
    ("packs", "[ses-send, ses-send]", "'ses-send' is named twice"),
    ("packs", "[[ses-send]]", "is a list; expected text"),
    ("packs", f"[{'x, ' * 101}]", "has 101 items; at most 100 make sense"),
    ("stack.name", "1x", "is not a stack name"),
    ("stack.name", "x" * 129, "is not a stack name"),
    ("stack.version", "1.0", "is not MAJOR.MINOR.PATCH"),
    ("stack.version", "1.0.0-rc.1", "is not MAJOR.MINOR.PATCH"),
    ("stack.version", "01.0.0", "is not MAJOR.MINOR.PATCH"),
    ("stack.blocks", "[sending, acces]", "'acces' is not a block; did you mean 'access'?"),
    ("probes", f"[{ALL_PROBES}, send]", "is asked by `byoaws verify --send` only"),
    ("probes", f"[{ALL_PROBES}, nonsense]", "'nonsense' is not a probe; known:"),
    ("dns", "mail", "'mail' is not keys with values"),
    ("dns.mail_from_subdomain", "Mail", "is not the part before the domain"),
    ("dns.mail_from_subdomain", "mail.", "is not the part before the domain"),
    ("dns.mail_from_subdomain", "a" * 64, "is not the part before the domain"),
    ("dns.spf", "include:amazonses.com", "is not an SPF record"),
    ("dns.spf", "v=spf10 ~all", "is not an SPF record"),
    ("dns.spf", "'v=spf1 \" ~all'", "is not an SPF record"),
    ("dns.dmarc", "p=none", "is not a DMARC record"),
    ("dns.dmarc", "v=DMARC1", "is not a DMARC record"),
    ("dns.dmarc", "v=DMARC1; p=maybe", "is not a DMARC record"),
    ("dns.dmarc", "v=DMARC1; p=none; p=reject", "is not a DMARC record"),
]


@pytest.mark.parametrize(("key", "written", "message"), BAD, ids=lambda value: str(value)[:30])
def test_bad_values(small: str, mistakes: Callable[..., list[str]], key: str, written: str, message: str):
    [problem] = mistakes(changed(small, key, written))
    line, where, told = problem.split(": ", 2)
    assert line.isdigit()
    assert where.partition("[")[0] == key
    assert message in told


@pytest.mark.parametrize("left_out", REQUIRED_PROBES)
def test_no_probe_that_makes_verified_true_can_be_left_out(
    small: str, mistakes: Callable[..., list[str]], left_out: str
):
    rest = [name for name in REQUIRED_PROBES if name != left_out]
    [problem] = mistakes(changed(small, "probes", f"[{', '.join(rest)}, trust-policy, ses-account, acme-probe]"))
    assert f"leaves out {left_out}, without which" in problem


@pytest.mark.parametrize("key", ["name", "title", "aws", "aws.account_id", "packs", "stack", "stack.name", "probes"])
def test_missing_keys(small: str, mistakes: Callable[..., list[str]], key: str):
    tree = yaml.safe_load(small)
    *groups, last = key.split(".")
    place = tree[groups[0]] if groups else tree
    del place[last]
    if not place:
        tree[groups[0]] = {"principal": "role/x"}
    [problem] = mistakes(yaml.safe_dump(tree, sort_keys=False))
    assert problem.endswith(f": {key}: is missing")


def test_defaults(small: str, read: Callable[..., Vendor]):
    vendor = read(small)
    assert vendor.account.account_id is None
    assert (vendor.webhook_secret, vendor.external_id_prefix, vendor.external_id_bytes) == (
        SecretMode.GENERATED,
        "",
        24,
    )
    assert (vendor.session_name, vendor.session_duration) == ("acme", 900)
    assert (vendor.role_name, vendor.role_path) == (None, "/byoaws/acme/")
    assert vendor.parameters == ParameterNames()
    assert (vendor.template_url, vendor.inbound_webhook_url, vendor.sending_webhook_url, vendor.dns) == (None,) * 4


def test_a_role_must_be_in_the_account(small: str, mistakes: Callable[..., list[str]], read: Callable[..., Vendor]):
    text = small.replace("packs:", f"  role_arn: {ROLE}\npacks:")
    assert read(text, {"ACME_ACCOUNT": ACCOUNT}).account.role_arn == ROLE
    assert read(text).account.account_id == ACCOUNT
    [problem] = mistakes(text, {"ACME_ACCOUNT": "999999999999"})
    assert problem == f"5: aws.role_arn: '{ROLE}' is not a role of the account that aws.account_id names, 999999999999"


def test_a_role_and_a_principal_contradict_each_other(small: str, mistakes: Callable[..., list[str]]):
    [problem] = mistakes(small.replace("packs:", f"  principal: role/x\n  role_arn: {ROLE}\npacks:"))
    assert problem.startswith("5: aws.principal: 'role/x' would be ignored")


def test_numbers_may_come_from_the_environment(small: str, read: Callable[..., Vendor]):
    text = small + "session:\n  duration: ${SECONDS:-900}\n"
    assert read(text).session_duration == 900
    assert read(text, {"SECONDS": "3600"}).session_duration == 3600


def test_a_prefix_and_its_bytes_fit_together(small: str, mistakes: Callable[..., list[str]]):
    [problem] = mistakes(small + f"external_id: {{prefix: {'p' * 1177}, bytes: 24}}")
    assert "external_id.bytes: '24' is too many" in problem


@pytest.mark.parametrize(
    ("blocks", "url", "found"),
    [
        (["access"], "https://acme.example/stacks", ("access", "registration")),
        (["registration", "access"], "https://acme.example/stacks", ("registration", "access")),
        (["access"], "", ("access",)),
        (["access", "registration"], "", ("access", "registration")),
    ],
    ids=["comes by itself", "named as well", "not wanted", "without a URL"],
)
def test_a_url_for_reports_brings_the_block_that_reports(
    small: str, read: Callable[..., Vendor], blocks: list[str], url: str, found: tuple[str, ...]
) -> None:
    text = changed(changed(small, "webhooks.registration", url), "stack.blocks", f"[{', '.join(blocks)}]")
    assert read(text).stack.blocks == found
