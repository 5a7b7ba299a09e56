"""Each subject of a drift: what was changed by hand is found there and nowhere else, and what is not, is not."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.errors import NotFound
from byoaws.lifecycle.drift import Held
from byoaws.lifecycle.port import READING

Change = Callable[[Any, Any], None]


def differing(looked: Any) -> dict[tuple[str, str], str]:
    return {key: " ".join(row.details) for key, row in looked.rows().items() if row.held is not Held.SAME}


@pytest.mark.parametrize("stack", ["mailmark", "mail_manager"])
def test_a_new_stack_is_as_its_template_says(stack: str, request: pytest.FixtureRequest) -> None:
    looked = request.getfixturevalue(stack)
    assert differing(looked) == {}
    assert len(looked.rows()) > 20
    assert all(operation.startswith(READING) for operation, *_ in looked.account.asked)


def answer(looked: Any, operation: str, name: str) -> Any:
    return looked.account.answers[operation, looked.id(name)]


def attribute(operation: str, name: str, key: str, value: Any) -> Change:
    def change(looked: Any, _: Any) -> None:
        answer(looked, operation, name)["Attributes"][key] = value

    return change


def field(operation: str, name: str, key: str, value: Any) -> Change:
    def change(looked: Any, _: Any) -> None:
        answer(looked, operation, name)[key] = value

    return change


def subscribed(change: Callable[[list[dict[str, Any]]], None]) -> Change:
    return lambda looked, _: change(answer(looked, "list_subscriptions_by_topic", "BounceTopic")["Subscriptions"])


STRANGER = {"Protocol": "email", "Endpoint": "x@evil.example", "SubscriptionArn": "a", "Owner": "666666666666"}
ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}


def trusting(name: str) -> Change:
    def change(looked: Any, _: Any) -> None:
        document = answer(looked, "get_role", name)["Role"]["AssumeRolePolicyDocument"]
        more = {"Effect": "Allow", "Principal": {"AWS": "666666666666"}, "Action": "sts:AssumeRole"}
        answer(looked, "get_role", name)["Role"] = {
            **answer(looked, "get_role", name)["Role"],
            "AssumeRolePolicyDocument": {**document, "Statement": [*document["Statement"], more]},
        }

    return change


def permitting(name: str, policy: str) -> Change:
    def change(looked: Any, _: Any) -> None:
        document = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        looked.account.answers["get_role_policy", looked.id(name), policy] = {"PolicyDocument": document}

    return change


def coded(name: str) -> Change:
    def change(looked: Any, _: Any) -> None:
        looked.account.code[looked.id(name)] = {"index.py": b"print()", "more.py": b""}

    return change


def configured(name: str, **settings: Any) -> Change:
    def change(looked: Any, _: Any) -> None:
        held = answer(looked, "get_function", name)
        held["Configuration"] = {**held["Configuration"], **settings}

    return change


def watching(**settings: Any) -> Change:
    return lambda looked, _: answer(looked, "describe_alarms", "ForwarderAlarm")["MetricAlarms"][0].update(settings)


def noticing(change: Callable[[dict[str, Any]], None]) -> Change:
    return lambda looked, _: change(answer(looked, "get_bucket_notification_configuration", "InboundBucket"))


def elsewhere(held: dict[str, Any]) -> None:
    held["LambdaFunctionConfigurations"][0]["Filter"]["Key"]["FilterRules"][0]["Value"] = "mail/"


DELETING = {"ID": "tidy", "Status": "Enabled", "Expiration": {"Days": 1}}
ABORTING = {"ID": "parts", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
OFF = {"ID": "old", "Status": "Disabled", "Expiration": {"Days": 1}}

CHANGES: dict[str, tuple[Change, str, str, str]] = {
    "subscription gone": (subscribed(list.clear), "subscription", "BounceSubscription", "no event arrives"),
    "subscription to another URL": (
        subscribed(lambda found: found[0].update(Endpoint="https://evil.example/")),
        *("subscription", "BounceSubscription", "nothing on the topic posts"),
    ),
    "subscription by plain http": (
        subscribed(lambda found: found[0].update(Protocol="http")),
        *("subscription", "BounceSubscription", "nothing on the topic posts"),
    ),
    "not confirmed": (
        subscribed(lambda found: found[0].update(SubscriptionArn="PendingConfirmation")),
        *("subscription", "BounceSubscription", "not confirmed"),
    ),
    "somebody else listens": (
        subscribed(lambda found: found.append(STRANGER)),
        *("subscription", "BounceSubscription", "x@evil.example of account 666666666666"),
    ),
    "raw delivery": (
        attribute("get_subscription_attributes", "BounceSubscription", "RawMessageDelivery", "true"),
        *("subscription-settings", "BounceSubscription", "not signed"),
    ),
    "a filter": (
        attribute("get_subscription_attributes", "BounceSubscription", "FilterPolicy", '{"a":["b"]}'),
        *("subscription-settings", "BounceSubscription", "some events do not come"),
    ),
    "no redrive policy": (
        attribute("get_subscription_attributes", "BounceSubscription", "RedrivePolicy", ""),
        *("subscription-settings", "BounceSubscription", "RedrivePolicy is not set"),
    ),
    "redrive policy of no sense": (
        attribute("get_subscription_attributes", "BounceSubscription", "RedrivePolicy", "{"),
        *("subscription-settings", "BounceSubscription", "RedrivePolicy is {"),
    ),
    "set-up function's code": (coded("ReceiptRuleSetup"), "function-code", "ReceiptRuleSetup", "further files"),
    "set-up function's role": (
        configured("ReceiptRuleSetup", Role="arn:aws:iam::444455556666:role/admin"),
        *("function", "ReceiptRuleSetup", "role/admin"),
    ),
    "a layer": (
        configured("ForwarderFunction", Layers=[{"Arn": "x"}]),
        *("function", "ForwarderFunction", "layers"),
    ),
    "retries": (
        lambda looked, _: looked.account.answers.update(
            {
                ("get_function_event_invoke_config", looked.id("ForwarderFunction")): {
                    "MaximumRetryAttempts": 0,
                    "MaximumEventAgeInSeconds": 21600,
                }
            }
        ),
        *("function-retries", "ForwarderRetries", "goes to nowhere"),
    ),
    "function role's trust": (trusting("ForwarderRole"), "role-trust", "ForwarderRole", "there is also"),
    "vendor role's trust": (trusting("AccessRole"), "trust-policy", "AccessRole", "there is also"),
    "function role's policy": (
        permitting("ReceiptRuleSetupRole", "receipt-rules"),
        *("role-permissions", "ReceiptRuleSetupRole", "s3:*"),
    ),
    "a further policy": (
        lambda looked, _: answer(looked, "list_role_policies", "AccessRole")["PolicyNames"].append("admin"),
        *("role-policies", "AccessRole", "policy 'admin'"),
    ),
    "a managed policy": (
        lambda looked, _: answer(looked, "list_attached_role_policies", "ForwarderRole")["AttachedPolicies"].append(
            {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        ),
        *("role-attached", "ForwarderRole", "AdministratorAccess is attached"),
    ),
    "events are kept an hour": (
        attribute("get_queue_attributes", "EventDeadLetters", "MessageRetentionPeriod", "3600"),
        *("dead-letters", "EventDeadLetters", "3600"),
    ),
    "SNS may not keep events": (
        attribute("get_queue_attributes", "EventDeadLetters", "Policy", ""),
        *("dead-letters", "EventDeadLetters", "TopicsMayKeepWhatTheyCannotDeliver"),
    ),
    "a foreign key on the queue": (
        attribute("get_queue_attributes", "ForwarderDeadLetters", "KmsMasterKeyId", "alias/x"),
        *("dead-letters", "ForwarderDeadLetters", "encrypted with alias/x"),
    ),
    "anybody may read what was not posted": (
        attribute("get_queue_attributes", "ForwarderDeadLetters", "Policy", json.dumps({"Statement": [ANYBODY]})),
        *("dead-letters", "ForwarderDeadLetters", "there is also"),
    ),
    "alarm's threshold": (watching(Threshold=1000.0), "alarm", "ForwarderAlarm", "Threshold is 1000.0, not 0"),
    "alarm of another queue": (
        watching(Dimensions=[{"Name": "QueueName", "Value": "other"}]),
        *("alarm", "ForwarderAlarm", "it watches"),
    ),
    "alarm gone": (
        lambda looked, _: answer(looked, "describe_alarms", "ForwarderAlarm").update(MetricAlarms=[]),
        *("alarm", "ForwarderAlarm", "it is gone"),
    ),
    "mail is deleted after a day": (
        lambda looked, _: answer(looked, "get_bucket_lifecycle_configuration", "InboundBucket")["Rules"].append(
            DELETING
        ),
        *("bucket-lifecycle", "InboundBucket", "'tidy' takes mail away: Expiration"),
    ),
    "notification of another prefix": (
        noticing(elsewhere),
        *("bucket-notification", "InboundBucket", "does not tell"),
    ),
    "notification of another event": (
        noticing(lambda held: held["LambdaFunctionConfigurations"][0].update(Events=["s3:ObjectRemoved:*"])),
        *("bucket-notification", "InboundBucket", "does not tell"),
    ),
    "a further notification": (
        noticing(lambda held: held.update(EventBridgeConfiguration={})),
        *("bucket-notification", "InboundBucket", "also tells EventBridgeConfiguration"),
    ),
    "no encryption": (
        field("get_bucket_encryption", "InboundBucket", "ServerSideEncryptionConfiguration", {"Rules": []}),
        *("bucket-encryption", "InboundBucket", "encrypted by nothing"),
    ),
    "rule gone": (
        lambda looked, _: looked.account.answers[("describe_active_receipt_rule_set",)].update(Rules=[]),
        *("receipt-rule", "ReceiptRule", "it is gone"),
    ),
    "rule into another bucket": (
        lambda looked, _: looked.account.answers[("describe_active_receipt_rule_set",)]["Rules"][0].update(
            Actions=[{"S3Action": {"BucketName": "evil", "ObjectKeyPrefix": "inbound/"}}]
        ),
        *("receipt-rule", "ReceiptRule", "evil"),
    ),
    "public": (
        field("get_public_access_block", "InboundBucket", "PublicAccessBlockConfiguration", {}),
        *("bucket-public-access", "InboundBucket", "BlockPublicAcls is not set"),
    ),
}


@pytest.mark.parametrize(("change", "what", "resource", "said"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_found_where_it_is(mailmark: Any, change: Change, what: str, resource: str, said: str) -> None:
    change(mailmark, None)
    found = differing(mailmark)
    assert said in found.pop((what, resource))
    # What cannot be seen without it is told, too.
    assert {name for _, name in found} <= {"BounceSubscription"}


@pytest.mark.parametrize("rule", [ABORTING, OFF], ids=["tidies up", "switched off"])
def test_a_lifecycle_rule_that_takes_no_mail_away(mailmark: Any, rule: Any) -> None:
    answer(mailmark, "get_bucket_lifecycle_configuration", "InboundBucket")["Rules"].append(rule)
    assert differing(mailmark) == {}


def test_a_further_alarm_action_is_the_customers(mailmark: Any) -> None:
    watching(AlarmActions=["arn:aws:sns:eu-west-1:444455556666:on-call"])(mailmark, None)
    assert differing(mailmark) == {}


def test_a_rule_of_an_older_template(mailmark: Any) -> None:
    """Its name and place stood in its properties, before they were settings of the function."""
    settings = mailmark.world.template["Resources"]["ReceiptRuleSetup"]["Properties"].pop("Environment")["Variables"]
    properties = mailmark.world.template["Resources"]["ReceiptRule"]["Properties"]
    properties |= {"RuleName": settings["NAME"], "ObjectKeyPrefix": settings["PREFIX"]}
    for row in mailmark.rows().values():
        if row.what == "receipt-rule":
            assert row.held is Held.SAME, row
    mailmark.account.answers[("describe_active_receipt_rule_set",)]["Rules"][0]["Enabled"] = False
    assert "switched off" in differing(mailmark)["receipt-rule", "ReceiptRule"]


REFUSED = {
    "list_subscriptions_by_topic": ("subscription", "sns:ListSubscriptionsByTopic"),
    "get_subscription_attributes": ("subscription-settings", "sns:GetSubscriptionAttributes"),
    "get_function": ("function-code", "lambda:GetFunction"),
    "get_function_event_invoke_config": ("function-retries", "lambda:GetFunctionEventInvokeConfig"),
    "get_role": ("role-trust", "iam:GetRole"),
    "get_role_policy": ("role-permissions", "iam:GetRolePolicy"),
    "list_role_policies": ("role-policies", "iam:ListRolePolicies"),
    "list_attached_role_policies": ("role-attached", "iam:ListAttachedRolePolicies"),
    "get_queue_attributes": ("dead-letters", "sqs:GetQueueAttributes"),
    "describe_alarms": ("alarm", "cloudwatch:DescribeAlarms"),
    "get_bucket_lifecycle_configuration": ("bucket-lifecycle", "s3:GetLifecycleConfiguration"),
    "get_bucket_notification_configuration": ("bucket-notification", "s3:GetBucketNotification"),
    "describe_active_receipt_rule_set": ("receipt-rule", "ses:DescribeActiveReceiptRuleSet"),
}


@pytest.mark.parametrize(
    ("operation", "what", "permission"), [(op, *told) for op, told in REFUSED.items()], ids=REFUSED
)
def test_what_may_not_be_read_could_not_be_told(mailmark: Any, operation: str, what: str, permission: str) -> None:
    mailmark.account.refused = operation
    rows = mailmark.rows()
    assert {row.permission for (kind, _), row in rows.items() if kind == what} == {permission}
    held = {key: row.held for key, row in rows.items() if row.held is not Held.SAME}
    assert held
    assert set(held.values()) == {Held.UNKNOWN}


def test_what_could_not_be_worked_out_is_named(mailmark: Any) -> None:
    """As where the newest template has a parameter that the stack does not: its value is nobody's guess."""
    forwarder = mailmark.world.template["Resources"]["AccessRole"]["Properties"]
    forwarder["ManagedPolicyArns"] = [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/${\x1b[2JEvil}"}]
    row = mailmark.rows()["role-attached", "AccessRole"]
    assert row.held is Held.UNKNOWN
    said = r"what the template wants of ManagedPolicyArns could not be worked out: '\x1b[2JEvil' is not known"
    assert row.details == (said,)


# Mail Manager.


def part(operation: str, name: str, **values: Any) -> Change:
    return lambda looked, _: answer(looked, operation, name).update(values)


def rules(change: Callable[[list[dict[str, Any]]], Any]) -> Change:
    def changed(looked: Any, _: Any) -> None:
        held = json.loads(json.dumps(answer(looked, "get_rule_set", "RuleSetMain")["Rules"]))
        change(held)
        answer(looked, "get_rule_set", "RuleSetMain")["Rules"] = held

    return changed


DROP = {"Name": "evil", "Actions": [{"Drop": {}}]}
PARTS: dict[str, tuple[Change, str, str, str]] = {
    "ingress point closed": (
        part("get_ingress_point", "IngressPointPublic", Status="CLOSED"),
        *("ingress-point", "IngressPointPublic", "its state is CLOSED"),
    ),
    "another rule set": (
        part("get_ingress_point", "IngressPointPublic", RuleSetId="rs-evil"),
        *("ingress-point", "IngressPointPublic", "RuleSetId is rs-evil"),
    ),
    "plain text is taken": (
        part("get_ingress_point", "IngressPointDevices", TlsPolicy="OPTIONAL"),
        *("ingress-point", "IngressPointDevices", "TlsPolicy is OPTIONAL, not REQUIRED"),
    ),
    "another password": (
        part("get_ingress_point", "IngressPointDevices", IngressPointAuthConfiguration={"SecretArn": "arn:evil"}),
        *("ingress-point", "IngressPointDevices", "password is that of arn:evil"),
    ),
    "everybody is let in": (
        part("get_traffic_policy", "TrafficPolicyGuard", DefaultAction="ALLOW"),
        *("traffic-policy", "TrafficPolicyGuard", "DefaultAction is ALLOW, not DENY"),
    ),
    "a statement less": (
        lambda looked, _: answer(looked, "get_traffic_policy", "TrafficPolicyGuard").update(
            PolicyStatements=answer(looked, "get_traffic_policy", "TrafficPolicyGuard")["PolicyStatements"][:-1]
        ),
        *("traffic-policy", "TrafficPolicyGuard", "PolicyStatements lacks"),
    ),
    "a rule before all": (
        rules(lambda held: held.insert(0, DROP)),
        *("rule-set", "RuleSetMain", "evil"),
    ),
    "a rule more": (rules(lambda held: held.append(DROP)), "rule-set", "RuleSetMain", "Rules has also"),
    "no rules": (rules(list.clear), "rule-set", "RuleSetMain", "Rules lacks"),
    "a rule that drops what it cannot do": (
        rules(lambda held: held[0]["Actions"][0]["AddHeader"].update(ActionFailurePolicy="DROP")),
        *("rule-set", "RuleSetMain", "ActionFailurePolicy is DROP"),
    ),
    "a rule for others": (
        rules(lambda held: held[0].update(Unless=[{"BooleanExpression": {}}])),
        *("rule-set", "RuleSetMain", "Rules[0].Unless"),
    ),
    "another server": (
        part("get_relay", "RelayLegacy", ServerName="evil.example"),
        *("relay", "RelayLegacy", "ServerName is evil.example"),
    ),
    "archive on its way out": (
        part("get_archive", "ArchiveLongTerm", ArchiveState="PENDING_DELETION"),
        *("archive", "ArchiveLongTerm", "PENDING_DELETION"),
    ),
    "archive for three months": (
        part("get_archive", "ArchiveLongTerm", Retention={"RetentionPeriod": "THREE_MONTHS"}),
        *("archive", "ArchiveLongTerm", "THREE_MONTHS"),
    ),
    "address list gone": (
        lambda looked, _: looked.account.answers.pop(("get_address_list", looked.id("AddressListStaff"))),
        *("address-list", "AddressListStaff", "it is gone"),
    ),
}


@pytest.mark.parametrize(("change", "what", "resource", "said"), PARTS.values(), ids=PARTS)
def test_a_change_of_mail_manager_is_found(
    mail_manager: Any, change: Change, what: str, resource: str, said: str
) -> None:
    change(mail_manager, None)
    found = differing(mail_manager)
    assert said in found.pop((what, resource))
    assert found == {}


def test_what_the_api_says_by_itself_is_no_change(mail_manager: Any) -> None:
    rules(lambda held: held[0]["Actions"][0]["AddHeader"].update(ActionFailurePolicy="CONTINUE"))(mail_manager, None)
    part("get_traffic_policy", "TrafficPolicyGuard", MaxMessageSizeBytes=26214400.0)(mail_manager, None)
    assert differing(mail_manager) == {}


@pytest.mark.parametrize(("code", "message"), [("404", "<html>Not here</html>"), ("404", "Not Found"), ("", "")])
def test_attack_a_404_that_aws_did_not_say_is_not_told_as_gone(mailmark: Any, code: str, message: str) -> None:
    bare = NotFound("x", operation="lambda:GetFunction", code=code, aws_message=message)

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "get_function":
            raise bare
        return Account.ask(mailmark.account, service, operation, **parameters)

    Account = type(mailmark.account)
    mailmark.account.ask = ask
    rows = [row for row in mailmark.rows().values() if row.what == "function"]
    assert rows
    assert {row.held for row in rows} == {Held.UNKNOWN}
