"""The embedded AWS as the demo uses it: one vendor, and as many customers as it has stories to tell."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from byoaws.fakeaws.accounts import VENDOR_ID, create_user
from byoaws.fakeaws.arrange import create_role, set_sandbox
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.console import session_arns
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.stacks import StackEvent
from byoaws.fakeaws.embedded import EmbeddedAws, start
from byoaws.fakeaws.principals import become
from byoaws.fakeaws.ses_v1 import SesV1
from byoaws.quickcreate.url import Link


class Stage:
    """`flows.demo.Aws` on a running embedded AWS; the customer's SES is in the sandbox, as in every new account."""

    def __init__(self, aws: EmbeddedAws, region: str, principal: str | None) -> None:
        self._aws = aws
        self._region = region
        self.vendor_account = aws.vendor.account_id
        vendor = become(aws, aws.vendor, principal) if principal else aws.vendor
        self._ses_v1 = SesV1(aws.server)
        self.environment: Mapping[str, str] = {
            **aws.environment(vendor),
            "AWS_ENDPOINT_URL_SES": self._ses_v1.endpoint,
            "AWS_ENDPOINT_URL_MAILMANAGER": aws.mail_manager.endpoint,
        }
        self.publisher_environment: Mapping[str, str] = aws.environment(aws.publisher)
        set_sandbox(aws, aws.customer, region, sandboxed=True)

    def deploy(self, link: Link, watch: Callable[[str], None]) -> Mapping[str, str]:
        """Create the stack as the customer, from the link alone, and return its outputs."""

        def told(event: StackEvent) -> None:
            if event.status == "CREATE_COMPLETE":
                watch(f"{event.resource_type} {event.logical_id}")

        page = QuickCreatePage.open(self._aws, link, customer=self._aws.customer)
        return page.create(acknowledge=True, watch=told).outputs

    def create_role(self, name: str, path: str, trust: Mapping[str, Any], permissions: Mapping[str, Any]) -> str:
        """Make a role by hand, in the account of one more customer, and return its ARN."""
        customer = self._aws.new_customer()
        arn = create_role(self._aws, customer, name, trust=trust, permissions=permissions, path=path)
        session_arns.mend(self._aws.client(customer, "iam", self._region), name)
        return arn

    def keys_in(self, secret_arn: str) -> Mapping[str, str]:
        """The environment of software that was given the access key in a secret of the customer's."""
        secrets = self._aws.client(self._aws.customer, "secretsmanager", self._region)
        held = json.loads(secrets.get_secret_value(SecretId=secret_arn)["SecretString"])
        return {**self._aws.environment(self._aws.customer), **held}

    def create_user(self, name: str, statements: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
        """Make a user by hand, in the account of one more customer, and return the environment of its keys."""
        root = self._aws.root_of(self._aws.new_customer())
        clients = Clients(self._aws.endpoint, self._aws.ca_file)
        try:
            return self._aws.environment(create_user(clients, root, name, [dict(item) for item in statements]))
        finally:
            clients.close()

    def root_keys(self) -> Mapping[str, str]:
        """The environment of the root user of the customer's account."""
        return self._aws.environment(self._aws.root_of(self._aws.customer))

    def close(self) -> None:
        """Stop the embedded AWS."""
        self._ses_v1.stop()
        self._aws.stop()


def open_stage(region: str, *, vendor_id: str | None = None, principal: str | None = None) -> Stage:
    """Start an embedded AWS for the demo.

    Args:
        region: Of the customer's stack.
        vendor_id: Account of the vendor; None for an example's.
        principal: Who in that account the demo is, as `role/PATTERN` or `user/PATTERN`; None for any user.

    Raises:
        FakeAwsError: it is not installed, or did not start.
    """
    aws = start(vendor_id=vendor_id or VENDOR_ID)
    try:
        return Stage(aws, region, principal)
    except BaseException:
        aws.stop()
        raise
