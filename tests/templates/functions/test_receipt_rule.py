"""The receipt rule's custom resource against an SES in memory: it joins, it never hijacks, and it always answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

OWN = RULE = "acme-1a2b3c4d"
STACK = "arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1a2b3c4d"
PROPERTIES = {
    "ServiceToken": "arn:aws:lambda:eu-west-1:444455556666:function:setup",
    "RuleName": RULE,
    "BucketName": "acme-mail",
    "ObjectKeyPrefix": "inbound/",
    "Recipients": ["example.com"],
}
SETTINGS = {"NAME": OWN, "BUCKET": "acme-mail", "PREFIX": "inbound/"}


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

    def list_receipt_rule_sets(self) -> dict[str, Any]:
        self._call("ListReceiptRuleSets")
        return {"RuleSets": [{"Name": name} for name in self.sets]}

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


@dataclass
class FakeCloudFormation:
    """What the stack's own state is, request by request; the last one stays."""

    states: list[str | Exception] = field(default_factory=lambda: ["CREATE_IN_PROGRESS"])

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        assert StackName == STACK
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return {"Stacks": [{"StackStatus": state}]}


@dataclass
class Context:
    """What Lambda hands in beside the event."""

    seconds: float = 180.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def error(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def theirs(*names: str) -> FakeSes:
    """An account whose own rule set is active."""
    return FakeSes(sets={"customer": [{"Name": name} for name in names]}, active="customer")


Send = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def ask(load: Callable[..., Any], receiver: Any) -> Send:
    """Hand an event to the handler as it is, and return what CloudFormation is told."""

    def run(
        event: dict[str, Any], ses: Any, *, seconds: float = 180.0, states: tuple[str | Exception, ...] = ()
    ) -> dict[str, Any]:
        cloudformation = FakeCloudFormation([*states] or ["CREATE_IN_PROGRESS"])
        module = load("receipt_rule", ses=ses, cloudformation=cloudformation)
        module.handler({"ResponseURL": f"{receiver.url}/answer?signature=x", **event}, Context(seconds))
        (request,) = receiver.received
        receiver.received.clear()
        # The URL is signed for an empty content type.
        assert (request.method, request.path, request.headers["content-type"]) == ("PUT", "/answer?signature=x", "")
        assert len(request.body) <= 4096
        answer: dict[str, Any] = json.loads(request.body)
        assert {name: answer[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
            name: event.get(name) for name in ("StackId", "RequestId", "LogicalResourceId")
        }
        assert answer["PhysicalResourceId"]
        return answer

    return run


@pytest.fixture
def send(ask: Send) -> Send:
    """Send one request to the handler, and return what CloudFormation is told."""

    def run(
        ses: Any,
        kind: str,
        physical_id: str | None = None,
        *,
        states: tuple[str | Exception, ...] = (),
        seconds: float = 180.0,
        **properties: Any,
    ) -> dict[str, Any]:
        event = {
            "RequestType": kind,
            "StackId": STACK,
            "RequestId": "request-1",
            "LogicalResourceId": "ReceiptRule",
            "ResourceProperties": {**PROPERTIES, **properties},
        }
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        return ask(event, ses, states=states, seconds=seconds)

    return run


def test_no_active_set_makes_and_activates_its_own(send: Send) -> None:
    ses = FakeSes()
    answer = send(ses, "Create")
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"] == "receipt-rule"
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


def test_a_foreign_active_set_is_joined_at_its_end(send: Send) -> None:
    ses = theirs("first", "last")
    answer = send(ses, "Create")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "receipt-rule")
    assert ses.names("customer") == ["first", "last", RULE]
    assert ses.active == "customer"
    assert "SetActiveReceiptRuleSet" not in ses.calls
    assert OWN not in ses.sets


def test_an_empty_foreign_set_is_joined_too(send: Send) -> None:
    ses = theirs()
    assert send(ses, "Create")["Data"]["Mode"] == "joined"
    assert ses.names("customer") == [RULE]


@pytest.mark.parametrize("empty", [[], [""], [" "]], ids=["none", "as CloudFormation sends it", "blank"])
def test_without_recipients_a_joined_rule_catches_nobodys_mail(send: Send, empty: list[str]) -> None:
    ses = theirs("first")
    answer = send(ses, "Create", Recipients=empty)
    # An empty list would mean every domain of the account, and so the customer's own mail.
    assert ses.sets["customer"][1]["Recipients"] == ["no-recipient-yet.invalid"]
    assert answer["Data"]["Summary"].endswith("mail for nobody yet: set InboundRecipients")


def test_without_recipients_an_own_set_takes_all_domains(send: Send) -> None:
    ses = FakeSes()
    answer = send(ses, "Create", Recipients=[""])
    assert ses.sets[OWN][0]["Recipients"] == []
    assert answer["Data"]["Summary"].endswith("mail for all verified domains")


def test_recipients_are_trimmed(send: Send) -> None:
    ses = FakeSes()
    send(ses, "Create", Recipients=[" a.example", "b.example "])
    assert ses.sets[OWN][0]["Recipients"] == ["a.example", "b.example"]


@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_a_request_that_comes_twice_changes_nothing(send: Send, account: Callable[[], FakeSes]) -> None:
    ses = account()
    once = send(ses, "Create")
    sets, active = json.dumps(ses.sets), ses.active
    assert send(ses, "Create") == once
    assert (json.dumps(ses.sets), ses.active) == (sets, active)


@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_update_keeps_the_place_and_the_id(send: Send, account: Callable[[], FakeSes]) -> None:
    ses = account()
    created = send(ses, "Create")["PhysicalResourceId"]
    answer = send(ses, "Update", created, Recipients=["b.example"])
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", created)
    (rules,) = ses.sets.values()
    assert [rule["Recipients"] for rule in rules if rule["Name"] == RULE] == [["b.example"]]


@pytest.mark.parametrize("physical_id", ["receipt-rule", f"own:{OWN}:{RULE}"], ids=["ours", "of an older template"])
def test_update_follows_the_active_set_and_cleans_up_behind(send: Send, physical_id: str) -> None:
    ses = FakeSes()
    send(ses, "Create")
    ses.sets["customer"], ses.active = [{"Name": "first"}], "customer"  # the customer has chosen a set of their own
    answer = send(ses, "Update", physical_id)
    # With another id CloudFormation would have "the old one" deleted, which has the same name.
    assert answer["PhysicalResourceId"] == physical_id
    assert answer["Data"]["Mode"] == "joined"
    assert {name: ses.names(name) for name in ses.sets} == {"customer": ["first", RULE]}
    assert ses.active == "customer"


def test_update_makes_its_own_set_where_the_joined_one_is_active_no_more(send: Send) -> None:
    ses = theirs("first")
    send(ses, "Create")
    ses.active = None
    assert send(ses, "Update", "receipt-rule")["Data"]["Mode"] == "own"
    assert {name: ses.names(name) for name in ses.sets} == {"customer": ["first"], OWN: [RULE]}
    assert ses.active == OWN


def test_update_says_what_it_could_not_clean_up(send: Send) -> None:
    ses = theirs("first")
    send(ses, "Create")
    ses.active = None
    ses.fail["DeleteReceiptRule"] = error("AccessDenied", "not authorized")
    answer = send(ses, "Update", "receipt-rule")
    assert answer["Status"] == "SUCCESS"
    assert f"left behind: rule '{RULE}' in rule set 'customer'" in answer["Data"]["Summary"]
    assert not ses.sets["customer"][1]["Enabled"]


def test_delete_of_an_own_set_leaves_nothing(send: Send) -> None:
    ses = FakeSes()
    send(ses, "Delete", send(ses, "Create")["PhysicalResourceId"])
    assert (ses.sets, ses.active) == ({}, None)


def test_delete_leaves_a_joined_set_as_it_was(send: Send) -> None:
    ses = theirs("first", "last")
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.calls.clear()
    assert send(ses, "Delete", created)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == (theirs("first", "last").sets, "customer")
    assert [call for call in ses.calls if not call.startswith(("Describe", "List"))] == ["DeleteReceiptRule"]


def renamed(ses: FakeSes) -> None:
    """SES has no other way: a copy, which has our rule as well, is made active, and the first one deleted."""
    ses.sets["renamed"], ses.active = ses.sets.pop(ses.active or ""), "renamed"


def moved(ses: FakeSes) -> None:
    ses.sets["customer"].reverse()


def deactivated(ses: FakeSes) -> None:
    ses.active = None


def replaced(ses: FakeSes) -> None:
    ses.sets["other"], ses.active = [{"Name": "another"}], "other"


def copied(ses: FakeSes) -> None:
    ses.sets["copy"] = list(ses.sets["customer"])


def emptied(ses: FakeSes) -> None:
    ses.sets["customer"] = []


def deleted(ses: FakeSes) -> None:
    ses.sets, ses.active = {}, None


@pytest.mark.parametrize(
    "physical_id", ["receipt-rule", f"joined:customer:{RULE}"], ids=["ours", "of an older template"]
)
@pytest.mark.parametrize(
    "change", [renamed, moved, deactivated, replaced, copied, emptied, deleted], ids=lambda change: change.__name__
)
def test_whatever_the_customer_did_with_the_joined_set_nothing_of_ours_is_left(
    send: Send, change: Callable[[FakeSes], None], physical_id: str
) -> None:
    ses, without = theirs("first", "last"), theirs("first", "last")
    send(ses, "Create")
    for account in (ses, without):
        change(account)
    assert send(ses, "Delete", physical_id)["Reason"] == "done"
    assert (ses.sets, ses.active) == (without.sets, without.active)


def test_a_copy_of_our_own_set_loses_our_rule_and_nothing_else(send: Send) -> None:
    ses = FakeSes()
    send(ses, "Create")
    ses.sets["copy"], ses.active = [*ses.sets[OWN], {"Name": "theirs"}], "copy"
    assert send(ses, "Delete", "receipt-rule")["Reason"] == "done"
    assert (ses.sets, ses.active) == ({"copy": [{"Name": "theirs"}]}, "copy")


@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_a_delete_that_comes_twice_changes_nothing_more(send: Send, account: Callable[[], FakeSes]) -> None:
    ses = account()
    send(ses, "Create")
    assert [send(ses, "Delete", "receipt-rule")["Reason"] for _ in range(2)] == ["done", "done"]
    assert (ses.sets, ses.active) == (account().sets, account().active)


GONE = error("ValidationError", "Stack with id acme does not exist")


@pytest.mark.parametrize("state", ["DELETE_IN_PROGRESS", "DELETE_COMPLETE", "ROLLBACK_IN_PROGRESS", GONE], ids=str)
@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_a_request_that_comes_after_the_delete_makes_nothing(
    send: Send, account: Callable[[], FakeSes], kind: str, state: str | Exception
) -> None:
    ses = account()
    answer = send(ses, kind, states=(state,))
    assert (answer["Status"], answer["Reason"]) == (
        "FAILED",
        "RuntimeError: the stack is being deleted, so no rule was made",
    )
    assert (ses.sets, ses.active) == (account().sets, account().active)


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_a_request_that_the_delete_overtakes_takes_back_what_it_made(
    send: Send, account: Callable[[], FakeSes], kind: str
) -> None:
    ses = account()
    answer = send(ses, kind, states=("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"))
    assert answer["Status"] == "FAILED"
    assert "taken out again" in answer["Reason"]
    assert (ses.sets, ses.active) == (account().sets, account().active)


def test_an_update_is_wanted_while_another_is_rolled_back_and_a_create_is_not(send: Send) -> None:
    states = ("UPDATE_ROLLBACK_IN_PROGRESS",)
    assert send(FakeSes(), "Update", "receipt-rule", states=states)["Status"] == "SUCCESS"
    assert send(FakeSes(), "Create", states=states)["Status"] == "FAILED"


@pytest.mark.parametrize(
    "trouble",
    [error("AccessDenied"), error("Throttling"), EndpointConnectionError(endpoint_url="https://cloudformation")],
    ids=["denied", "busy", "no answer"],
)
def test_where_the_stack_cannot_be_asked_the_rule_is_made(send: Send, trouble: Exception) -> None:
    assert send(FakeSes(), "Create", states=(trouble,))["Status"] == "SUCCESS"


def test_delete_keeps_an_own_set_that_the_customer_uses(send: Send) -> None:
    ses = FakeSes()
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.sets[OWN].append({"Name": "the customer's"})
    assert send(ses, "Delete", created)["Status"] == "SUCCESS"
    assert (ses.names(OWN), ses.active) == (["the customer's"], OWN)


def test_delete_deactivates_no_set_but_its_own(send: Send) -> None:
    ses = FakeSes()
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.sets["customer"], ses.active = [{"Name": "first"}], "customer"
    assert send(ses, "Delete", created)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == ({"customer": [{"Name": "first"}]}, "customer")


@pytest.mark.parametrize("physical_id", [f"own:{OWN}:{RULE}", "joined:gone:acme", "none", "acme-ReceiptRule-1ABC"])
def test_delete_of_what_is_gone_succeeds(send: Send, physical_id: str) -> None:
    ses = theirs("first")
    assert send(ses, "Delete", physical_id)["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == (theirs("first").sets, "customer")


@pytest.mark.parametrize("physical_id", ["none", "acme-ReceiptRule-1ABC"], ids=["failed create", "no answer in time"])
@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_roll_back_of_a_create_that_was_never_heard_of(
    send: Send, physical_id: str, account: Callable[[], FakeSes]
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
def test_a_failed_create_says_so_and_rolls_back_to_nothing(send: Send, operation: str, failure: Exception) -> None:
    ses = FakeSes(fail={operation: failure})
    answer = send(ses, "Create")
    assert answer["Status"] == "FAILED"
    assert str(failure) in answer["Reason"]
    assert type(failure).__name__ in answer["Reason"]
    ses.fail.clear()
    assert send(ses, "Delete", answer["PhysicalResourceId"])["Status"] == "SUCCESS"
    assert (ses.sets, ses.active) == ({}, None)


@pytest.mark.parametrize("failure", FAILURES[:-1], ids=lambda failure: type(failure).__name__ + str(failure)[20:38])
@pytest.mark.parametrize("operation", DELETE_CALLS)
@pytest.mark.parametrize("account", [FakeSes, lambda: theirs("first")], ids=["own", "joined"])
def test_a_delete_is_never_refused_and_says_what_is_left(
    send: Send, operation: str, failure: Exception, account: Callable[[], FakeSes]
) -> None:
    ses = account()
    send(ses, "Create")
    ses.fail[operation] = failure
    answer = send(ses, "Delete", "receipt-rule")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "receipt-rule")
    assert ses.sets == account().sets or "left behind: " in answer["Reason"]
    ours = [rule for rules in ses.sets.values() for rule in rules if rule["Name"] == RULE]
    switched_off = [rule for rule in ours if not rule["Enabled"]]
    assert ours == switched_off or operation == "DescribeReceiptRuleSet"
    # Whoever asks again, by hand or by CloudFormation, ends what was begun.
    ses.fail.clear()
    assert send(ses, "Delete", "receipt-rule")["Reason"] == "done"
    assert (ses.sets, ses.active) == (account().sets, account().active)


def test_where_ses_lets_nothing_be_done_a_delete_still_is_none_of_its_business(send: Send) -> None:
    ses = theirs("first")
    send(ses, "Create")
    for operation in {*CREATE_CALLS, *DELETE_CALLS, "UpdateReceiptRule", "ListReceiptRuleSets"}:
        ses.fail[operation] = error("AccessDenied", "explicit deny in a service control policy")
    answer = send(ses, "Delete", "receipt-rule")
    assert answer["Status"] == "SUCCESS"
    assert "service control policy" in answer["Reason"]


def test_what_is_left_can_be_found_by_what_is_said_of_it(send: Send) -> None:
    ses = theirs("first")
    send(ses, "Create")
    ses.fail |= {name: error("AccessDenied", "no") for name in ("DeleteReceiptRule", "UpdateReceiptRule")}
    answer = send(ses, "Delete", "receipt-rule")
    assert answer["Reason"].startswith(f"left behind: rule '{RULE}' in rule set 'customer' (")


def test_an_unknown_client_is_no_reason_to_block_a_delete(ask: Send) -> None:
    """Whatever goes wrong: here the library itself."""
    event = {"RequestType": "Delete", "StackId": STACK, "ResourceProperties": PROPERTIES}
    answer = ask(event, None)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "receipt-rule")
    assert answer["Reason"].startswith("AttributeError")


def test_a_failed_update_keeps_the_id(send: Send) -> None:
    ses = FakeSes()
    created = send(ses, "Create")["PhysicalResourceId"]
    ses.fail["UpdateReceiptRule"] = error("AccessDenied")
    answer = send(ses, "Update", created, Recipients=["b.example"])
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", created)


def test_a_set_that_becomes_active_meanwhile_is_not_pushed_aside(send: Send) -> None:
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


def test_an_answer_of_ses_that_was_lost_does_not_fail_the_stack(send: Send) -> None:
    """botocore repeats a call whose answer was lost; SES then says that the rule exists."""
    ses = theirs("first")
    ses.before["CreateReceiptRule"] = lambda: ses.sets["customer"].append({"Name": RULE})
    assert send(ses, "Create")["Status"] == "SUCCESS"
    assert ses.names("customer") == ["first", RULE]
    assert ses.sets["customer"][1]["Recipients"] == ["example.com"]


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_even_a_request_without_its_properties_is_answered(ask: Send, kind: str) -> None:
    properties = {name: value for name, value in PROPERTIES.items() if name != "Recipients"}
    ses = FakeSes()
    answer = ask({"RequestType": kind, "StackId": STACK, "ResourceProperties": properties}, ses)
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "KeyError: 'Recipients'")
    assert not any(ses.sets.values())


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_without_its_settings_it_makes_nothing(
    send: Send, monkeypatch: pytest.MonkeyPatch, kind: str, setting: str
) -> None:
    monkeypatch.delenv(setting)
    ses = theirs("first")
    assert send(ses, kind)["Status"] == "FAILED"
    assert ses.sets == theirs("first").sets


FORGED = {
    "RuleSetName": "customer", "RuleName": "first", "Name": "first", "NAME": "first",
    "BucketName": "a-strangers", "ObjectKeyPrefix": "",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["Update", "Delete"])
@pytest.mark.parametrize("name", [*FORGED, None])
def test_a_request_that_somebody_made_up_touches_no_rule_of_others(send: Send, kind: str, name: str | None) -> None:
    """Whoever may call the function may not therefore change the account's rules, or have its mail sent elsewhere."""
    ses = theirs("first", "last")
    ses.sets["another"] = []
    send(ses, "Create")
    before = json.loads(json.dumps(ses.sets["customer"]))
    send(ses, kind, **(FORGED if name is None else {name: FORGED[name]}))
    kept = before if kind == "Update" else before[:2]
    assert (ses.sets, ses.active) == ({"customer": kept, "another": []}, "customer")


def test_a_late_deletion_takes_nothing_that_was_made_since(send: Send) -> None:
    ses = FakeSes()
    send(ses, "Create")
    send(ses, "Delete", "receipt-rule")
    ses.sets |= {"customer": [{"Name": "first"}], "acme-9z": [{"Name": "acme-9z"}]}
    ses.active = "customer"
    before = json.loads(json.dumps(ses.sets))
    for forged in ({}, FORGED, {"RuleSetName": "acme-9z", "RuleName": "acme-9z"}):
        assert send(ses, "Delete", "receipt-rule", **forged)["Reason"] == "done"
    assert (ses.sets, ses.active) == (before, "customer")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"RequestType": "Create"},
        {"RequestType": "Refresh", "ResourceProperties": PROPERTIES},
        {"RequestType": None, "ResourceProperties": PROPERTIES},
        {"RequestType": "Create", "StackId": STACK, "ResourceProperties": None},
        {"RequestType": "Create", "StackId": STACK, "ResourceProperties": []},
        {"RequestType": "Create", "StackId": STACK, "ResourceProperties": {**PROPERTIES, "Recipients": "a.example"}},
        {"RequestType": "Create", "StackId": STACK, "ResourceProperties": {**PROPERTIES, "Recipients": [1]}},
    ],
    ids=["nothing", "no properties", "unknown", "no type", "null", "a list", "text for a list", "numbers"],
)
def test_a_malformed_request_is_answered_and_makes_nothing(ask: Send, event: dict[str, Any]) -> None:
    ses = FakeSes()
    answer = ask(event, ses)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] != "done"
    assert (ses.sets, ses.active) == ({}, None)


@pytest.mark.parametrize("properties", [None, [], {}, "x"], ids=str)
def test_a_malformed_delete_is_let_pass(ask: Send, properties: Any) -> None:
    ses = theirs("first")
    answer = ask({"RequestType": "Delete", "StackId": STACK, "ResourceProperties": properties}, ses)
    assert answer["Status"] == "SUCCESS"
    assert ses.sets == theirs("first").sets


@pytest.mark.parametrize(("kind", "status"), [("Create", "FAILED"), ("Update", "FAILED"), ("Delete", "SUCCESS")])
def test_near_the_end_of_its_time_it_answers_rather_than_calls(send: Send, kind: str, status: str) -> None:
    ses = theirs("first")
    answer = send(ses, kind, seconds=55)
    assert (answer["Status"], ses.calls) == (status, [])
    assert "no time was left for describe_active_receipt_rule_set" in answer["Reason"]


def test_a_busy_ses_is_asked_again_at_growing_distance(load: Callable[..., Any]) -> None:
    ses = FakeSes(fail={"ListReceiptRuleSets": error("Throttling", "Rate exceeded")})
    module = load("receipt_rule", ses=ses)
    call = module.at_pace(ses, module.time.monotonic() + 100)
    with pytest.raises(ClientError, match="Rate exceeded"):
        call("list_receipt_rule_sets")
    assert ses.calls == ["ListReceiptRuleSets"] * 4
    assert [round(pause, 1) for pause in module.pauses] == [0, 1.1, 2.2, 3.3]


@pytest.mark.parametrize("letter", ["x", "ä", "\U0001f4e7", "\n"], ids=["ascii", "latin", "astral", "control"])
def test_an_answer_is_never_longer_than_cloudformation_reads(send: Send, letter: str) -> None:
    ses = FakeSes(fail={"CreateReceiptRuleSet": error("X", letter * 9000)})
    assert send(ses, "Create")["Status"] == "FAILED"  # `send` looks at the length
    assert send(FakeSes(fail={"DeleteReceiptRuleSet": error("X", letter * 9000)}), "Delete")["Status"] == "SUCCESS"
    recipients = [f"{letter * 60}{number}.example" for number in range(100)]
    answer = send(FakeSes(), "Create", Recipients=recipients)
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["Summary"].endswith(" and 97 more")


def test_answering_is_tried_again(send: Send, receiver: Any, load: Callable[..., Any]) -> None:
    receiver.answers[:] = [503, 500]
    module = load("receipt_rule", ses=FakeSes())
    event = {"ResponseURL": receiver.url, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    module.answer(event, "SUCCESS", "", "receipt-rule", {}, module.time.monotonic() + 100)
    assert len({request.body for request in receiver.received}) == 1
    assert len(receiver.received) == 3


def test_an_answer_that_cannot_be_given_is_an_error_so_that_lambda_calls_again(
    receiver: Any, load: Callable[..., Any]
) -> None:
    receiver.answers[:] = [503, 503, 503]
    event = {"ResponseURL": receiver.url, "StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    module = load("receipt_rule", ses=FakeSes())
    with pytest.raises(RuntimeError, match="CloudFormation could not be answered"):
        module.answer(event, "SUCCESS", "", "receipt-rule", {}, module.time.monotonic() + 100)


def test_each_operation_keeps_to_one_a_second(load: Callable[..., Any]) -> None:
    ses = FakeSes()
    module = load("receipt_rule", ses=ses)
    module.apply(module.at_pace(ses, module.time.monotonic() + 100), OWN, ["example.com"])
    assert [call for call in ses.calls if not call.startswith("Describe")] == [
        "CreateReceiptRuleSet",
        "CreateReceiptRule",
        "SetActiveReceiptRuleSet",
    ]
    assert ses.calls.count("DescribeActiveReceiptRuleSet") == 2
    # The second look at the active set is the one call that is repeated.
    assert [round(pause, 1) for pause in module.pauses if pause] == [1.1]
    assert module.PAUSE > 1
