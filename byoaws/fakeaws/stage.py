"""The embedded AWS as the demo uses it: one vendor, one customer."""

from collections.abc import Callable, Mapping
from typing import Any

from byoaws.fakeaws.arrange import create_role, publish_template, set_sandbox
from byoaws.fakeaws.console import QuickCreatePage
from byoaws.fakeaws.embedded import EmbeddedAws, start
from byoaws.fakeaws.stacks import StackEvent
from byoaws.quickcreate.url import Link


class Stage:
    """`flows.demo.Aws` on a running embedded AWS; the customer's SES is in the sandbox, as in every new account."""

    def __init__(self, aws: EmbeddedAws, region: str) -> None:
        self._aws = aws
        self._region = region
        self.vendor_account = aws.vendor.account_id
        self.environment: Mapping[str, str] = aws.environment(aws.vendor)
        set_sandbox(aws, aws.customer, region, sandboxed=True)

    def publish(self, template: str, key: str) -> str:
        """Put a template where anyone may read it, and return its S3 URL."""
        return publish_template(self._aws, template, region=self._region, key=key)

    def deploy(self, link: Link, watch: Callable[[str], None]) -> Mapping[str, str]:
        """Create the stack as the customer, from the link alone, and return its outputs."""

        def told(event: StackEvent) -> None:
            if event.status == "CREATE_COMPLETE":
                watch(f"{event.resource_type} {event.logical_id}")

        page = QuickCreatePage.open(self._aws, link, customer=self._aws.customer)
        return page.create(acknowledge=True, watch=told).outputs

    def create_role(self, name: str, trust: Mapping[str, Any], permissions: Mapping[str, Any]) -> str:
        """Make a role by hand in the customer's account, and return its ARN."""
        return create_role(self._aws, self._aws.customer, name, trust=trust, permissions=permissions)

    def close(self) -> None:
        """Stop the embedded AWS."""
        self._aws.stop()


def open_stage(region: str) -> Stage:
    """Start an embedded AWS for the demo.

    Raises:
        FakeAwsError: it is not installed, or did not start.
    """
    return Stage(start(), region)
