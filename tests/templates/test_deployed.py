"""The whole Mailmark stack in the embedded AWS: what the customer sees, what the vendor can do, and what stays."""

import base64
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standardwebhooks.webhooks import Webhook

from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.stacks import CreatedStack, delete_stack, wait_created
from byoaws.fakeaws.interface import Account
from byoaws.fakeaws.server.https_server import HttpsServer, QuietHandler
from byoaws.flows import policy
from byoaws.flows.links import link
from byoaws.flows.stack import generate
from byoaws.registry import BLOCKS
from byoaws.vendor_model import SecretMode, Vendor

REGION = "eu-west-1"
MAIL = b"Subject: hello\r\n\r\nHello!\r\n"


@dataclass(kw_only=True)
class Webhook443:
    """The vendor's webhook, over TLS, on loopback."""

    url: str = ""
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)


@pytest.fixture(scope="module")
def webhook(fake_aws: Any) -> Iterator[Webhook443]:
    state = Webhook443()

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.answer(204, b"")
            state.arrived.set()

    certificates = fake_aws.server.certificates
    server = HttpsServer(Handler, certificate=certificates.certificate, key=certificates.key)
    state.url = f"{server.endpoint}/in"
    yield state
    server.stop()


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that is there, and what went into it."""

    customer: Account
    vendor: Vendor
    minted: link.Minted
    stack: CreatedStack
    before: dict[str, Any]
    """The active rule set before the stack was made."""

    @property
    def role_arn(self) -> str:
        return self.stack.outputs["RoleArn"]


def rule_sets(aws: Any, account: Account) -> dict[str, Any]:
    ses = aws.client(account, "ses", REGION)
    found = ses.describe_active_receipt_rule_set()
    names = sorted(one["Name"] for one in ses.list_receipt_rule_sets()["RuleSets"])
    return {
        "sets": names,
        "active": found.get("Metadata", {}).get("Name"),
        "rules": [rule["Name"] for rule in found.get("Rules", [])],
    }


def opened(aws: Any, vendor: Vendor, minted: link.Minted, customer: Account, hook: str) -> QuickCreatePage:
    key = f"{uuid.uuid4()}/template.yaml"
    url = arrange.publish_template(aws, generate(vendor, "json"), region=REGION, key=key)
    offer = link.offer(
        vendor, minted, region=REGION, template_url=url, parameters={vendor.parameters.inbound_webhook_url: hook}
    )
    page = QuickCreatePage.open(aws, offer.link, customer=customer)
    assert page.ignored == {}
    assert page.capabilities == offer.capabilities == ("CAPABILITY_IAM",)
    return page


@pytest.fixture(scope="module", params=["parameter, beside a foreign rule set", "generated, in an empty account"])
def deployed(
    request: pytest.FixtureRequest, fake_aws: Any, webhook: Webhook443, make_vendor: Callable[..., Vendor]
) -> Deployed:
    customer = fake_aws.new_customer()
    foreign = request.param.startswith("parameter")
    account = {"account_id": fake_aws.vendor.account_id, "role_arn": None, "principal": None}
    vendor = make_vendor(
        *(name for name in BLOCKS.builtins if name not in ("user", "registration", "identity")),
        webhook_secret=SecretMode.PARAMETER if foreign else SecretMode.GENERATED,
    )
    vendor = replace(vendor, account=replace(vendor.account, **account))
    if foreign:
        ses = fake_aws.client(customer, "ses", REGION)
        ses.create_receipt_rule_set(RuleSetName="customer")
        ses.create_receipt_rule(RuleSetName="customer", Rule={"Name": "theirs", "Enabled": True, "Actions": []})
        ses.set_active_receipt_rule_set(RuleSetName="customer")
    before = rule_sets(fake_aws, customer)
    minted = link.mint(vendor)
    stack = opened(fake_aws, vendor, minted, customer, webhook.url).create(acknowledge=True)
    return Deployed(customer=customer, vendor=vendor, minted=minted, stack=stack, before=before)


def assumed(aws: Any, deployed: Deployed, **more: str) -> Account:
    sts = aws.client(aws.vendor, "sts", "us-east-1")
    keys = sts.assume_role(RoleArn=deployed.role_arn, RoleSessionName="mailmark", **more)["Credentials"]
    return Account(
        account_id=deployed.customer.account_id,
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
        session_token=keys["SessionToken"],
        principal_arn=deployed.role_arn,
    )


def test_outputs(deployed: Deployed) -> None:
    outputs = deployed.stack.outputs
    assert deployed.role_arn.startswith(f"arn:aws:iam::{deployed.customer.account_id}:role/byoaws/mailmark/")
    assert outputs["BucketName"].startswith("mailmark-")
    assert outputs["BucketName"].endswith(f"-{deployed.customer.account_id}-{REGION}-an")
    assert outputs["TemplateVersion"] == deployed.vendor.stack.version
    secret = deployed.minted.webhook_secret or deployed.minted.external_id
    assert secret not in json.dumps(dict(outputs))


@pytest.mark.parametrize("given", [{}, {"ExternalId": "ab" * 24}], ids=["none", "a wrong one"])
def test_the_role_refuses_whoever_has_not_the_external_id(
    fake_aws: Any, deployed: Deployed, given: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        assumed(fake_aws, deployed, **given)


def test_the_role_opens_with_the_external_id_and_for_what_its_packs_say(fake_aws: Any, deployed: Deployed) -> None:
    session = assumed(fake_aws, deployed, ExternalId=deployed.minted.external_id)
    assert "ProductionAccessEnabled" in fake_aws.client(session, "sesv2", REGION).get_account()
    s3 = fake_aws.client(session, "s3", REGION)
    s3.list_objects_v2(Bucket=deployed.stack.outputs["BucketName"])
    for refused in (
        lambda: s3.list_buckets(),
        lambda: s3.put_object(Bucket=deployed.stack.outputs["BucketName"], Key="inbound/x", Body=b""),
        lambda: s3.delete_bucket(Bucket=deployed.stack.outputs["BucketName"]),
        lambda: fake_aws.client(session, "iam", REGION).list_roles(),
        lambda: fake_aws.client(session, "ses", REGION).set_active_receipt_rule_set(),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_another_account_of_the_vendors_customers_cannot_use_it(fake_aws: Any, deployed: Deployed) -> None:
    """The confused deputy: a second customer of the vendor who knows both the ARN and the ExternalId."""
    stranger = fake_aws.new_customer()
    sts = fake_aws.client(stranger, "sts", "us-east-1")
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=deployed.role_arn, RoleSessionName="stranger", ExternalId=deployed.minted.external_id)


def test_received_mail_reaches_the_webhook_with_a_signature_the_vendor_can_check(
    fake_aws: Any, deployed: Deployed, webhook: Webhook443
) -> None:
    webhook.received.clear()
    webhook.arrived.clear()
    bucket = deployed.stack.outputs["BucketName"]
    fake_aws.client(deployed.customer, "s3", REGION).put_object(Bucket=bucket, Key="inbound/a+b c", Body=MAIL)
    assert webhook.arrived.wait(30)
    secret = deployed.minted.webhook_secret
    if secret is None:
        session = assumed(fake_aws, deployed, ExternalId=deployed.minted.external_id)
        secrets = fake_aws.client(session, "secretsmanager", REGION)
        secret = secrets.get_secret_value(SecretId=deployed.stack.outputs["WebhookSecretArn"])["SecretString"]
    headers, body = webhook.received[0]
    message = Webhook(secret).verify(body, headers)
    assert base64.b64decode(message["raw"]) == MAIL
    assert (message["bucket"], message["key"]) == (bucket, "inbound/a+b c")
    assert (message["account_id"], message["region"]) == (deployed.customer.account_id, REGION)


def test_the_receipt_rule_stands_where_it_should(fake_aws: Any, deployed: Deployed) -> None:
    found = rule_sets(fake_aws, deployed.customer)
    if deployed.before["active"]:
        assert (found["active"], found["sets"], found["rules"][0]) == ("customer", ["customer"], "theirs")
        assert len(found["rules"]) == 2
        assert "(joined), mail for nobody yet" in deployed.stack.outputs["InboundRuleSet"]
    else:
        assert (len(found["sets"]), found["active"], len(found["rules"])) == (1, found["sets"][0], 1)
        assert "(own), mail for all verified domains" in deployed.stack.outputs["InboundRuleSet"]


def test_deleting_the_stack_leaves_the_mail_and_the_customers_rules(fake_aws: Any, deployed: Deployed) -> None:
    """Last in this file: the other tests share the stack."""
    delete_stack(fake_aws, deployed.customer, region=REGION, name=deployed.stack.stack_id)
    s3 = fake_aws.client(deployed.customer, "s3", REGION)
    kept = s3.get_object(Bucket=deployed.stack.outputs["BucketName"], Key="inbound/a+b c")["Body"].read()
    assert kept == MAIL
    assert rule_sets(fake_aws, deployed.customer) == deployed.before
    with pytest.raises(ClientError, match=r"AccessDenied|NoSuchEntity"):
        assumed(fake_aws, deployed, ExternalId=deployed.minted.external_id)


def deployer(aws: Any, account: Account, document: dict[str, Any]) -> Account:
    """A user of the customer's who has the deployer policy, and nothing else."""
    iam = aws.client(account, "iam", "us-east-1")
    name = f"deployer-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="deployer", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return replace(
        account, access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"], principal_arn=arn
    )


def without(document: dict[str, Any], action: str) -> dict[str, Any]:
    kept = [statement for statement in document["Statement"] if action not in statement["Action"]]
    assert len(kept) < len(document["Statement"])
    return {**document, "Statement": kept}


@pytest.mark.parametrize("missing", [None, "cloudformation:CreateStack"], ids=["whole policy", "without CreateStack"])
def test_a_user_with_the_deployers_policy_alone_makes_the_stack(
    fake_aws: Any, aws_customer: Account, make_vendor: Callable[..., Vendor], webhook: Webhook443, missing: str | None
) -> None:
    """The embedded AWS asks for the caller's right to CloudFormation alone; tests/iam/test_deployer.py for the rest."""
    vendor = make_vendor(*(name for name in BLOCKS.builtins if name not in ("user", "registration", "identity")))
    vendor = replace(vendor, account=replace(vendor.account, account_id=fake_aws.vendor.account_id))
    page = opened(fake_aws, vendor, link.mint(vendor), aws_customer, webhook.url)
    document = policy.deployer(vendor, policy.Where(region=REGION, account_id=aws_customer.account_id))
    user = deployer(fake_aws, aws_customer, without(document, missing) if missing else document)
    cloudformation = fake_aws.client(user, "cloudformation", REGION)
    wanted = {
        "StackName": page.stack_name,
        "TemplateBody": page.template,
        "Parameters": [{"ParameterKey": one.name, "ParameterValue": one.value} for one in page.fields],
        "Capabilities": list(page.capabilities),
    }
    if missing:
        with pytest.raises(ClientError, match=f"not authorized to perform: {missing}"):
            cloudformation.create_stack(**wanted)
        return
    stack_id = cloudformation.create_stack(**wanted)["StackId"]
    outputs = wait_created(cloudformation, stack_id)
    assert outputs["TemplateVersion"] == vendor.stack.version
    with pytest.raises(ClientError, match="AccessDenied"):
        fake_aws.client(user, "s3", REGION).list_objects_v2(Bucket="another")
