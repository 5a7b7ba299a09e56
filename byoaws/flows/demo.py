"""The whole journey on the embedded AWS: each step is a command that a person could type, run for real.

Vendor and customer are separate accounts. The customer's side goes through the stand-in of the console's
Quick-Create page, which is given nothing but the link.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from byoaws.errors import FakeAwsError
from byoaws.iam.trust import trust_policy
from byoaws.quickcreate import external_id
from byoaws.quickcreate.url import Link, parse

REGION = "us-east-1"
_STRANGER = "999999999999"
_SEND_ONLY = {"Effect": "Allow", "Action": ["ses:SendEmail", "iam:GetRole"], "Resource": "*"}
_READ = {"Effect": "Allow", "Action": ["ses:GetAccount", "iam:GetRole"], "Resource": "*"}


class Aws(Protocol):
    """What the journey needs of the embedded AWS."""

    vendor_account: str
    """The vendor's account id."""
    environment: Mapping[str, str]
    """Points any AWS SDK at the embedded AWS, as the vendor."""

    def publish(self, template: str, key: str) -> str:
        """Put a template where anyone may read it, and return its S3 URL."""

    def deploy(self, link: Link, watch: Callable[[str], None]) -> Mapping[str, str]:
        """Create the stack as the customer, from the link alone, and return its outputs."""

    def create_role(self, name: str, trust: Mapping[str, Any], permissions: Mapping[str, Any]) -> str:
        """Make a role by hand in the customer's account, and return its ARN."""


class Screen(Protocol):
    """Where the journey is shown."""

    def step(self, title: str) -> None:
        """A step begins."""

    def command(self, text: str) -> None:
        """A command that is run."""

    def output(self, text: str) -> None:
        """What it printed."""

    def note(self, text: str) -> None:
        """A remark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One run of the demo; everything it writes is in `folder`."""

    aws: Aws
    screen: Screen
    folder: Path
    env: Mapping[str, str]
    """Of the commands: the user's own, less what concerns AWS and byoaws."""

    def run(self) -> None:
        """Connect an account that is sound, then three that are not.

        Raises:
            FakeAwsError: a step did not end as it should.
        """
        url = self._generate_and_publish()
        env = {"MAILMARK_CFN_TEMPLATE_URL": url}
        connected = self._connect(env)
        outputs = self._deploy(connected["url"])
        self.screen.step("Verify it")
        role, bucket, identifier = outputs["RoleArn"], outputs["BucketName"], connected["connection_id"]
        self._byoaws(["verify", role, "--connection", identifier, "--bucket", bucket], expect=0)
        self.screen.note("the same for machines")
        self._byoaws(["verify", role, "--format", "json"], expect=0)
        self._byoaws(["connections", "list"], expect=0)
        self._broken_roles()

    def _generate_and_publish(self) -> str:
        self.screen.step("Generate the stack, lint it, publish it")
        self._byoaws(["generate", "-o", "mailmark.yaml"], expect=0)
        self._byoaws(["lint", "mailmark.yaml", "--vendor", "mailmark"], expect=0)
        url = self.aws.publish((self.folder / "mailmark.yaml").read_text(encoding="utf-8"), "templates/mailmark.yaml")
        self.screen.note(f"published at {url}")
        return url

    def _connect(self, env: Mapping[str, str]) -> dict[str, str]:
        self.screen.step("Begin a connection: a fresh ExternalId, a webhook secret, a link")
        printed = self._byoaws(
            ["connect", "--alias", "Production", "--region", REGION, "--format", "json"], expect=0, env=env, show=False
        )
        begun: dict[str, str] = json.loads(printed)
        self.screen.output(
            f"connection  {begun['connection_id']}\nExternalId  {begun['external_id']}\n"
            f"link        {begun['url'].partition('?templateURL')[0]}?templateURL=...  ({len(begun['url'])} chars)\n"
        )
        return begun

    def _deploy(self, url: str) -> Mapping[str, str]:
        self.screen.step("The customer opens the link, ticks the box, and creates the stack")
        outputs = self.aws.deploy(parse(url), self.screen.note)
        self.screen.output("".join(f"{name:<22}{value}\n" for name, value in sorted(outputs.items())))
        return outputs

    def _broken_roles(self) -> None:
        ours = f"arn:aws:iam::{self.aws.vendor_account}:root"
        right = external_id.mint()
        sound = trust_policy(principal=ours, external_id=right)
        open_door = json.loads(json.dumps(sound))
        del open_door["Statement"][0]["Condition"]
        wrong_account = trust_policy(principal=f"arn:aws:iam::{_STRANGER}:root", external_id=right)
        for title, name, trust, permissions in (
            ("A role without an ExternalId condition", "no-external-id", open_door, _READ),
            ("A role that trusts another account", "wrong-account", wrong_account, _READ),
            ("A role that may not ask SES about its account", "no-get-account", sound, _SEND_ONLY),
        ):
            self.screen.step(title)
            document = {"Version": "2012-10-17", "Statement": [permissions]}
            arn = self.aws.create_role(name, trust, document)
            self._byoaws(["verify", arn, "--external-id", right, "--wait", "2", "--region", REGION], expect=1)

    def _byoaws(
        self, arguments: Sequence[str], *, expect: int, env: Mapping[str, str] | None = None, show: bool = True
    ) -> str:
        self.screen.command("byoaws " + " ".join(arguments))
        done = subprocess.run(
            [sys.executable, "-m", "byoaws.cli", *arguments],
            cwd=self.folder,
            env={**self.env, **self.aws.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if show or done.returncode != expect:
            self.screen.output(done.stdout + (done.stderr if done.returncode != expect else ""))
        if done.returncode != expect:
            raise FakeAwsError(
                f"'byoaws {arguments[0]}' ended with exit code {done.returncode}, and {expect} was expected",
                hint="its output is above",
            )
        return done.stdout
