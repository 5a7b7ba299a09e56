"""`Fn::GetAtt` of what is in a stack of ours, as far as it follows from what AWS calls it."""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.model import Connection
from byoaws.regions import partition_of

_MAIL_MANAGER = "AWS::SES::MailManager"
_ARNS = {"Archive": "mailmanager-archive", "AddressList": "mailmanager-address-list", "AddonInstance": "addon-instance"}
"""Kinds of Mail Manager's parts that others name by their ARN, and what stands in it before the id."""


def attributes(connection: Connection, template: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, str]:
    """Return attributes by `NAME.ATTRIBUTE`; what is not known is not in it."""
    found: dict[str, str] = {}
    for name, called in ids.items():
        resource = template["Resources"].get(name) or {}
        found |= {f"{name}.{key}": value for key, value in _of(connection, resource, called)}
    return found


def _of(connection: Connection, resource: Mapping[str, Any], called: str) -> Iterator[tuple[str, str]]:
    arn = f"arn:{partition_of(connection.region).name}"
    here = f"{connection.region}:{connection.account_id}"
    kind = str(resource.get("Type"))
    if kind == "AWS::S3::Bucket":
        yield "Arn", f"{arn}:s3:::{called}"
    elif kind == "AWS::Lambda::Function":
        yield "Arn", f"{arn}:lambda:{here}:function:{called}"
    elif kind == "AWS::Logs::LogGroup":
        yield "Arn", f"{arn}:logs:{here}:log-group:{called}:*"
    elif kind == "AWS::CloudWatch::Alarm":
        yield "Arn", f"{arn}:cloudwatch:{here}:alarm:{called}"
    elif kind == "AWS::SQS::Queue":
        queue = called.rpartition("/")[2]
        yield from (("Arn", f"{arn}:sqs:{here}:{queue}"), ("QueueName", queue))
    elif kind == "AWS::SecretsManager::Secret" and called.startswith("arn:"):
        yield "Id", called
    elif kind == "AWS::IAM::Role":
        path = (resource.get("Properties") or {}).get("Path", "/")
        yield "Arn", f"{arn}:iam::{connection.account_id}:role{path}{called}"
    elif kind.startswith(_MAIL_MANAGER):
        part, own = kind.removeprefix(_MAIL_MANAGER), called.rpartition("/")[2]
        yield f"{part}Id", own
        if part in _ARNS:
            yield f"{part}Arn", f"{arn}:ses:{here}:{_ARNS[part]}/{own}"
