"""What MiniStack's CloudFormation lacks, added beside it: `AWS::IAM::AccessKey`, and the secret that holds the key.

The stack is made without the key and with an empty secret; then the key is made by IAM's own API and put into the
secret. Only the form that byoaws writes is known: a secret whose text is one `Fn::Sub` of one key.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.libyaml import load

_TYPE = "AWS::IAM::AccessKey"
_EMPTY = "{}"


def without_keys(template: str) -> tuple[str, dict[str, Any]]:
    """Return the template without access keys, and what was taken out: the text of each secret, by logical name."""
    if _TYPE not in template:
        return template, {}
    document = load(template)
    resources = document["Resources"]
    keys = {name: item["Properties"]["UserName"]["Ref"] for name, item in resources.items() if item["Type"] == _TYPE}
    taken: dict[str, Any] = {}
    for name in keys:
        del resources[name]
    for name, item in resources.items():
        text = item.get("Properties", {}).get("SecretString")
        if isinstance(text, dict):
            key = next(key for key in keys if f"${{{key}}}" in text["Fn::Sub"])
            taken[name] = {"text": text["Fn::Sub"], "key": key, "user": keys[key]}
            item["Properties"]["SecretString"] = _EMPTY
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(document, Dumper=dumper, sort_keys=False)), taken


def make_keys(aws: FakeAws, customer: Account, region: str, stack_id: str, taken: Mapping[str, Any]) -> None:
    """Make the keys of a stack that is there, and put each into its secret; those whose condition is false stay out."""
    if not taken:
        return
    cfn = aws.client(customer, "cloudformation", region)
    iam, secrets = aws.client(customer, "iam", region), aws.client(customer, "secretsmanager", region)
    made = {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in cfn.describe_stack_resources(StackName=stack_id)["StackResources"]
    }
    for name, item in taken.items():
        if name in made:
            key = iam.create_access_key(UserName=made[item["user"]])["AccessKey"]
            text = item["text"].replace(f"${{{item['key']}}}", key["AccessKeyId"])
            text = text.replace(f"${{{item['key']}.SecretAccessKey}}", key["SecretAccessKey"])
            secrets.put_secret_value(SecretId=made[name], SecretString=text)
