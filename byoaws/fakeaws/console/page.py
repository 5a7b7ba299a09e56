"""The stand-in of the AWS console's Quick-Create page.

It does what the console does with a link, and no more: reads the template from S3, drops the parameters that AWS drops,
shows the rest, and makes the stack as the customer once the capabilities are acknowledged by hand.
Source: CloudFormation user guide, "Create quick-create links for stacks".
"""

import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from byoaws.errors import FakeAwsError, LinkError
from byoaws.fakeaws.arrange import create_bucket
from byoaws.fakeaws.console import role_paths, session_arns, stack_reads, topic_attributes
from byoaws.fakeaws.console.access_keys import make_keys, without_keys
from byoaws.fakeaws.console.stacks import WITHIN, CreatedStack, Watcher, ignore, refused, wait_created
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.fakeaws.mail_manager.stacks import make_mail_manager
from byoaws.fakeaws.mail_manager.template import Taken, without_mail_manager
from byoaws.quickcreate.template_url import parse_template_url
from byoaws.quickcreate.url import Link

# Source: CloudFormation quotas, "Template body size in a request".
_INLINE_LIMIT = 51_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter, as the page shows it."""

    name: str
    description: str
    no_echo: bool
    """Typed in blind, never taken from a link."""
    value: str = field(repr=False)
    """From the link, typed in, or the template's default; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickCreatePage:
    """An opened Quick-Create page. It is a value: typing something in gives another page."""

    aws: FakeAws = field(repr=False)
    customer: Account
    region: str
    stack_name: str
    fields: tuple[Field, ...]
    """Every parameter that the template declares."""
    ignored: Mapping[str, str]
    """Parameters of the link that the console dropped without a word, and why."""
    capabilities: tuple[str, ...]
    """What the box at the end of the page wants acknowledged."""
    template: str = field(repr=False)
    keys: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What `access_keys` took out of the template, to be made once the stack is there."""
    mail_manager: Taken | None = field(default=None, repr=False)
    """The same of `mail_manager_template`."""

    @classmethod
    def open(cls, aws: FakeAws, link: Link, *, customer: Account) -> Self:
        """Open a link as `customer`.

        Raises:
            FakeAwsError: the template is not on S3, cannot be read by anybody, or is not a template.
        """
        template, keys = without_keys(_read_template(aws, link.template_url))
        template, mail_manager = without_mail_manager(template)
        cfn = aws.client(customer, "cloudformation", link.region)
        try:
            summary = cfn.get_template_summary(**_template_argument(aws, customer, link.region, template))
        except (ClientError, BotoCoreError) as error:
            raise refused(error, "the console does not take the template") from error
        declared = {parameter["ParameterKey"]: parameter for parameter in summary["Parameters"]}
        return cls(
            aws=aws,
            customer=customer,
            region=link.region,
            stack_name=link.stack_name,
            fields=tuple(_field(parameter, link.parameters) for parameter in declared.values()),
            ignored=_ignored(declared, link.parameters),
            capabilities=_capabilities(summary),
            template=template,
            keys=keys,
            mail_manager=mail_manager,
        )

    def fill(self, name: str, value: str) -> Self:
        """Type a value into the field `name`.

        Raises:
            FakeAwsError: the page has no such field.
        """
        if name not in {shown.name for shown in self.fields}:
            raise FakeAwsError(f"the page has no field '{name}'")
        fields = tuple(replace(shown, value=value) if shown.name == name else shown for shown in self.fields)
        return replace(self, fields=fields)

    def create(self, *, acknowledge: bool, watch: Watcher = ignore, within: float = WITHIN) -> CreatedStack:
        """Press "Create stack", with the capabilities acknowledged or not, and wait until the stack is there.

        Raises:
            FakeAwsError: CloudFormation refused (a missing acknowledgement, a value the template forbids), rolled
                back (with the failed resource's reason), or took longer than `within` seconds.
        """
        cfn = self.aws.client(self.customer, "cloudformation", self.region)
        try:
            stack_id = cfn.create_stack(
                StackName=self.stack_name,
                Parameters=[{"ParameterKey": shown.name, "ParameterValue": shown.value} for shown in self.fields],
                Capabilities=list(self.capabilities) if acknowledge else [],
                **_template_argument(self.aws, self.customer, self.region, self.template),
            )["StackId"]
        except (ClientError, BotoCoreError) as error:
            raise refused(error, f"stack '{self.stack_name}' was not made") from error
        outputs = wait_created(cfn, stack_id, watch, within)
        self._mend(cfn, stack_id)
        make_keys(self.aws, self.customer, self.region, stack_id, self.keys)
        if self.mail_manager is not None:
            where = (self.aws, self.customer, self.region)
            try:
                outputs = make_mail_manager(*where, self.mail_manager, outputs, watch)
            except FakeAwsError:
                cfn.delete_stack(StackName=stack_id)
                raise
        return CreatedStack(stack_id=stack_id, name=self.stack_name, region=self.region, outputs=outputs)

    def _mend(self, cfn: Any, stack_id: str) -> None:
        iam = self.aws.client(self.customer, "iam", self.region)
        topics = {}
        for resource in cfn.describe_stack_resources(StackName=stack_id)["StackResources"]:
            kind, physical_id = resource["ResourceType"], resource.get("PhysicalResourceId", "")
            if kind == "AWS::IAM::Role":
                role_paths.mend(iam, physical_id)
                stack_reads.mend(iam, physical_id)
                session_arns.mend(iam, physical_id)
            elif kind == "AWS::SNS::Topic":
                topics[resource["LogicalResourceId"]] = physical_id
        topic_attributes.mend(self.aws.client(self.customer, "sns", self.region), topics, self.template)


def _field(parameter: Mapping[str, Any], given: Mapping[str, str]) -> Field:
    name, no_echo = parameter["ParameterKey"], bool(parameter.get("NoEcho"))
    default = parameter.get("DefaultValue", "")
    return Field(
        name=name,
        description=parameter.get("Description", ""),
        no_echo=no_echo,
        value=default if no_echo else given.get(name, default),
    )


def _capabilities(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """What the template needs. MiniStack's summary takes PolicyName for a name of the customer's choice; AWS does not.

    The reason lists the types that the strongest capability is needed for.
    """
    named_policies_alone = summary.get("CapabilitiesReason", "").endswith(": [AWS::IAM::Policy]")
    weaker = {"CAPABILITY_NAMED_IAM": "CAPABILITY_IAM"} if named_policies_alone else {}
    return tuple(weaker.get(capability, capability) for capability in summary.get("Capabilities", ()))


def _ignored(declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    unknown = {name: "the template has no such parameter" for name in given if name not in declared}
    hidden = {name: "a NoEcho parameter" for name in given if declared.get(name, {}).get("NoEcho")}
    return unknown | hidden


def _read_template(aws: FakeAws, url: str) -> str:
    """Read a template as anybody may: without credentials, from the bucket of that name in the embedded AWS."""
    try:
        place = parse_template_url(url)
    except LinkError as error:
        raise FakeAwsError("TemplateURL must be a supported URL", hint=str(error)) from error
    version = f"?versionId={quote(place.version_id, safe='')}" if place.version_id else ""
    context = ssl.create_default_context(cafile=aws.ca_file)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(f"{aws.endpoint}/{place.bucket}/{quote(place.key)}{version}", timeout=10) as answer:
            return str(answer.read().decode("utf-8"))
    except urllib.error.HTTPError as error:
        with error:
            raise FakeAwsError(
                f"S3 does not give the template '{place.bucket}/{place.key}' to everybody (HTTP {error.code})",
                hint="the object must exist, and anybody must be allowed s3:GetObject on it",
            ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FakeAwsError(f"the template '{place.bucket}/{place.key}' could not be read: {error}") from error


def _template_argument(aws: FakeAws, customer: Account, region: str, template: str) -> dict[str, str]:
    """The template as an API argument; a large one by way of a bucket of the customer's, as the console does it.

    MiniStack reads a TemplateURL from buckets of the caller's account alone.
    """
    body = template.encode()
    if len(body) <= _INLINE_LIMIT:
        return {"TemplateBody": template}
    bucket, key = f"cf-templates-{customer.account_id}-{region}", "template"
    s3 = aws.client(customer, "s3", region)
    create_bucket(s3, bucket, region)
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return {"TemplateURL": f"{aws.endpoint}/{bucket}/{key}"}
