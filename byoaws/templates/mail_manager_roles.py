"""Roles by which rules act: one for each kind of action and what it acts on, with no more than that takes.

Source: SES developer guide, "Permission policies for Mail Manager"; Service Authorization Reference.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from troposphere import GetAtt, Ref, Select, Split, Sub, encode_to_dict, iam

from byoaws.pipeline import FromParameter, Given
from byoaws.templates import names
from byoaws.templates.stack import Stack, sub

Properties: TypeAlias = Mapping[str, Any]
Statement: TypeAlias = dict[str, Any]
_HERE = "${AWS::Region}:${AWS::AccountId}"


def _text(value: Any) -> str:
    """Return a value as a part of `Fn::Sub`'s text."""
    return f"${{{value.name}}}" if isinstance(value, FromParameter) else str(value).replace("${", "${!")


def _allow(actions: list[str], *resources: Any) -> Statement:
    one = actions[0] if len(actions) == 1 else actions
    return {"Effect": "Allow", "Action": one, "Resource": resources[0] if len(resources) == 1 else list(resources)}


def _whole(value: Any) -> Any:
    return sub(_text(value))


def _write_to_s3(action: Properties) -> list[Statement]:
    own = action["S3Bucket"] is Given.BUCKET
    bucket = f"${{{names.INBOUND_BUCKET}.Arn}}" if own else f"arn:${{AWS::Partition}}:s3:::{_text(action['S3Bucket'])}"
    prefix = _text(action["S3Prefix"]) if "S3Prefix" in action else names.INBOUND_PREFIX if own else ""
    found = [
        _allow(["s3:PutObject"], sub(f"{bucket}/{prefix}*")),
        # SES looks whether the bucket is there.
        _allow(["s3:ListBucket"], GetAtt(names.INBOUND_BUCKET, "Arn") if own else sub(bucket)),
    ]
    if "S3SseKmsKeyId" in action:
        found.append(_allow(["kms:GenerateDataKey"], _whole(action["S3SseKmsKeyId"])))
    return found


def _send(action: Properties) -> list[Statement]:
    del action  # who sends is in each message
    ses = f"arn:${{AWS::Partition}}:ses:{_HERE}"
    # An identity's default configuration set is asked for too.
    return [_allow(["ses:SendEmail", "ses:SendRawEmail"], sub(f"{ses}:identity/*"), sub(f"{ses}:configuration-set/*"))]


def _bounce(action: Properties) -> list[Statement]:
    sender = action["Sender"]
    identity = f"arn:${{AWS::Partition}}:ses:{_HERE}:identity"
    if isinstance(sender, FromParameter):
        domain: Any = Sub(f"{identity}/${{Domain}}", Domain=Select(1, Split("@", Ref(sender.name))))
    else:
        domain = sub(f"{identity}/{sender.partition('@')[2]}")
    return [_allow(["ses:SendBounce"], sub(f"{identity}/{_text(sender)}"), domain)]


def _deliver_to_q_business(action: Properties) -> list[Statement]:
    application, index = _text(action["ApplicationId"]), _text(action["IndexId"])
    arn = f"arn:${{AWS::Partition}}:qbusiness:{_HERE}:application/{application}"
    return [_allow(["qbusiness:BatchPutDocument"], sub(f"{arn}/index/{index}"))]


_PERMISSIONS: Mapping[str, Callable[[Properties], list[Statement]]] = {
    "WriteToS3": _write_to_s3,
    "Send": _send,
    "Bounce": _bounce,
    "DeliverToQBusiness": _deliver_to_q_business,
    "PublishToSns": lambda action: [_allow(["sns:Publish"], _whole(action["TopicArn"]))],
    "InvokeLambda": lambda action: [_allow(["lambda:InvokeFunction"], _whole(action["FunctionArn"]))],
    "DeliverToMailbox": lambda action: [_allow(["workmail:DeliverToMailbox"], _whole(action["MailboxArn"]))],
}
"""Kind of action to what its role may do; every action with a `RoleArn` is here."""


class Roles:
    """The roles of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._made: dict[str, list[Any]] = {}

    def of(self, kind: str, action: Properties) -> GetAtt:
        """Return the ARN of the role for an action; actions that need the same share one."""
        statements = _PERMISSIONS[kind](action)
        there = self._made.setdefault(kind, [])
        plain = encode_to_dict(statements)
        if plain not in there:
            there.append(plain)
            self._add(_name(kind, len(there)), statements)
        return GetAtt(_name(kind, there.index(plain) + 1), "Arn")

    def _add(self, title: str, statements: list[Statement]) -> None:
        document = {"Version": "2012-10-17", "Statement": statements}
        self._stack.add(
            iam.Role(
                title,
                Path=names.function_role_path(self._stack),
                AssumeRolePolicyDocument=_trust(),
                Policies=[iam.Policy(PolicyName="rule-action", PolicyDocument=document)],
            )
        )


def _name(kind: str, number: int) -> str:
    return f"{kind}Role{number if number > 1 else ''}"


def _trust() -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ses.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")},
                    "ArnLike": {"aws:SourceArn": sub(f"arn:${{AWS::Partition}}:ses:{_HERE}:mailmanager-rule-set/*")},
                },
            }
        ],
    }
