"""The whole journey on the embedded AWS: each step is a command that a person could type, run for real.

Vendor and customer are separate accounts. The customer's side goes through the stand-in of the console's
Quick-Create page, which is given nothing but the link. What is broken on purpose is in `flows/demo/broken.py`.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from byoaws.errors import FakeAwsError
from byoaws.flows.demo.broken import Keys, Role, broken_keys, broken_roles
from byoaws.quickcreate.url import Link, parse
from byoaws.vendor_model import Access, Inbound, Vendor

REGION = "us-east-1"
DEFAULT = "mailmark"
_WAITS = "mail-manager-read"
"""The permission pack that lets the vendor see how ingress points stand."""


class Aws(Protocol):
    """What the journey needs of the embedded AWS."""

    vendor_account: str
    """The vendor's account id."""
    environment: Mapping[str, str]
    """Points any AWS SDK at the embedded AWS, as the vendor."""
    publisher_environment: Mapping[str, str]
    """The same as the vendor's administrator, who publishes templates."""

    def deploy(self, link: Link, watch: Callable[[str], None]) -> Mapping[str, str]:
        """Create the stack as the customer, from the link alone, and return its outputs."""

    def create_role(self, name: str, path: str, trust: Mapping[str, Any], permissions: Mapping[str, Any]) -> str:
        """Make a role by hand, in the account of one more customer, and return its ARN."""

    def keys_in(self, secret_arn: str) -> Mapping[str, str]:
        """The environment of software that was given the access key in a secret of the customer's."""

    def create_user(self, name: str, statements: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
        """Make a user by hand, in the account of one more customer, and return the environment of its keys."""

    def root_keys(self) -> Mapping[str, str]:
        """The environment of the root user of the customer's account."""


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
    vendor: Vendor
    vendor_option: str | None
    """What --vendor was given; None for the default."""
    folder: Path
    env: Mapping[str, str]
    """Of the commands: the user's own, less what concerns AWS and byoaws."""

    def run(self) -> None:
        """Connect an account that is sound, then some that are not.

        Raises:
            FakeAwsError: a step did not end as it should.
        """
        url = self._generate_and_publish()
        if self.vendor.access is Access.ROLE:
            self._with_a_role(url)
            for role in broken_roles(self.vendor, self.aws.vendor_account):
                self._broken_role(role)
        else:
            self._with_keys(url)
            for keys in broken_keys(self.vendor):
                self._broken_keys(keys)

    def _generate_and_publish(self) -> str:
        self.screen.step("Generate the stack, lint it, publish it")
        name = f"{self.vendor.name}.yaml"
        self._byoaws(["generate", *self._option(), "-o", name], expect=0)
        self._byoaws(["lint", name, "--no-cache", "--vendor", self.vendor_option or DEFAULT], expect=0)
        bucket = f"{self.vendor.name}-templates-{self.aws.vendor_account}"
        publish = ["publish", *self._option(), "--bucket", bucket, "--region", REGION, "--create"]
        administrator = self.aws.publisher_environment
        self._byoaws(publish, expect=0, env=administrator)
        # Again is harmless, and says the same.
        again = self._byoaws([*publish, "--format", "json"], expect=0, env=administrator, show=False, quiet=True)
        return str(json.loads(again)["url"])

    def _with_a_role(self, url: str) -> None:
        self.screen.step("Begin a connection: a fresh ExternalId, a link")
        connect = ["connect", *self._option(), "--alias", "Production", "--region", REGION, "--template-url", url]
        begun = json.loads(self._byoaws([*connect, "--format", "json"], expect=0, show=False))
        self.screen.output(
            f"connection  {begun['connection_id']}\nExternalId  {begun['external_id']}\n{_shortened(begun['url'])}"
        )
        outputs = self._deploy(begun["url"])
        self.screen.step("Verify it")
        role, identifier = outputs["RoleArn"], begun["connection_id"]
        bucket = ["--bucket", outputs["BucketName"]] if "BucketName" in outputs else []
        self._byoaws(["verify", role, *self._option(), "--connection", identifier, *bucket], expect=0)
        self.screen.note("the same for machines")
        self._byoaws(["verify", role, *self._option(), "--format", "json"], expect=0)
        self._byoaws(["connections", "list"], expect=0)
        if _WAITS in self.vendor.packs and self.vendor.inbound is Inbound.MAIL_MANAGER:
            self.screen.step("Wait for the ingress point, and only then set the MX record")
            self._byoaws(["mail-manager", "wait", *self._option(), "--connection", identifier], expect=0)

    def _with_keys(self, url: str) -> None:
        self.screen.step("Build the link of the stack that makes the user")
        link = ["link", *self._option(), "--region", REGION, "--template-url", url, "--format", "json"]
        built = json.loads(self._byoaws(link, expect=0, show=False))
        self.screen.output(_shortened(built["url"]))
        outputs = self._deploy(built["url"])
        self.screen.step("Verify the keys, as the software that was given them")
        keys = self.aws.keys_in(outputs["AccessKeySecretArn"])
        verify = ["verify", *self._option(), "--region", REGION]
        self._byoaws(verify, expect=0, env=keys)
        self.screen.note("the same for machines")
        self._byoaws([*verify, "--format", "json"], expect=0, env=keys)

    def _deploy(self, url: str) -> Mapping[str, str]:
        self.screen.step("The customer opens the link, ticks the box, and creates the stack")
        outputs = self.aws.deploy(parse(url), self.screen.note)
        self.screen.output("".join(f"{name:<22}{value}\n" for name, value in sorted(outputs.items())))
        return outputs

    def _broken_role(self, role: Role) -> None:
        self.screen.step(role.title)
        arn = self.aws.create_role(role.name, self.vendor.role_path, role.trust, role.permissions)
        given = ["--external-id", role.external_id, "--wait", "2", "--region", REGION]
        self._byoaws(["verify", arn, *self._option(), *given], expect=1)

    def _broken_keys(self, keys: Keys) -> None:
        self.screen.step(keys.title)
        env = self.aws.root_keys() if keys.root else self.aws.create_user(keys.name, keys.statements)
        self._byoaws(["verify", *self._option(), "--region", REGION], expect=1, env=env)

    def _option(self) -> list[str]:
        return ["--vendor", self.vendor_option] if self.vendor_option else []

    def _byoaws(
        self,
        arguments: Sequence[str],
        *,
        expect: int,
        env: Mapping[str, str] | None = None,
        show: bool = True,
        quiet: bool = False,
    ) -> str:
        if not quiet:
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


def _shortened(url: str) -> str:
    return f"link        {url.partition('?templateURL')[0]}?templateURL=...  ({len(url)} chars)\n"
