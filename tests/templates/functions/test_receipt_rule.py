"""The receipt rule's custom resource against an SES in memory: it joins, it never hijacks, and it always answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

OWN, RULE = "acme-1a2b3c4d", "acme-1a2b3c4d"
PROPERTIES = {
    "ServiceToken": "arn:aws:lambda:eu-west-1:444455556666:function:setup",
    "RuleSetName": OWN,
    "RuleName": RULE,
    "BucketName": "acme-mail",
    "ObjectKeyPrefix": "inbound/",
    "Recipients": ["example.com"],
}


@dataclass
class FakeSes:
    """What SES's receipt rules do, with its own error codes. `fail` makes an operation raise."""

    sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    active: str | None = None
    calls: list[str] = field(default_factory=list)
    fail: dict[str, Exception] = field(default_factory=dict)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What somebody else does just before an operation."""

    def _call(self, operation: str) -> None:
        self.calls.append(operation)
        self.before.pop(operation, lambda: None)()
        if operation in self.fail:
            raise self.fail[operation]

    def _rules(self, name: str) -> list[dict[str, Any]]:
        if name not in self.sets:
            raise error("RuleSetDoesNotExist", f"Rule set does not exist: {name}")
        return self.sets[name]

    def describe_active_receipt_rule_set(self) -> dict[str, Any]:
        self._call("DescribeActiveReceiptRuleSet")
        # SES answers with an empty body when none is active.
        return {"Metadata": {"Name": self.active}, "Rules": self.sets[self.active]} if self.active else {}

    def describe_receipt_rule_set(self, RuleSetName: str) -> dict[str, Any]:
        self._call("DescribeReceiptRuleSet")
        return {"Metadata": {"Name": RuleSetName}, "Rules": list(self._rules(RuleSetName))}

    def create_receipt_rule_set(self, RuleSetName: str) -> dict[str, Any]:
        self._call("CreateReceiptRuleSet")
        if RuleSetName in self.sets:
            raise error("AlreadyExists", f"Rule set already exists: {RuleSetName}")
        self.sets[RuleSetName] = []
        return {}

    def set_active_receipt_rule_set(self, RuleSetName: str | None = None) -> dict[str, Any]:
        self._call("SetActiveReceiptRuleSet")
        if RuleSetName is not None:
            self._rules(RuleSetName)
        self.active = RuleSetName
        return {}

    def create_receipt_rule(self, RuleSetName: str, Rule: dict[str, Any], After: str | None = None) -> dict[str, Any]:
        self._call("CreateReceiptRule")
        rules = self._rules(RuleSetName)
        names = [rule["Name"] for rule in rules]
        if Rule["Name"] in names:
            raise error("AlreadyExists", f"Rule already exists: {Rule['Name']}")
        rules.insert(names.index(After) + 1 if After else 0, Rule)
        return {}

    def update_receipt_rule(self, RuleSetName: str, Rule: dict[str, Any]) -> dict[str, Any]:
        self._call("UpdateReceiptRule")
        rules = self._rules(RuleSetName)
        index = [rule["Name"] for rule in rules].index(Rule["Name"])
        rules[index] = Rule
        return {}

    def delete_receipt_rule(self, RuleSetName: str, RuleName: str) -> dict[str, Any]:
        self._call("DeleteReceiptRule")
        rules = self._rules(RuleSetName)
        rules[:] = [rule for rule in rules if rule["Name"] != RuleName]
        return {}

    def delete_receipt_rule_set(self, RuleSetName: str) -> dict[str, Any]:
        self._call("DeleteReceiptRuleSet")
        if RuleSetName == self.active:
            raise error("CannotDelete", f"Cannot delete active rule set: {RuleSetName}")
        self.sets.pop(RuleSetName, None)
        return {}

    def names(self, rule_set: str) -> list[str]:
        return [rule["Name"] for rule in self.sets[rule_set]]


def error(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def theirs(*names: str) -> FakeSes:
    """An account whose own rule set is active."""
    return FakeSes(sets={"customer": [{"Name": name} for name in names]}, active="customer")


@pytest.fixture
def send(load: Callable[..., Any], receiver: Any) -> Callable[..., dict[str, Any]]:
    """Send one request to the handler, and return what CloudFormation is told."""

    def run(ses: FakeSes, kind: str, physical_id: str | None = None, **properties: Any) -> dict[str, Any]:
        event = {
            "RequestType": kind,
            "ResponseURL": f"{receiver.url}/answer?signature=x",
            "StackId": "arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1a2b3c4d",
            "RequestId": "request-1",
            "LogicalResourceId": "ReceiptRule",
            "ResourceProperties": {**PROPERTIES, **properties},
        }
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        load("receipt_rule", ses=ses).handler(event, None)
        (request,) = receiver.received
        receiver.received.clear()
        # The URL is signed for an empty content type.
        assert (request.method, request.path, request.headers["content-type"]) == ("PUT", "/answer?signature=x", "")
        assert len(request.body) <= 4096
        answer: dict[str, Any] = json.loads(request.body)
        assert {name: answer[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
            name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
        }
        assert answer["PhysicalResourceId"]
        return answer

    return run


def test_no_active_set_makes_and_activates_its_own(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    answer = send(ses, "Create")
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"] == f"own:{OWN}:{RULE}"
    assert answer["Data"]["Summary"] == f"rule set {OWN} (own), mail for example.com"
    assert ses.active == OWN
    assert ses.sets[OWN] == [
        {
            "Name": RULE,
            "Enabled": True,
            "ScanEnabled": True,
            "TlsPolicy": "Optional",
            "Recipients": ["example.com"],
            "Actions": [{"S3Action": {"BucketName": "acme-mail", "ObjectKeyPrefix": "inbound/"}}],
        }
    ]


def test_a_foreign_active_set_is_joined_at_its_end(send: Callable[..., dict[str, Any]]) -> None:
    ses = theirs("first", "last")
    answer = send(ses, "Create")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", f"joined:customer:{RULE}")
    assert ses.names("customer") == ["first", "last", RULE]
    assert ses.active == "customer"
    assert "SetActiveReceiptRuleSet" not in ses.calls
    assert OWN not in ses.sets


def test_an_empty_foreign_set_is_joined_too(send: Callable[..., dict[str, Any]]) -> None:
    ses = theirs()
    assert send(ses, "Create")["PhysicalResourceId"] == f"joined:customer:{RULE}"
    assert ses.names("customer") == [RULE]


@pytest.mark.parametrize("empty", [[], [""], [" "]], ids=["none", "as CloudFormation sends it", "blank"])
def test_without_recipients_a_joined_rule_catches_nobodys_mail(
    send: Callable[..., dict[str, Any]], empty: list[str]
) -> None:
    ses = theirs("first")
    answer = send(ses, "Create", Recipients=empty)
    # An empty list would mean every domain of the account, and so the customer's own mail.
    assert ses.sets["customer"][1]["Recipients"] == ["no-recipient-yet.invalid"]
    assert answer["Data"]["Summary"].endswith("mail for nobody yet: set InboundRecipients")


def test_without_recipients_an_own_set_takes_all_domains(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    answer = send(ses, "Create", Recipients=[""])
    assert ses.sets[OWN][0]["Recipients"] == []
    assert answer["Data"]["Summary"].endswith("mail for all verified domains")


def test_recipients_are_trimmed(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    send(ses, "Create", Recipients=[" a.example", "b.example "])
    assert ses.sets[OWN][0]["Recipients"] == ["a.example", "b.example"]


@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_a_request_that_comes_twice_changes_nothing(
    send: Callable[..., dict[str, Any]], account: Callable[[], FakeSes]
) -> None:
    ses = account()
    once = send(ses, "Create")
    sets, active = json.dumps(ses.sets), ses.active
    assert send(ses, "Create") == once
    assert (json.dumps(ses.sets), ses.active) == (sets, active)


@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_update_keeps_the_place_and_the_id(send: Callable[..., dict[str, Any]], account: Callable[[], FakeSes]) -> None:
    ses = account()
    created = send(ses, "Create")["PhysicalResourceId"]
    answer = send(ses, "Update", created, Recipients=["b.example"])
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", created)
    (rules,) = ses.sets.values()
    assert [rule["Recipients"] for rule in rules if rule["Name"] == RULE] == [["b.example"]]


def test_update_follows_the_active_set_and_cleans_up_behind(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    before = send(ses, "Create")["PhysicalResourceId"]
    ses.sets["customer"], ses.active = [], "customer"  # the customer has chosen a set of their own
    after = send(ses, "Update", before)["PhysicalResourceId"]
    assert after == f"joined:customer:{RULE}"
    assert send(ses, "Delete", before)["Status"] == "SUCCESS"  # as CloudFormation does when the id changes
    assert ses.sets == {"customer": [ses.sets["customer"][0]]}
    assert (ses.names("customer"), ses.active) == ([RULE], "customer")


def test_delete_of_an_own_set_leaves_nothing(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    send(ses, "Delete", send(ses, "Create")["PhysicalResourceId"])
    assert (ses.sets, ses.active) == ({}, None)


def test_delete_leaves_a_joined_set_as_it_was(send: Callable[..., dict[str, Any]]) -> None:
    ses = theirs("first", "last")
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.calls.clear()
    assert send(ses, "Delete", created)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == (theirs("first", "last").sets, "customer")
    assert set(ses.calls) == {"DeleteReceiptRule"}


def test_delete_keeps_an_own_set_that_the_customer_uses(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.sets[OWN].append({"Name": "the customer's"})
    assert send(ses, "Delete", created)["Status"] == "SUCCESS"
    assert (ses.names(OWN), ses.active) == (["the customer's"], OWN)


def test_delete_deactivates_no_set_but_its_own(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.sets["customer"], ses.active = [{"Name": "first"}], "customer"
    assert send(ses, "Delete", created)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == ({"customer": [{"Name": "first"}]}, "customer")


@pytest.mark.parametrize("physical_id", [f"own:{OWN}:{RULE}", "joined:gone:acme", "none", "acme-ReceiptRule-1ABC"])
def test_delete_of_what_is_gone_succeeds(send: Callable[..., dict[str, Any]], physical_id: str) -> None:
    ses = theirs("first")
    assert send(ses, "Delete", physical_id)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == (theirs("first").sets, "customer")


@pytest.mark.parametrize("physical_id", ["none", "acme-ReceiptRule-1ABC"], ids=["failed create", "no answer in time"])
@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_roll_back_of_a_create_that_was_never_heard_of(
    send: Callable[..., dict[str, Any]], physical_id: str, account: Callable[[], FakeSes]
) -> None:
    ses = account()
    send(ses, "Create")
    assert send(ses, "Delete", physical_id)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == (account().sets, account().active)


FAILURES = [
    error("AccessDenied", "not authorized to perform: ses:CreateReceiptRule"),
    error("LimitExceeded", "Too many rules"),
    error("InvalidS3Configuration", "Could not write to bucket: acme-mail"),
    error("Throttling", "Rate exceeded"),
    EndpointConnectionError(endpoint_url="https://email.eu-west-1.amazonaws.com"),
    KeyError("Rules"),
]
CREATE_CALLS = [
    "DescribeActiveReceiptRuleSet",
    "CreateReceiptRuleSet",
    "DescribeReceiptRuleSet",
    "CreateReceiptRule",
    "SetActiveReceiptRuleSet",
]
DELETE_CALLS = [
    "DeleteReceiptRule",
    "DescribeReceiptRuleSet",
    "DescribeActiveReceiptRuleSet",
    "SetActiveReceiptRuleSet",
    "DeleteReceiptRuleSet",
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__ + str(failure)[20:38])
@pytest.mark.parametrize("operation", CREATE_CALLS)
def test_a_failed_create_says_so_and_rolls_back_to_nothing(
    send: Callable[..., dict[str, Any]], operation: str, failure: Exception
) -> None:
    ses = FakeSes(fail={operation: failure})
    answer = send(ses, "Create")
    assert answer["Status"] == "FAILED"
    assert str(failure) in answer["Reason"]
    assert type(failure).__name__ in answer["Reason"]
    ses.fail.clear()
    assert send(ses, "Delete", answer["PhysicalResourceId"])["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == ({}, None)


@pytest.mark.parametrize("operation", DELETE_CALLS)
def test_a_failed_delete_says_so_and_can_be_repeated(send: Callable[..., dict[str, Any]], operation: str) -> None:
    """Were it called a success, the bucket's policy would go and the rule stay: mail would be turned away."""
    ses = FakeSes()
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.fail[operation] = error("AccessDenied", "not authorized")
    answer = send(ses, "Delete", created)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", created)
    assert "not authorized" in answer["Reason"]
    ses.fail.clear()
    assert send(ses, "Delete", created)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == ({}, None)


def test_a_failed_update_keeps_the_id(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.fail["UpdateReceiptRule"] = error("AccessDenied")
    answer = send(ses, "Update", created)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", created)


def test_a_set_that_becomes_active_meanwhile_is_not_pushed_aside(send: Callable[..., dict[str, Any]]) -> None:
    ses = FakeSes()

    def somebody_else() -> None:
        ses.sets["customer"], ses.active = [{"Name": "first"}], "customer"

    ses.before["CreateReceiptRule"] = somebody_else
    answer = send(ses, "Create")
    assert answer["Status"] == "FAILED"
    assert "rule set 'customer' became active meanwhile" in answer["Reason"]
    assert ses.active == "customer"
    send(ses, "Delete", answer["PhysicalResourceId"])
    assert (ses.sets, ses.active) == ({"customer": [{"Name": "first"}]}, "customer")


def test_an_answer_of_ses_that_was_lost_does_not_fail_the_stack(send: Callable[..., dict[str, Any]]) -> None:
    """botocore repeats a call whose answer was lost; SES then says that the rule exists."""
    ses = theirs("first")
    ses.before["CreateReceiptRule"] = lambda: ses.sets["customer"].append({"Name": RULE})
    assert send(ses, "Create")["Status"] == "SUCCESS"
    assert ses.names("customer") == ["first", RULE]
    assert ses.sets["customer"][1]["Recipients"] == ["example.com"]


@pytest.mark.parametrize("missing", ["RuleSetName", "RuleName", "BucketName", "ObjectKeyPrefix"])
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_even_a_request_without_its_properties_is_answered(
    load: Callable[..., Any], receiver: Any, missing: str, kind: str
) -> None:
    properties = {name: value for name, value in PROPERTIES.items() if name != missing}
    event = {
        "RequestType": kind,
        "ResponseURL": receiver.url,
        "StackId": "s",
        "RequestId": "r",
        "LogicalResourceId": "l",
        "ResourceProperties": properties,
    }
    load("receipt_rule", ses=FakeSes()).handler(event, None)
    answer = json.loads(receiver.received[0].body)
    assert (answer["Status"], answer["Reason"]) == ("FAILED", f"KeyError: '{missing}'")


@pytest.mark.parametrize("letter", ["x", "ä", "\U0001f4e7", "\n"], ids=["ascii", "latin", "astral", "control"])
def test_an_answer_is_never_longer_than_cloudformation_reads(send: Callable[..., dict[str, Any]], letter: str) -> None:
    ses = FakeSes(fail={"CreateReceiptRuleSet": error("X", letter * 9000)})
    assert send(ses, "Create")["Status"] == "FAILED"  # `send` looks at the length
    recipients = [f"{letter * 60}{number}.example" for number in range(100)]
    answer = send(FakeSes(), "Create", Recipients=recipients)
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["Summary"].endswith(" and 97 more")


def test_answering_is_tried_again(send: Callable[..., dict[str, Any]], receiver: Any, load: Callable[..., Any]) -> None:
    receiver.answers[:] = [503, 500]
    module = load("receipt_rule", ses=FakeSes())
    event = {"ResponseURL": receiver.url, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    module.answer(event, "SUCCESS", "", "own:a:b", {})
    assert len({request.body for request in receiver.received}) == 1
    assert len(receiver.received) == 3


def test_an_answer_that_cannot_be_given_is_an_error_so_that_lambda_calls_again(
    receiver: Any, load: Callable[..., Any]
) -> None:
    receiver.answers[:] = [503, 503, 503]
    event = {"ResponseURL": receiver.url, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    with pytest.raises(RuntimeError, match="CloudFormation could not be answered"):
        load("receipt_rule", ses=FakeSes()).answer(event, "SUCCESS", "", "own:a:b", {})


def test_calls_that_change_something_keep_to_one_a_second(load: Callable[..., Any], receiver: Any) -> None:
    ses = FakeSes()
    module = load("receipt_rule", ses=ses)
    module.apply(ses, PROPERTIES)
    written = [call for call in ses.calls if not call.startswith("Describe")]
    assert written == ["CreateReceiptRuleSet", "CreateReceiptRule", "SetActiveReceiptRuleSet"]
    assert module.pauses == [module.PAUSE] * 2
    assert module.PAUSE > 1
