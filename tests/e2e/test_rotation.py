"""Both rotations as the operator runs them, on a stack of the embedded AWS: no moment in which mail or role is lost."""

import json
import os
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jmespath
import pytest
from click.testing import CliRunner, Result

import byoaws.vendors
from byoaws.cli import main
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.model import Connection
from byoaws.quickcreate import webhook_secret
from byoaws.quickcreate.update import query
from byoaws.quickcreate.url import parse
from byoaws.store.sql import open_store
from byoaws.webhooks import secrets_of

REGION = "us-east-1"
MAILMARK = (Path(byoaws.vendors.__file__).parent / "mailmark.yaml").read_text(encoding="utf-8")
READ, WRITE = "webhook-secret-read", "webhook-secret-write"


class Operator:
    """The vendor's operator, with one connection in the store."""

    def __init__(self, aws: FakeAws, customer: Account, folder: Path, *packs: str) -> None:
        self.aws, self.customer, self.folder = aws, customer, folder
        text = MAILMARK.replace("webhook_secret: parameter\n", "webhook_secret: generated\n")
        text = text.replace("  - self-read\n", "".join(f"  - {pack}\n" for pack in ("self-read", *packs)))
        (folder / "byoaws.yaml").write_text(text)
        template = self.run("generate").stdout
        url = arrange.publish_template(aws, template, region=REGION, key=f"{uuid.uuid4()}/rotation.yaml")
        connect = ("connect", "--alias", "Rotated", "--region", REGION, "--template-url", url, "--format", "json")
        begun = json.loads(self.run(*connect).stdout)
        self.id: str = begun["connection_id"]
        self.stack = QuickCreatePage.open(aws, parse(begun["url"]), customer=customer).create(acknowledge=True)

    def run(self, *arguments: str, expect: int = 0) -> Result:
        done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == expect, done.output
        assert not (self.secrets() and any(key in done.output for key in self.secrets())), "a key was shown"
        return done

    def json(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*arguments, "--format", "json", expect=expect).stdout)
        return found

    def verify(self, *arguments: str, expect: int = 0) -> Result:
        role = () if self.stored().role_arn else (self.stack.outputs["RoleArn"],)
        return self.run("verify", *role, "--connection", self.id, "--wait", "0", *arguments, expect=expect)

    def secrets(self) -> tuple[str, ...]:
        return secrets_of(self.stored()) if hasattr(self, "id") else ()

    def stored(self) -> Connection:
        data = Path(os.environ["BYOAWS_DATA_DIR"])
        store = open_store(f"sqlite:///{data / 'byoaws.sqlite3'}", key=None, key_file=data / "key")
        try:
            return store.get(self.id)
        finally:
            store.close()

    def client(self, service: str) -> Any:
        return self.aws.client(self.customer, service, REGION)

    def theirs(self) -> tuple[str, ...]:
        """The keys that the customer's forwarder signs with."""
        arn = self.stack.outputs["WebhookSecretArn"]
        return webhook_secret.keys_in(self.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])

    def later(self, monkeypatch: pytest.MonkeyPatch, **delta: float) -> None:
        """Let time pass for byoaws."""
        from datetime import timedelta

        from byoaws import factory

        real = factory.now
        monkeypatch.setattr(factory, "now", lambda: real() + timedelta(**delta))


@pytest.fixture
def new_operator(operator: Mapping[str, str], fake_aws: FakeAws, aws_customer: Account, tmp_path: Path) -> Any:
    """Makes the operator of a vendor whose role has those packs besides Mailmark's."""
    return lambda *packs: Operator(fake_aws, aws_customer, tmp_path, *packs)


def test_the_secret_is_learnt_and_exchanged(new_operator: Callable[..., Operator], monkeypatch: Any) -> None:
    operator = new_operator(READ, WRITE)
    assert operator.secrets() == ()
    assert "the webhook secret was read" in operator.verify().stderr
    assert operator.secrets() == operator.theirs()
    (old,) = operator.secrets()
    shown = operator.json("connections", "show", operator.id)
    assert (shown["webhook_secret"], shown["webhook_secret_arn"]) == (
        "known",
        operator.stack.outputs["WebhookSecretArn"],
    )

    begun = operator.json("connections", "rotate-secret", operator.id)
    new, other = operator.secrets()
    assert (begun["state"], other) == ("overlap", old)
    assert operator.theirs() == (new, old)
    assert (
        "can be dropped from" in operator.run("connections", "rotate-secret", operator.id, "--finish", expect=2).stderr
    )
    assert operator.json("connections", "rotate-secret", operator.id)["state"] == "overlap"

    operator.later(monkeypatch, hours=25)
    assert "only the new key is accepted now" in operator.verify().stderr
    assert operator.secrets() == operator.theirs() == (new,)
    assert operator.verify().stderr.count("webhook secret") == 0


def test_without_the_pack_the_verdict_stands(new_operator: Callable[..., Operator]) -> None:
    operator = new_operator(READ)
    policy = operator.client("iam")
    role = operator.stack.outputs["RoleArn"].rpartition("/")[2]
    name = policy.list_role_policies(RoleName=role)["PolicyNames"][0]
    document = policy.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    document["Statement"] = [one for one in document["Statement"] if "WebhookSecret" not in one["Sid"]]
    policy.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    done = operator.verify("--format", "json")
    assert json.loads(done.stdout)["verdict"] == "verified"
    assert "the role needs the pack 'webhook-secret-read'" in done.stderr
    assert operator.json("connections", "show", operator.id)["webhook_secret"] == "unknown"
    # Pasted, the ARN does not help a role that may not read.
    arn = operator.stack.outputs["WebhookSecretArn"]
    assert "webhook-secret-read" in operator.verify("--secret-arn", arn).stderr
    assert "is not known" in operator.run("connections", "rotate-secret", operator.id, expect=2).stderr


def test_a_role_that_may_not_write(new_operator: Callable[..., Operator], monkeypatch: Any) -> None:
    operator = new_operator(READ)
    operator.verify()
    (old,) = operator.secrets()
    asked = operator.json("connections", "rotate-secret", operator.id, expect=1)
    assert asked["state"] == "customer"
    assert "put-secret-value" in asked["commands"][0]
    assert operator.secrets() == operator.theirs() == (old,)

    new = webhook_secret.mint()  # as the command shown makes it
    arn = operator.stack.outputs["WebhookSecretArn"]
    operator.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=f"{new} {old}\n")
    assert operator.json("connections", "rotate-secret", operator.id)["state"] == "overlap"
    assert operator.secrets() == (new, old)

    operator.later(monkeypatch, minutes=11)
    done = operator.json("connections", "rotate-secret", operator.id, "--finish")
    assert (done["state"], operator.secrets()) == ("done", (new,))
    assert "put-secret-value" in done["commands"][0]


def update(operator: Operator, parameter: str, value: str) -> None:
    """What the commands shown do."""
    cloudformation = operator.client("cloudformation")
    described = cloudformation.describe_stacks(StackName=operator.stack.stack_id)
    cloudformation.update_stack(
        StackName=operator.stack.stack_id,
        UsePreviousTemplate=True,
        Parameters=jmespath.search(query(parameter, value), described),
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=operator.stack.stack_id, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )


def statuses(done: Result) -> dict[str, str]:
    return {probe["name"]: probe["status"] for probe in json.loads(done.stdout)["probes"]}


def test_the_external_id_is_exchanged(new_operator: Callable[..., Operator], fake_aws: FakeAws) -> None:
    operator = new_operator(READ)
    operator.verify()
    old = operator.stored().external_id
    begun = operator.json("connections", "rotate-external-id", operator.id)
    new = begun["pending_external_id"]
    assert (begun["begun"], begun["external_id"]) == (True, old)
    assert operator.json("connections", "rotate-external-id", operator.id)["pending_external_id"] == new

    pending = operator.verify("--format", "json")
    assert statuses(pending)["external-id-rotation"] == "WARN"
    assert json.loads(pending.stdout)["verdict"] == "verified"
    assert operator.stored().external_id == old

    # Taken back, and begun anew with another.
    taken, cancel = new, ("connections", "rotate-external-id", operator.id, "--cancel")
    assert operator.json(*cancel) == {
        "connection_id": operator.id,
        "external_id": old,
        "cancelled_external_id": taken,
        "opens_with_cancelled": False,
    }
    assert "is pending; its ExternalId is" in operator.run(*cancel, expect=2).stderr
    new = operator.json("connections", "rotate-external-id", operator.id)["pending_external_id"]
    assert new not in (old, taken)

    update(operator, "ExternalId", new)
    assert "nothing is left to cancel" in operator.run(*cancel, expect=2).stderr
    assert operator.stored().pending_external_id == new
    done = operator.verify("--format", "json")
    assert statuses(done)["external-id-rotation"] == "PASS"
    stored = operator.stored()
    assert (stored.external_id, stored.pending_external_id) == (new, None)
    assert operator.json("connections", "show", operator.id)["external_ids"] == [old, taken, new]

    again = operator.verify("--format", "json")
    assert "external-id-rotation" not in statuses(again)
    operator.run("verify", str(stored.role_arn), "--external-id", old, "--region", REGION, "--wait", "0", expect=1)


def test_a_role_that_still_opens_with_the_old_one(new_operator: Callable[..., Operator]) -> None:
    """The attack: the trust policy names both, so that whoever has the old one gets in."""
    operator = new_operator(READ)
    operator.verify()
    old = operator.stored().external_id
    new = operator.json("connections", "rotate-external-id", operator.id)["pending_external_id"]
    iam, role = operator.client("iam"), str(operator.stored().role_arn).rpartition("/")[2]
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]

    def trust(*ids: str) -> None:
        text = json.dumps(document)
        listed = json.dumps(list(ids))
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=re.sub(f'"{old}"', listed, text))

    trust(old, new)
    both = operator.verify("--format", "json")
    assert json.loads(both.stdout)["verdict"] == "verified"
    assert "still with the old one" in both.stdout
    assert (operator.stored().external_id, operator.stored().pending_external_id) == (old, new)

    # A third one is nobody's but an intruder's, during an exchange as ever.
    trust(new, "another-customers-external-id")
    assert json.loads(operator.verify("--format", "json", expect=1).stdout)["verdict"] == "insecure"
    assert operator.stored().external_id == old

    trust(new)
    operator.verify()
    assert operator.stored().external_id == new
    trust(new, old)
    assert json.loads(operator.verify("--format", "json", expect=1).stdout)["verdict"] == "insecure"
