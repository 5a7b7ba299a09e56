"""Block `inbound`, the Mail Manager way: ingress points, traffic policies, rule sets and what these name.

Whatever names another resource does so by `Ref` or `Fn::GetAtt`, so that CloudFormation makes them in the right order:
an ingress point last, and it is complete only when it is ACTIVE. None has a fixed name: AWS keeps names of deleted
archives for up to 30 days, and a stack made again would fail on them.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from troposphere import AWSHelperFn, AWSObject, BaseAWSObject, GetAtt, Join, Ref, Select, Split, ses

from byoaws.pipeline import FromParameter, Given, Kind, Part, Pipeline
from byoaws.templates import names
from byoaws.templates.mail_manager_roles import Roles
from byoaws.templates.stack import Stack

RECIPIENTS = "InboundRecipients"
# RFC 2606: nobody can receive mail there. Letting in mail for nobody is safe; letting in everything is not.
_NOBODY = "no-recipient-yet.invalid"


def add_pipeline(stack: Stack, pipeline: Pipeline) -> None:
    """Add everything that the pipeline holds."""
    making = _Making(stack)
    for parameter in pipeline.parameters:
        default = {} if parameter.default is None else {"Default": parameter.default}
        stack.parameter(
            parameter.name,
            group="Inbound mail",
            label=_spaced(parameter.name),
            Description=parameter.description,
            **parameter.properties,
            **default,
        )
    for kind in Kind:
        for name, properties in pipeline.parts[kind].items():
            making.add(kind, name, properties)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


class _Making:
    """Fills stand-ins in, and adds what comes of it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._roles = Roles(stack)
        self._recipients_are_asked = False

    def add(self, kind: Kind, name: str, properties: Mapping[str, Any]) -> None:
        """Add one part of the pipeline, and its outputs."""
        logical_id = kind.logical_id(name)
        if kind is Kind.ADDON:
            self._add_addon(logical_id, properties)
        else:
            made = getattr(ses, f"MailManager{kind.type_name}")
            resource = cast(AWSObject, build(made, logical_id, self._filled(properties)))
            if kind is Kind.ARCHIVE:
                # As with the bucket: the mail is the customer's, and outlives the stack.
                resource.DeletionPolicy, resource.UpdateReplacePolicy = "RetainExceptOnCreate", "Retain"
            self._stack.add(resource)
        self._output(kind, name, properties)

    def _add_addon(self, logical_id: str, properties: Mapping[str, Any]) -> None:
        if "AddonName" not in properties:
            return  # the customer's own
        subscription = logical_id.replace("Instance", "Subscription", 1)
        addon = self._filled(properties["AddonName"])
        self._stack.add(ses.MailManagerAddonSubscription(subscription, AddonName=addon))
        subscribed = GetAtt(subscription, "AddonSubscriptionId")
        self._stack.add(ses.MailManagerAddonInstance(logical_id, AddonSubscriptionId=subscribed))

    def _output(self, kind: Kind, name: str, properties: Mapping[str, Any]) -> None:
        logical_id = kind.logical_id(name)
        if logical_id not in self._stack.template.resources:
            return
        tail = logical_id.removeprefix(kind.type_name)
        self._stack.output(f"{kind.type_name}Id{tail}", _id(kind, logical_id), f"Id of the {kind.words} '{name}'")
        if kind is not Kind.INGRESS_POINT:
            return
        host = GetAtt(logical_id, "ARecord")
        self._stack.output(f"IngressPointHost{tail}", host, f"Where the ingress point '{name}' takes mail by SMTP")
        if properties["Type"] == "OPEN" and "PublicNetworkConfiguration" in properties["NetworkConfiguration"]:
            self._stack.output(
                f"InboundMxRecord{tail}",
                Join(" ", ["10", host]),
                "MX record of each domain that is to receive mail here. Set it once this stack is complete, no sooner",
            )

    def _filled(self, value: Any) -> Any:
        """Return properties with what stands in for something filled in."""
        if isinstance(value, Mapping):
            return {key: self._member(key, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, FromParameter):
            return Ref(value.name)
        if isinstance(value, Part):
            return self._named(value)
        return self._given(value) if isinstance(value, Given) else value

    def _member(self, name: str, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return self._filled(value)
        filled = self._filled({key: item for key, item in value.items() if item is not Given.ROLE})
        if Given.ROLE in value.values():
            if value.get("S3Bucket") is Given.BUCKET:
                filled.setdefault("S3Prefix", names.INBOUND_PREFIX)
            filled["RoleArn"] = self._roles.of(name, value)
        return filled

    def _named(self, part: Part) -> Any:
        logical_id = part.kind.logical_id(part.name)
        if part.kind is Kind.ADDRESS_LIST:
            return GetAtt(logical_id, "AddressListArn")
        if part.kind is Kind.ADDON:
            own = self._stack.vendor.pipeline
            given = own.parts[Kind.ADDON][part.name].get("AddonInstanceArn") if own else None
            return GetAtt(logical_id, "AddonInstanceArn") if given is None else self._filled(given)
        return _id(part.kind, logical_id)

    def _given(self, value: Given) -> Any:
        if value is Given.BUCKET:
            return Ref(names.INBOUND_BUCKET)
        recipients = self._recipients()
        if value is Given.RECIPIENT_ADDRESSES:
            return recipients
        # "a.com,b.com" is "@a.com,@b.com": exactly the domain, since example.com would match not-example.com as well.
        return Split(",", Join("", ["@", Join(",@", recipients)]))

    def _recipients(self) -> Ref:
        if self._recipients_are_asked:
            return Ref(RECIPIENTS)
        # Not looked up by its name: a parameter of the vendor's own that is called so would take its place, and its
        # default, which lets in mail for nobody.
        self._recipients_are_asked = True
        return self._stack.parameter(
            RECIPIENTS,
            group="Inbound mail",
            label="Receive mail for",
            Type="CommaDelimitedList",
            Description=(
                "Domains (example.com, without sub-domains) or addresses, separated by commas. Mail for anyone else is "
                "refused; as long as this is left as it is, all mail"
            ),
            Default=_NOBODY,
            AllowedPattern=r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?",
            ConstraintDescription="must be domains or addresses, separated by commas",
        )


def _id(kind: Kind, logical_id: str) -> Any:
    if kind is Kind.ARCHIVE:
        # Sources differ on whether ArchiveId is the id or the ARN; the end of the ARN is the id by both.
        return Select(1, Split("/", GetAtt(logical_id, "ArchiveArn")))
    return GetAtt(logical_id, f"{kind.type_name}Id")


def build(made: Any, title: str | None, values: Mapping[str, Any]) -> BaseAWSObject:
    """Make troposphere's object of plain properties, whose classes it knows by the properties' names."""
    return cast(BaseAWSObject, made(title, **{name: _property(made.props[name][0], it) for name, it in values.items()}))


class _AsItIs(AWSHelperFn):  # type: ignore[misc]
    """What troposphere 4.11 has the wrong class for: `IpType` is no object, `Bounce` not that of receipt rules."""

    def __init__(self, data: Any) -> None:
        self.data = data


def _property(kind: Any, value: Any) -> Any:
    if isinstance(value, AWSHelperFn):
        return value
    if kind is ses.BounceAction or (kind is dict and isinstance(value, str)):
        return _AsItIs(value)
    if isinstance(kind, list):
        return [_property(kind[0], item) for item in value]
    if isinstance(kind, type) and issubclass(kind, BaseAWSObject):
        return build(kind, None, value)
    return value
