"""What a runbook is filled in with: a vendor, and a connection or placeholders in its place.

No secret is among it, by construction: there is no field that could hold one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from byoaws.model import Json, ProbeResult
from byoaws.packs import Pack
from byoaws.pipeline import StackParameter
from byoaws.vendor_model import Access, Vendor

REVOKE: Json = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "<NOW>"}},
        }
    ],
}
"""Ends sessions opened before a time. Source: IAM user guide, "Revoke IAM role temporary security credentials"."""
KEEP_THE_BUCKET: Json = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": "LogicalResourceId/InboundBucket",
        },
    ]
}
"""A stack policy. Source: CloudFormation user guide, "Prevent updates to stack resources"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of the stack."""

    name: str
    kind: str
    """For example `AWS::S3::Bucket`."""
    kept: bool
    """True if it stays when the stack is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOnPaper:
    """What the template says that the vendor's file alone does not."""

    resources: Sequence[Resource]
    parameters: Sequence[str]
    """Every parameter's name, in the template's order."""
    capabilities: Sequence[str]

    def has(self, kind: str) -> bool:
        """True if the stack makes a resource of that type."""
        return any(resource.kind == kind for resource in self.resources)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastReport:
    """What the last verification found that is not fine."""

    verdict: str
    at: str
    results: Sequence[ProbeResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The ways to create the stack, without the webhook secret."""

    link: str
    """The Quick-Create link."""
    cli: str
    terraform: str
    values: Mapping[str, str]
    """What the link fills in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The connection, as far as it is known; a text in angle brackets stands for what is not."""

    known: bool
    """False without a connection: all but region and stack name are placeholders then."""
    id: str
    alias: str
    customer: str | None
    status: str
    sandbox: bool | None
    region: str
    external_id: str
    stack_name: str
    role_arn: str
    role_name: str
    account_id: str
    bucket: str
    last: LastReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a runbook may name."""

    vendor: Vendor
    stack: StackOnPaper
    packs: Sequence[Pack]
    subject: Subject
    mail: bool
    """True if the vendor has to do with SES at all."""
    partition: str
    console: str
    """The console's address in the region, such as `https://eu-west-1.console.aws.amazon.com`."""
    template_url: str
    """That of the connection's link, else the vendor's; without a query that may hold a credential."""
    newest_template_url: str
    """What the vendor publishes now, or a placeholder: what a stack is upgraded to."""
    vendor_account: str
    our_role: str
    """ARN of the role under which the operator runs, where the vendor file names one."""
    trust: Json
    """The trust policy that the role must have; null where there is no role."""
    permissions: Mapping[str, Sequence[str]]
    """Statement id to the resources that it is limited to, as they read in this account."""
    conditions: Mapping[str, str]
    """Statement id to its condition as JSON, where it has one."""
    offered: Offered | None
    """None where something for it is not known."""
    secret_parameter: str | None
    """The stack parameter that takes the webhook secret, where the customer enters it."""
    prefix: str
    """What the names of the stack's resources begin with."""
    mail_from: str
    """The MAIL FROM domain, of a domain that is not known here."""
    sts_region: str
    """Region of the STS that byoaws asks."""

    @property
    def role(self) -> bool:
        """True if customers grant the vendor a role."""
        return self.vendor.access is Access.ROLE

    @property
    def user(self) -> bool:
        """True if the vendor's software works with the access key of a user."""
        return self.vendor.access is Access.USER

    def parameters(self, changed: Mapping[str, str]) -> list[Json]:
        """What a change set is given: these values, and for all other parameters the stack's own."""
        return [
            {"ParameterKey": name, "ParameterValue": changed[name]}
            if name in changed
            else {"ParameterKey": name, "UsePreviousValue": True}
            for name in self.stack.parameters
        ]

    def rotation(self) -> list[Json]:
        """What the change set is given that gives a stack another ExternalId."""
        return self.parameters({self.vendor.parameters.external_id: "<NEW_EXTERNAL_ID>"})

    def upgrade(self) -> list[Json]:
        """What the change set is given that takes a stack to another template.

        An older stack has no parameter of that name yet, so it has no previous value.
        """
        return self.parameters({self.vendor.parameters.connection_id: self.subject.id})

    @property
    def receipt_rules(self) -> bool:
        """True if the stack receives mail by receipt rules."""
        return self.block("inbound") and self.vendor.pipeline is None

    @property
    def mail_manager(self) -> bool:
        """True if the stack receives mail by Mail Manager."""
        return self.block("inbound") and self.vendor.pipeline is not None

    @property
    def customers(self) -> tuple[StackParameter, ...]:
        """Parameters of the pipeline that the customer gives a value."""
        declared = self.vendor.pipeline.parameters if self.mail_manager and self.vendor.pipeline else ()
        return tuple(parameter for parameter in declared if parameter.default is None)

    def block(self, name: str) -> bool:
        """True if the vendor's stack holds that building block."""
        return name in self.vendor.stack.blocks
