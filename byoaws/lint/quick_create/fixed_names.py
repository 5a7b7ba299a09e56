"""Names that are the same in every stack of the template: the second stack in an account cannot be made.

A name differs where it holds a parameter, AWS::StackName or AWS::StackId, or what another resource is called. Account,
region and partition are the same for both stacks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.policies.statements import Path
from byoaws.lint.worlds.expressions import is_single, shown
from byoaws.lint.worlds.intrinsics import is_intrinsic

_NAME = "Name"
# Where the name stands, for types of which an account (in a region) takes each name once. Source: the primary and
# create-only properties in the CloudFormation registry's schemas. Left out are names inside something that the stack
# makes itself (a policy's in its role, an event destination's in its configuration set), those that AWS lets occur
# twice, and SES identities and archives, which have rules of their own.
_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::Dashboard": ("DashboardName",),
    "AWS::DynamoDB::Table": ("TableName",),
    "AWS::ECR::Repository": ("RepositoryName",),
    "AWS::Events::ApiDestination": (_NAME,),
    "AWS::Events::Connection": (_NAME,),
    "AWS::Events::EventBus": (_NAME,),
    "AWS::Events::Rule": (_NAME,),
    "AWS::IAM::Group": ("GroupName",),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::IAM::User": ("UserName",),
    "AWS::KMS::Alias": ("AliasName",),
    "AWS::Kinesis::Stream": (_NAME,),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamName",),
    "AWS::Lambda::Function": ("FunctionName",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::Logs::ResourcePolicy": ("PolicyName",),
    "AWS::S3::AccessPoint": (_NAME,),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SES::ConfigurationSet": (_NAME,),
    "AWS::SES::ContactList": ("ContactListName",),
    "AWS::SES::CustomVerificationEmailTemplate": ("TemplateName",),
    "AWS::SES::DedicatedIpPool": ("PoolName",),
    "AWS::SES::MailManagerAddressList": ("AddressListName",),
    "AWS::SES::MailManagerIngressPoint": ("IngressPointName",),
    "AWS::SES::MailManagerRelay": ("RelayName",),
    "AWS::SES::MailManagerRuleSet": ("RuleSetName",),
    "AWS::SES::MailManagerTrafficPolicy": ("TrafficPolicyName",),
    "AWS::SES::ReceiptFilter": ("Filter", _NAME),
    "AWS::SES::ReceiptRule": ("Rule", _NAME),
    "AWS::SES::ReceiptRuleSet": ("RuleSetName",),
    "AWS::SES::Template": ("Template", "TemplateName"),
    "AWS::SES::Tenant": ("TenantName",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("QueueName",),
    "AWS::SSM::Document": (_NAME,),
    "AWS::SSM::Parameter": (_NAME,),
    "AWS::Scheduler::Schedule": (_NAME,),
    "AWS::Scheduler::ScheduleGroup": (_NAME,),
    "AWS::SecretsManager::Secret": (_NAME,),
    "AWS::StepFunctions::StateMachine": ("StateMachineName",),
}
# AWS makes up no name for these.
_MUST_HAVE = frozenset(
    {
        *("AWS::Events::EventBus", "AWS::KMS::Alias", "AWS::Logs::ResourcePolicy", "AWS::SES::ReceiptFilter"),
        *("AWS::SES::CustomVerificationEmailTemplate", "AWS::SES::Tenant"),
    }
)
# Names that only need to differ inside what this other property names.
_INSIDE = {"AWS::SES::ReceiptRule": "RuleSetName", "AWS::Scheduler::Schedule": "GroupName"}
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_SAME_FOR_BOTH = frozenset(
    {"AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix", "AWS::NotificationARNs"}
)
_WORLDWIDE = "; and bucket names are the whole world's, so somebody may have it already"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedName:
    """A name that the second stack cannot have."""

    path: Path
    message: str
    fix: str


def fixed_names(template: Mapping[str, Any]) -> Iterator[FixedName]:
    """Find them: one for each name, and for each branch of an `Fn::If` that no parameter decides."""
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        steps = _PROPERTIES.get(kind) if isinstance(kind, str) else None
        properties = resource.get("Properties") if steps else None
        if not steps or not isinstance(properties, Mapping):
            continue
        around = _INSIDE.get(str(kind))
        if around in properties and _varies(template, properties[around]):
            continue
        path: Path = ("Resources", name, "Properties")
        for where, value in _literals(template, *_below(properties, path, steps)):
            yield _fixed(name, str(kind), where, value)


def _below(node: Any, path: Path, steps: tuple[str, ...]) -> tuple[Any, Path]:
    for step in steps:
        node = node.get(step) if isinstance(node, Mapping) else None
        path = (*path, step)
    return node, path


def _literals(template: Mapping[str, Any], value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield what the name can be where that does not vary, each with its place."""
    argument = value.get("Fn::If") if is_single(value) else None
    if isinstance(argument, list) and len(argument) == 3:
        if not _asks_parameter(template, argument[0], frozenset()):
            for index in (1, 2):
                yield from _literals(template, argument[index], (*path, "Fn::If", index))
    elif value is not None and value != {"Ref": "AWS::NoValue"} and not _varies(template, value):
        yield path, value


def _fixed(name: str, kind: str, path: Path, value: Any) -> FixedName:
    template = value["Fn::Sub"] if is_single(value) and "Fn::Sub" in value else value
    text = shown(template[0] if isinstance(template, list) else template)
    message = f"'{name}' is called '{text}' in every stack, so an account cannot have a second one"
    if kind == "AWS::S3::Bucket" and "AWS::AccountId" not in str(value):
        message += _WORLDWIDE
    fix = "put ${AWS::StackName} into it"
    if kind not in _MUST_HAVE:
        fix = f"leave {_PROPERTIES[kind][-1]} out, so that AWS makes one up; or {fix}"
    return FixedName(path=path, message=message, fix=fix)


def _varies(template: Mapping[str, Any], value: Any) -> bool:
    """True if the value can differ between two stacks, or nobody can tell."""
    if isinstance(value, str):
        return "{{resolve:" in value
    if isinstance(value, list):
        return any(_varies(template, item) for item in value)
    if not is_single(value):
        return isinstance(value, Mapping)
    ((name, argument),) = value.items()
    if name == "Ref":
        return argument not in _SAME_FOR_BOTH
    if name == "Fn::Sub":
        return _sub_varies(template, argument)
    if name == "Fn::If":
        return _asks_parameter(template, argument[0], frozenset()) or _varies(template, argument[1:])
    if name in ("Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::Base64", "Fn::ToJsonString"):
        return _varies(template, argument)
    return True


def _sub_varies(template: Mapping[str, Any], argument: Any) -> bool:
    parts = argument if isinstance(argument, list) else [argument]
    given = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    for variable in _VARIABLE.findall(parts[0]) if parts and isinstance(parts[0], str) else ():
        name = variable.strip()
        if _varies(template, given[name]) if name in given else name not in _SAME_FOR_BOTH:
            return True
    return False


def _asks_parameter(template: Mapping[str, Any], name: Any, seen: frozenset[str]) -> bool:
    """True if a condition depends on a parameter, or there is none of that name."""
    conditions = template.get("Conditions")
    if not isinstance(name, str) or not isinstance(conditions, Mapping) or name not in conditions:
        return True
    return name not in seen and _holds_parameter(template, conditions[name], seen | {name})


def _holds_parameter(template: Mapping[str, Any], node: Any, seen: frozenset[str]) -> bool:
    if isinstance(node, list):
        return any(_holds_parameter(template, item, seen) for item in node)
    if not isinstance(node, Mapping):
        return False
    return any(
        _asks_parameter(template, item, seen)
        if key == "Condition"
        else _varies(template, {key: item})
        if is_intrinsic(key) and key not in ("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Fn::If")
        else _holds_parameter(template, item, seen)
        for key, item in node.items()
    )
