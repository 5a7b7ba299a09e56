"""What Mail Manager's resources take in a CloudFormation template: what the API takes, and a little less.

Source: the CloudFormation registry's schemas, against which the tests hold every line.
"""

from collections.abc import Mapping
from dataclasses import replace

from byoaws.mail_manager.resources import ADDRESS_LIST, ARCHIVE, INGRESS_POINT, RELAY
from byoaws.mail_manager.rules import RULE_SET
from byoaws.mail_manager.shapes import Fields, Items, OneOf, Shape, Text
from byoaws.mail_manager.traffic import TRAFFIC_POLICY

_ADDRESS = "[a-zA-Z0-9.+-]+@[a-zA-Z0-9.-]+"
_PARTITIONS = "(aws|aws-cn|aws-us-gov|aws-eusc)"
# Name of an object and of its field, and what is allowed there by both CloudFormation and the API.
_NARROWER = {
    ("BounceAction", "Sender"): _ADDRESS,
    ("ReplaceRecipientAction", "ReplaceWith"): _ADDRESS,
    ("SnsAction", "TopicArn"): rf"arn:{_PARTITIONS}:sns:[a-z]{{2}}-([a-z]+-)+\d{{1}}:\d{{12}}:[\w\-]{{1,256}}",
    ("TrustStore", "KmsKeyArn"): rf"arn:{_PARTITIONS}:kms:[a-z0-9-]+:\d{{12}}:(key|alias)/[a-zA-Z0-9/_-]+",
}
_ALSO_REQUIRED = {"TlsAuthConfiguration": frozenset({"TrustStore"})}

_TAGS = Items(
    of=Fields(
        name="Tag",
        fields={"Key": Text(shortest=1, longest=128), "Value": Text(longest=256)},
        required=frozenset({"Key", "Value"}),
    ),
    most=200,
)
_STATUS = {"StatusToUpdate": Text(values=("ACTIVE", "CLOSED"))}


def _in_template(shape: Shape, pattern: str | None = None) -> Shape:
    if isinstance(shape, Text):
        return replace(shape, pattern=pattern) if pattern else shape
    if isinstance(shape, Items):
        return replace(shape, of=_in_template(shape.of, pattern), distinct=bool(pattern))
    if isinstance(shape, Fields):
        fields = {key: _in_template(one, _NARROWER.get((shape.name, key))) for key, one in shape.fields.items()}
        return replace(shape, fields=fields, required=shape.required | _ALSO_REQUIRED.get(shape.name, frozenset()))
    if isinstance(shape, OneOf):
        return replace(shape, choices={key: _in_template(one) for key, one in shape.choices.items()})
    return shape


def _resource(shape: Fields, others: Mapping[str, Shape] | None = None) -> Fields:
    fields = {key: _in_template(one) for key, one in shape.fields.items()}
    return replace(shape, fields={**fields, **(others or {}), "Tags": _TAGS})


RESOURCES: Mapping[str, Fields] = {
    "AWS::SES::MailManagerTrafficPolicy": _resource(TRAFFIC_POLICY),
    "AWS::SES::MailManagerRuleSet": _resource(RULE_SET),
    "AWS::SES::MailManagerIngressPoint": _resource(INGRESS_POINT, _STATUS),
    "AWS::SES::MailManagerRelay": _resource(RELAY),
    "AWS::SES::MailManagerArchive": _resource(ARCHIVE),
    "AWS::SES::MailManagerAddressList": _resource(ADDRESS_LIST),
}
"""Type of resource to its properties."""
