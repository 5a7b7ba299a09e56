"""Which pipelines pass on mail for anybody: every way to forget for whom the mail is."""

import pytest

from byoaws.flows.vendor.open_relay import open_relays
from byoaws.mail_manager.section import read_pipeline
from byoaws.pipeline import Pipeline
from byoaws.vendors.document import parse

SECTION = """
mail_manager:
  parameters:
    OurRecipients: {{description: "Whom we take mail for, separated by commas"}}
  ingress_points:
    public: {{type: {type}, tls_policy: required, traffic_policy: guard, rule_set: main{more}}}
  traffic_policies:
    guard: {{default_action: {default}, statements: [{statements}]}}
  rule_sets:
    main: [{{name: pass, {rule}actions: [{action}]}}]
  relays:
    partner: {{server_name: mail.example.net, server_port: 25, authentication: no_authentication}}
  address_lists:
    ours: {{}}
"""
RECIPIENTS = "{recipient: inbound-recipients}"


def pipeline(
    *,
    type: str = "open",
    more: str = "",
    default: str = "deny",
    statements: str = f"{{allow: [{RECIPIENTS}]}}",
    rule: str = "",
    action: str = "{relay: {relay: partner}}",
) -> Pipeline:
    text = SECTION.format(type=type, more=more, default=default, statements=statements, rule=rule, action=action)
    if "OurRecipients}" not in text:
        text = text.replace('    OurRecipients: {description: "Whom we take mail for, separated by commas"}\n', "")
        text = text.replace("  parameters:\n", "")
    document = parse(text)
    found = read_pipeline(document, lambda path: path)
    assert document.problems == []
    assert found is not None
    return found


OPEN = {
    "all is let in": pipeline(default="allow", statements=""),
    "all networks": pipeline(statements='{allow: [{sender_ip: {cidr_matches: ["0.0.0.0/0"]}}]}'),
    "over TLS": pipeline(statements="{allow: [{tls_protocol: {minimum_tls_version: 1.2}}]}"),
    "but for one": pipeline(statements='{allow: [{recipient: {not_equals: ["a@example.com"]}}]}'),
    "a beginning": pipeline(statements="{allow: [{recipient: {starts_with: [info]}}]}"),
    "the end of strangers' domains": pipeline(statements="{allow: [{recipient: {ends_with: [example.com]}}]}"),
    "one statement of two": pipeline(
        statements=f"{{allow: [{RECIPIENTS}]}}, {{allow: [{{tls_protocol: {{is: 1.3}}}}]}}"
    ),
    "sent on": pipeline(default="allow", statements="", action="send"),
    "a condition that says nothing of recipients": pipeline(
        default="allow", statements="", rule='conditions: [{subject: {contains: ["hello"]}}], '
    ),
    "unless": pipeline(default="allow", statements="", rule='unless: [{recipient: {ends_with: ["@example.com"]}}], '),
}
CLOSED = {
    "the customer's recipients": pipeline(),
    "addresses": pipeline(statements='{allow: [{recipient: {equals: ["a@example.com"]}}]}'),
    "a domain": pipeline(statements='{allow: [{recipient: {ends_with: ["@example.com"]}}]}'),
    "a parameter": pipeline(statements="{allow: [{recipient: {equals: {parameter: OurRecipients}}}]}"),
    "a list": pipeline(statements="{allow: [{recipient: {in_address_list: ours}}]}"),
    "further conditions": pipeline(statements=f"{{allow: [{{tls_protocol: {{is: 1.3}}}}, {RECIPIENTS}]}}"),
    "by the rule": pipeline(
        default="allow", statements="", rule='conditions: [{recipient: {ends_with: ["@example.com"]}}], '
    ),
    "nothing is passed on": pipeline(default="allow", statements="", action="drop"),
}


@pytest.mark.parametrize("found", OPEN.values(), ids=OPEN.keys())
def test_an_open_relay_is_seen(found: Pipeline) -> None:
    assert list(open_relays(found)) == [("public", "main")]


@pytest.mark.parametrize("found", CLOSED.values(), ids=CLOSED.keys())
def test_what_passes_on_its_own_mail_is_none(found: Pipeline) -> None:
    assert list(open_relays(found)) == []
