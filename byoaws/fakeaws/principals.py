"""Being one certain principal of the vendor's account, where a vendor file trusts that one only."""

import json

from byoaws.fakeaws.accounts import ASSUME_ROLES, HOME_REGION
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.iam.patterns import matches as pattern_matches
from byoaws.iam.patterns import wild


def become(aws: FakeAws, vendor: Account, principal: str) -> Account:
    """Return a principal that `principal` (`role/PATTERN` or `user/PATTERN`) names, made for the purpose."""
    kind, _, pattern = principal.partition("/")
    *folders, last = pattern.split("/")
    path = "".join(f"/{_plain(folder)}" for folder in folders) + "/"
    name = _plain(last)
    if kind == "user" and pattern_matches(wild(pattern), "byoaws-vendor"):
        return vendor
    return _user(aws, path, name) if kind == "user" else _role(aws, vendor, path, name)


def _plain(pattern: str) -> str:
    return pattern.replace("*", "demo").replace("?", "x")


def _user(aws: FakeAws, path: str, name: str) -> Account:
    iam = aws.client(aws.publisher, "iam", HOME_REGION)
    user = iam.create_user(UserName=name, Path=path)["User"]
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=_may_assume())
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Account(
        account_id=aws.vendor.account_id,
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
        principal_arn=user["Arn"],
    )


def _role(aws: FakeAws, vendor: Account, path: str, name: str) -> Account:
    iam = aws.client(aws.publisher, "iam", HOME_REGION)
    trust = {"Effect": "Allow", "Principal": {"AWS": vendor.principal_arn}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)["Role"]
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_may_assume())
    answer = aws.client(vendor, "sts", HOME_REGION).assume_role(RoleArn=role["Arn"], RoleSessionName="byoaws-demo")
    held = answer["Credentials"]
    return Account(
        account_id=vendor.account_id,
        access_key_id=held["AccessKeyId"],
        secret_access_key=held["SecretAccessKey"],
        session_token=held["SessionToken"],
        principal_arn=answer["AssumedRoleUser"]["Arn"],
    )


def _may_assume() -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [ASSUME_ROLES]})
