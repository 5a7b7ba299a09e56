"""A stack's life on the embedded AWS: looked at before, held against its template, upgraded as printed, ended."""

import io
import json
import shlex
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import byoaws
from byoaws.cli import main
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.stacks import delete_stack
from byoaws.fakeaws.embedded import EmbeddedAws
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.flows.links.link import mint, offer
from byoaws.flows.stack import generate
from byoaws.quickcreate.url import Link
from byoaws.vendor_model import Vendor

REGION = "us-east-1"
_NUMBERS = count()
TEMPLATE_URL = "template_url: ${MAILMARK_CFN_TEMPLATE_URL:-}"


@pytest.fixture
def cli(operator: Mapping[str, str]) -> Callable[..., Result]:
    def run(*args: str, env: Mapping[str, str] | None = None) -> Result:
        return CliRunner().invoke(main, args, env=env, catch_exceptions=False, prog_name="byoaws")

    return run


# Before ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def preflight(fake_aws: EmbeddedAws, aws_customer: Account, cli: Callable[..., Result]) -> Callable[..., Any]:
    """Run `byoaws preflight` as the customer."""
    env = {
        **fake_aws.environment(aws_customer),
        "AWS_ENDPOINT_URL_MAILMANAGER": fake_aws.mail_manager.endpoint,
    }

    def run(*args: str) -> tuple[int, dict[str, Any]]:
        done = cli("preflight", "--region", REGION, "--format", "json", *args, env=env)
        found = json.loads(done.stdout)
        return done.exit_code, {**found, "checks": {check["name"]: check for check in found["checks"]}}

    return run


def statuses(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: check["status"] for name, check in found["checks"].items()}


def test_an_empty_account_is_ready(preflight: Callable[..., Any]) -> None:
    code, found = preflight()
    assert code == 0
    assert set(statuses(found).values()) == {"PASS"}
    assert found["parameters"] == [
        {"parameter": "InboundRecipients", "value": "", "why": "empty: mail for all verified domains"}
    ]


@pytest.mark.parametrize("vendor", ["sendfleet", "selfmx"])
def test_it_asks_only_what_the_vendor_needs(preflight: Callable[..., Any], vendor: str) -> None:
    code, found = preflight("--vendor", vendor)
    assert code == 0
    assert not {"receipt-rules", "buckets", "lambda-concurrency"} & set(found["checks"])


def test_a_foreign_rule_set_and_leftovers(
    preflight: Callable[..., Any], fake_aws: FakeAws, aws_customer: Account
) -> None:
    def client(service: str) -> Any:
        return fake_aws.client(aws_customer, service, REGION)

    ses = client("ses")
    ses.create_receipt_rule_set(RuleSetName="theirs")
    ses.create_receipt_rule(
        RuleSetName="theirs",
        Rule={"Name": "all", "Enabled": True, "Actions": [{"StopAction": {"Scope": "RuleSet"}}]},
    )
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    client("sesv2").create_configuration_set(ConfigurationSetName="mailmark-0123abcd")
    client("s3").create_bucket(Bucket=f"mailmark-0123abcd-{aws_customer.account_id}-us-east-1")
    client("cloudformation").create_stack(
        StackName="mailmark-byo-aws", TemplateBody='{"Resources":{"T":{"Type":"AWS::SNS::Topic"}}}'
    )
    before = client("ses").describe_active_receipt_rule_set()["Rules"]
    code, found = preflight()
    assert code == 1
    others = {"stacks": "FAIL", "configuration-sets": "WARN", "receipt-rules": "WARN", "buckets": "WARN"}
    assert {name: status for name, status in statuses(found).items() if status != "PASS"} == others
    assert {one["parameter"]: one["value"] for one in found["parameters"]}["StackName"] == "mailmark-byo-aws-2"
    assert client("ses").describe_active_receipt_rule_set()["Rules"] == before


def test_who_may_do_nothing_is_told_so(
    fake_aws: EmbeddedAws, aws_customer: Account, cli: Callable[..., Result]
) -> None:
    iam = fake_aws.client(aws_customer, "iam", REGION)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    env = {
        **fake_aws.environment(aws_customer),
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    done = cli("preflight", "--region", REGION, "--format", "json", env=env)
    found = {check["name"]: check["status"] for check in json.loads(done.stdout)["checks"]}
    assert found["caller"] == "PASS"
    assert done.exit_code in (1, 3)
    assert found["permissions"] in ("UNKNOWN", "FAIL")
    assert found["buckets"] == "UNKNOWN"


# During ---------------------------------------------------------------------------------------------------------------


@dataclass
class Connected:
    """A connection of a Mailmark with the pack `drift-read`, whose templates are published."""

    aws: EmbeddedAws
    customer: Account
    run: Callable[..., Result]
    bucket: str
    folder: Path
    id: str = ""
    stack_name: str = ""
    url: str = ""

    def client(self, service: str) -> Any:
        return self.aws.client(self.customer, service, REGION)

    def publish(self, version: str, *edits: tuple[str, str]) -> None:
        shipped = Path(byoaws.__file__).parent.joinpath("vendors/mailmark.yaml").read_text(encoding="utf-8")
        text = shipped.replace("  - self-read\n", "  - self-read\n  - drift-read\n")
        for old, new in (("version: 1.0.0", f"version: {version}"), *edits):
            assert old in text
            text = text.replace(old, new)
        self._write(text)
        done = self.run(
            *("publish", "--bucket", self.bucket, "--create", "--region", REGION, "--format", "json"),
            env=self.aws.environment(self.aws.publisher),
        )
        assert done.exit_code == 0, done.stderr
        self.url = json.loads(done.stdout)["url"]
        self._write(text)

    def _write(self, text: str) -> None:
        (self.folder / "byoaws.yaml").write_text(text.replace(TEMPLATE_URL, f"template_url: '{self.url}'"))

    def json(self, *args: str) -> tuple[int, dict[str, Any]]:
        done = self.run(*args, "--format", "json")
        assert done.stdout, done.stderr
        return done.exit_code, json.loads(done.stdout)

    def drift(self) -> tuple[int, dict[str, dict[str, Any]]]:
        code, found = self.json("connections", "drift", self.id)
        rows: dict[str, dict[str, Any]] = {}
        for row in found["rows"]:
            rows.setdefault(row["what"], {})[row["resource"]] = row
        return code, rows

    def ids(self) -> dict[str, str]:
        found = self.client("cloudformation").describe_stack_resources(StackName=self.stack_name)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}


@pytest.fixture
def connected(
    fake_aws: EmbeddedAws,
    aws_customer: Account,
    cli: Callable[..., Result],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Connected:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw")
    it = Connected(fake_aws, aws_customer, cli, f"byoaws-lifecycle-{worker}-{next(_NUMBERS)}", tmp_path)
    it.publish("1.0.0")
    _, made = it.json("connect", "--alias", "A", "--region", REGION)
    it.id, it.stack_name = made["connection_id"], made["stack_name"]
    link = Link(
        region=REGION,
        template_url=made["template_url"],
        stack_name=it.stack_name,
        parameters=made["parameters"],
    )
    outputs = QuickCreatePage.open(fake_aws, link, customer=aws_customer).create(acknowledge=True).outputs
    code, _ = it.json("verify", outputs["RoleArn"], "--connection", it.id, "--bucket", outputs["BucketName"])
    assert code == 0
    return it


def differing(rows: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {what for what, found in rows.items() if any(row["held"] != "same" for row in found.values())}


def test_a_new_stack_is_as_its_template_says(connected: Connected) -> None:
    _, rows = connected.drift()
    # The embedded AWS needs the role's policy to be widened by hand, and that is what is seen.
    assert differing(rows) == {"permissions", "role-permissions"}
    assert rows["role-permissions"]["ForwarderRole"]["held"] == "unknown"  # it calls a secret by its name
    assert all("Resource" in detail for detail in rows["permissions"]["AccessPolicy"]["details"])
    assert rows["function-code"]["ForwarderFunction"]["held"] == "same"


def test_what_was_changed_by_hand_is_seen(connected: Connected) -> None:
    ids = connected.ids()
    function = ids["ForwarderFunction"]
    variables = connected.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    connected.client("lambda").update_function_configuration(
        FunctionName=function,
        Environment={"Variables": {**variables, "WEBHOOK_URL": "https://evil.example/", "MORE": "1"}},
    )
    connected.client("s3").delete_bucket_policy(Bucket=ids["InboundBucket"])
    connected.client("s3").delete_public_access_block(Bucket=ids["InboundBucket"])
    connected.client("ses").set_active_receipt_rule_set()
    connected.client("sesv2").delete_configuration_set_event_destination(
        ConfigurationSetName=ids["ConfigurationSet"], EventDestinationName="bounce-to-sns"
    )
    connected.client("sns").set_topic_attributes(
        TopicArn=ids["BounceTopic"],
        AttributeName="Policy",
        AttributeValue=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}],
            }
        ),
    )
    iam = connected.client("iam")
    trust = iam.get_role(RoleName=ids["AccessRole"])["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": connected.customer.account_id}, "Action": "sts:AssumeRole"}
    )
    iam.update_assume_role_policy(RoleName=ids["AccessRole"], PolicyDocument=json.dumps(trust))
    change_the_rest(connected, ids)
    code, rows = connected.drift()
    assert code == 1
    assert differing(rows) == {
        *("permissions", "function", "bucket-policy", "bucket-public-access", "receipt-rule"),
        *("event-destination", "topic-policy", "trust-policy", "role-permissions"),
        *("function-code", "role-trust", "role-policies", "role-attached", "dead-letters", "alarm"),
        *("bucket-lifecycle", "bucket-notification", "subscription", "subscription-settings"),
    }
    assert rows["function-code"]["ReceiptRuleSetup"]["held"] == "differs"
    assert rows["function-code"]["ForwarderFunction"]["held"] == "same"
    told = " ".join(rows["function"]["ForwarderFunction"]["details"])
    assert "https://evil.example/" in told
    assert "MORE" in told
    assert "is gone" in rows["receipt-rule"]["ReceiptRule"]["details"][0]


def change_the_rest(connected: Connected, ids: Mapping[str, str]) -> None:
    """What neither the vendor's role nor the way of the mail is about."""
    iam = connected.client("iam")
    role = ids["ReceiptRuleSetupRole"]
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(
        RoleName=role, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    )
    admin = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=role, PolicyName="admin", PolicyDocument=json.dumps(admin))
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "print()")
    connected.client("lambda").update_function_code(FunctionName=ids["ReceiptRuleSetup"], ZipFile=packed.getvalue())
    sqs = connected.client("sqs")
    sqs.set_queue_attributes(QueueUrl=ids["EventDeadLetters"], Attributes={"MessageRetentionPeriod": "60"})
    connected.client("cloudwatch").put_metric_alarm(
        AlarmName=ids["ForwarderAlarm"],
        MetricName="X",
        Namespace="Y",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
    )
    s3 = connected.client("s3")
    deleting = {"ID": "d", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=ids["InboundBucket"], LifecycleConfiguration={"Rules": [deleting]})
    s3.put_bucket_notification_configuration(Bucket=ids["InboundBucket"], NotificationConfiguration={})
    sns = connected.client("sns")
    sns.set_subscription_attributes(
        SubscriptionArn=ids["BounceSubscription"], AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    sns.subscribe(TopicArn=ids["ComplaintTopic"], Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:666666666666:x")


def test_without_the_pack_what_could_not_be_read_is_said(connected: Connected) -> None:
    """The role loses it, and the verdict is neither yes nor no."""
    iam, role = connected.client("iam"), connected.ids()["AccessRole"]
    document = iam.get_role_policy(RoleName=role, PolicyName="vendor-permissions")["PolicyDocument"]
    kept = [one for one in document["Statement"] if one["Sid"] in ("ReadOwnTrustPolicy", "ReadSesAccount")]
    iam.put_role_policy(
        RoleName=role, PolicyName="vendor-permissions", PolicyDocument=json.dumps({**document, "Statement": kept})
    )
    code, rows = connected.drift()
    assert code == 3
    assert rows["trust-policy"]["AccessRole"]["held"] == "same"
    assert {row["held"] for what, found in rows.items() for row in found.values() if what != "trust-policy"} == {
        "unknown"
    }
    code, found = connected.json("connections", "upgrade", connected.id)
    assert (code, found["read_from"], found["deployed_version"]) == (0, "recorded", "1.0.0")
    assert any("drift-read" in note for note in found["notes"])


def test_an_upgrade_by_the_change_set_that_is_printed(connected: Connected) -> None:
    code, found = connected.json("connections", "upgrade", connected.id)
    assert (code, found["up_to_date"], found["read_from"]) == (0, True, "stack")

    connected.publish("1.1.0", ("inline_limit: 262144", "inline_limit: 1000"))
    _, listed = connected.json("connections", "list")
    assert (listed["connections"][0]["outdated"], listed["connections"][0]["template_version"]) == (True, "1.0.0")
    assert "OUTDATED" in connected.run("connections", "list").stdout

    code, found = connected.json("connections", "upgrade", connected.id)
    assert code == 0
    assert [(one["resource"], one["effect"]) for one in found["changes"]] == [("ForwarderFunction", "in-place")]
    execute(connected, found["command"])
    code, found = connected.json("connections", "upgrade", connected.id)
    assert (found["deployed_version"], found["up_to_date"]) == ("1.1.0", True)
    # What was read in the stack is recorded.
    assert connected.json("connections", "list")[1]["connections"][0]["outdated"] is False
    code, found = connected.json("connections", "upgrade", connected.id, "--to", "1.0.0")
    assert (found["target_version"], found["up_to_date"]) == ("1.0.0", False)
    assert any("older" in note for note in found["notes"])
    done = connected.run("connections", "upgrade", connected.id, "--to", "9.9.9")
    assert done.exit_code == 2
    assert "never published" in done.stderr


def execute(connected: Connected, command: str) -> None:
    """Do what the printed command says, as the customer."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:3] == ["aws", "cloudformation", "create-change-set"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    cfn, own = connected.client("cloudformation"), f"copy-{connected.bucket}"
    published = connected.aws.client(connected.aws.publisher, "s3", REGION)
    key = given["--template-url"].partition(".com/")[2].partition("?")[0]
    body = published.get_object(Bucket=connected.bucket, Key=key)["Body"].read()
    # MiniStack reads no template of another account's bucket.
    connected.client("s3").create_bucket(Bucket=own)
    connected.client("s3").put_object(Bucket=own, Key="template.yaml", Body=body)
    cfn.create_change_set(
        StackName=given["--stack-name"],
        ChangeSetName=given["--change-set-name"],
        TemplateURL=f"{connected.aws.endpoint}/{own}/template.yaml",
        Parameters=json.loads(given["--parameters"]),
        Capabilities=[given["--capabilities"]],
    )
    cfn.execute_change_set(StackName=given["--stack-name"], ChangeSetName=given["--change-set-name"])

    for _ in range(200):
        status = cfn.describe_stacks(StackName=given["--stack-name"])["Stacks"][0]["StackStatus"]
        if status == "UPDATE_COMPLETE":
            return
        time.sleep(0.05)
    pytest.fail(status)


def test_what_would_be_lost_is_refused_unless_asked_for(connected: Connected) -> None:
    connected.publish("2.0.0", ("name: null\n\n# Only", "name: mailmark-access\n\n# Only"))
    code, found = connected.json("connections", "upgrade", connected.id)
    assert code == 1
    assert "AccessRole" in found["refused"]
    assert found["command"] is None
    allowed = [word for name in found["refused"] for word in ("--allow-replacement", name)]
    code, found = connected.json("connections", "upgrade", connected.id, *allowed)
    assert code == 0
    assert "CAPABILITY_NAMED_IAM" in found["command"]
    done = connected.run("connections", "upgrade", connected.id, "--allow-replacement", "\x1b[31mNobody")
    assert done.exit_code == 2
    assert "\x1b" not in done.stderr


# Adoption -------------------------------------------------------------------------------------------------------------


def test_a_configuration_set_that_is_there_is_joined_and_left(
    fake_aws: EmbeddedAws, aws_customer: Account, vendor: Vendor
) -> None:
    def client(service: str) -> Any:
        return fake_aws.client(aws_customer, service, REGION)

    client("sesv2").create_configuration_set(ConfigurationSetName="theirs")
    key = f"templates/adoption-{next(_NUMBERS)}.yaml"
    url = arrange.publish_template(fake_aws, generate(vendor, "yaml"), region=REGION, key=key)
    offered = offer(
        vendor,
        mint(vendor),
        region=REGION,
        template_url=url,
        parameters={"ExistingConfigurationSetName": "theirs"},
    )
    page = QuickCreatePage.open(fake_aws, offered.link, customer=aws_customer)
    outputs = page.create(acknowledge=True).outputs
    assert outputs["ConfigurationSetName"] == "theirs"

    def destinations() -> list[str]:
        found = client("sesv2").get_configuration_set_event_destinations(ConfigurationSetName="theirs")
        return sorted(one["Name"] for one in found.get("EventDestinations", []))

    assert [name.rpartition("-")[2] for name in destinations()] == ["bounce", "complaint", "delivery"]
    assert client("sesv2").list_configuration_sets()["ConfigurationSets"] == ["theirs"]
    delete_stack(fake_aws, aws_customer, region=REGION, name=offered.link.stack_name)
    assert destinations() == []


# After ----------------------------------------------------------------------------------------------------------------


def test_disconnecting_says_what_stays_and_again_finds_nothing_to_do(connected: Connected) -> None:
    done = connected.run("disconnect", connected.id, "--yes")
    assert (done.exit_code, done.stdout) == (0, f"{connected.id} disconnected\n")
    assert "a month" in done.stderr.replace("\n", " ")
    assert connected.stack_name in done.stderr
    again = connected.run("connections", "disconnect", connected.id)
    assert (again.exit_code, again.stdout) == (0, f"{connected.id} is disconnected already: nothing to do\n")
    status = connected.client("cloudformation").describe_stacks(StackName=connected.stack_name)["Stacks"][0]
    assert status["StackStatus"] == "CREATE_COMPLETE"
    assert connected.run("connections", "drift", connected.id).exit_code == 2
    assert connected.run("connections", "upgrade", connected.id).exit_code == 2
