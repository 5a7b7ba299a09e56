"""Templates of 25 resources each, as customers of AWS write them; no two are the same file."""

import json
from pathlib import Path
from typing import Any

_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
_CODE = "def handler(event, context):\n    return {'records': len(event.get('Records', []))}\n"


def large_templates(folder: Path, count: int) -> list[str]:
    """Write that many templates, and return their names."""
    names = []
    for number in range(count):
        name = f"large-{number:02}.json"
        (folder / name).write_text(json.dumps(_template(number), indent=2), encoding="utf-8")
        names.append(name)
    return names


def _template(number: int) -> dict[str, Any]:
    """Five queues, each with its dead-letter queue, a function that reads it, its role, and the mapping of the two."""
    resources: dict[str, Any] = {}
    for part in range(5):
        resources |= _worker(f"Worker{number}x{part}")
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Benchmark template {number}",
        "Parameters": {"Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["prod", "test"]}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": resources,
        "Outputs": {f"{name}Arn": {"Value": {"Fn::GetAtt": [name, "Arn"]}} for name in resources if "Queue" in name},
    }


def _worker(name: str) -> dict[str, Any]:
    may_read = {
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": {"Fn::GetAtt": [f"{name}Queue", "Arn"]},
    }
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": [f"{name}DeadQueue", "Arn"]}, "maxReceiveCount": 5}
    return {
        f"{name}DeadQueue": _kept("AWS::SQS::Queue", MessageRetentionPeriod=1209600, SqsManagedSseEnabled=True),
        f"{name}Queue": _kept(
            "AWS::SQS::Queue", VisibilityTimeout=180, SqsManagedSseEnabled=True, RedrivePolicy=redrive
        ),
        f"{name}Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [_TRUST]},
                "Policies": [
                    {"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [may_read]}}
                ],
            },
        },
        f"{name}Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": _CODE},
                "Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
                "MemorySize": {"Fn::If": ["IsProd", 512, 128]},
                "Timeout": 30,
                "Environment": {"Variables": {"QUEUE": {"Ref": f"{name}Queue"}, "STAGE": {"Ref": "Stage"}}},
            },
        },
        f"{name}Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": [f"{name}Queue", "Arn"]},
                "FunctionName": {"Fn::GetAtt": [f"{name}Function", "Arn"]},
                "BatchSize": 10,
            },
        },
    }


def _kept(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Properties": properties}
