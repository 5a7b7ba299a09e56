"""What a vendor file costs the customer or the vendor in safety, though there is no mistake in it.

Each risk has a code, W101 and on; docs/commands.md lists them. Nothing here calls AWS.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from byoaws.flows.vendor.pipeline_risks import pipeline_risks
from byoaws.flows.vendor.risk import Risk
from byoaws.iam.compose import packs_of
from byoaws.lint.interface import KindsOfResource
from byoaws.packs import PackStatement
from byoaws.vendor_model import Access, SecretMode, Vendor
from byoaws.vendors.names import BLOCK_OF, PACK_OF

CODES = tuple(f"W{number}" for number in range(101, 121))
_OF_ITSELF = frozenset(
    f"iam:{name}"
    for name in ("GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies", "SimulatePrincipalPolicy")
)
_OWN_ROLE = "${stack:role}"
"""Harmless: the role reads itself."""
_HOUR = 3600

# More can be had by these than they say. Source: IAM user guide, "Granting a user permissions to pass a role", and the
# services' own guides; it does not claim to be a whole list.
_OPENS: Mapping[str, str] = {
    "sts:AssumeRole": "opens every role that trusts this one",
    "lambda:AddPermission": "lets others call the customer's functions",
    "lambda:CreateFunction": "runs code in the customer's account",
    "lambda:UpdateFunctionCode": "runs code with the permissions of the function",
    "ec2:RunInstances": "runs machines at the customer's cost",
    "ecs:RunTask": "runs containers with the permissions of the task",
    "ssm:SendCommand": "runs commands on the customer's machines",
    "ssm:StartSession": "opens shells on the customer's machines",
    "cloudformation:CreateStack": "makes whatever the stack's role may make",
    "cloudformation:UpdateStack": "changes whatever the stack's role may change",
    "s3:PutBucketPolicy": "opens the customer's buckets to others",
    "cloudtrail:StopLogging": "hides what is done in the account",
    "cloudtrail:DeleteTrail": "hides what is done in the account",
}
_OPENS_ON_ALL: Mapping[str, str] = {
    "secretsmanager:GetSecretValue": "reads every secret of the account",
    "ssm:GetParameter": "reads every parameter of the account, secrets among them",
    "ssm:GetParameters": "reads every parameter of the account, secrets among them",
    "ssm:GetParametersByPath": "reads every parameter of the account, secrets among them",
    "kms:Decrypt": "decrypts whatever the account's keys protect",
    "s3:GetObject": "reads every object of every bucket",
    "s3:PutObject": "overwrites objects of every bucket",
    "s3:DeleteObject": "deletes objects of every bucket",
    "dynamodb:Scan": "reads every table",
}


def risks(vendor: Vendor, kinds: KindsOfResource) -> tuple[Risk, ...]:
    """Everything that is worth a warning, by code.

    Args:
        kinds: What AWS lets actions be limited to.

    Raises:
        UnknownName, PolicyError: the vendor's packs, as `iam.compose.packs_of`.
    """
    found = [*_who(vendor), *_secret(vendor), *_names(vendor), *_permissions(vendor, kinds), *_upkeep(vendor)]
    found += [*_blind_probes(vendor), *pipeline_risks(vendor)]
    return tuple(sorted(found, key=lambda risk: risk.code))


def _who(vendor: Vendor) -> Iterator[Risk]:
    account = vendor.account
    if vendor.access is Access.USER:
        yield Risk(
            code="W112",
            name="lasting-keys",
            summary="access is by an access key, which works for whoever holds it until somebody deletes it",
            fix="where the software runs in AWS, a role of its instance or container ends by itself",
        )
    elif account.role_arn is None and account.principal is None:
        yield Risk(
            code="W101",
            name="whole-account",
            summary=f"the role trusts every principal of account {account.account_id or '(not set)'} that may call "
            "sts:AssumeRole",
            fix="set aws.principal, or aws.role_arn, to the one role that needs it",
        )
    elif account.principal and re.fullmatch(r"(role|user)(/[*?]+)+", account.principal):
        yield Risk(
            code="W102",
            name="any-principal",
            summary=f"aws.principal '{account.principal}' matches every {account.principal.partition('/')[0]} of the "
            "account",
            fix="name the role: role/mailer, or a path of its own: role/mail/*",
        )


def _secret(vendor: Vendor) -> Iterator[Risk]:
    blocks = vendor.stack.blocks
    if "forwarder" in blocks and vendor.webhook_secret is SecretMode.PARAMETER:
        yield Risk(
            code="W103",
            name="secret-in-link",
            summary="the webhook secret stands in plain text in the link, in browser histories and in the stack's "
            "parameters; who has it can post mail that looks received",
            fix="set webhook_secret: generated, and add the pack webhook-secret-read",
        )
    for key, block, url in (
        ("inbound", "forwarder", vendor.inbound_webhook_url),
        ("sending", "notifications", vendor.sending_webhook_url),
    ):
        if block in blocks and url is None:
            yield Risk(
                code="W111",
                name="webhook-missing",
                summary=f"block '{block}' posts to webhooks.{key}, which is not set, so no link can be built",
                fix=f"set webhooks.{key}, or take the block out",
            )


def _names(vendor: Vendor) -> Iterator[Risk]:
    name = vendor.user_name if vendor.access is Access.USER else vendor.role_name
    if name:
        yield Risk(
            code="W104",
            name="fixed-name",
            summary=f"the name '{name}' is fixed: an account holds one connection, and the stack needs "
            "CAPABILITY_NAMED_IAM",
            fix=f"leave {vendor.access.value}.name empty, unless your own systems need that name",
        )


def _permissions(vendor: Vendor, kinds: KindsOfResource) -> Iterator[Risk]:
    for pack in packs_of(vendor):
        for statement in pack.statements:
            place = f"pack '{pack.name}', {statement.sid}"
            yield from _all_resources(statement, place, kinds)
            yield from _actions(statement, place, kinds)


def _all_resources(statement: PackStatement, place: str, kinds: KindsOfResource) -> Iterator[Risk]:
    if "*" not in statement.resources:
        return
    wide = {grant.action: found for grant in statement.grants if (found := kinds(grant.action))}
    if wide:
        known = sorted({kind for found in wide.values() for kind in found})
        yield Risk(
            code="W105",
            name="all-resources",
            summary=f"{place}: {', '.join(wide)} on '*'",
            fix=f"AWS can limit them to: {', '.join(known)}; name those, or take it that the vendor reaches all",
        )


def _actions(statement: PackStatement, place: str, kinds: KindsOfResource) -> Iterator[Risk]:
    for action in (grant.action for grant in statement.grants):
        service = action.partition(":")[0]
        opens = _OPENS.get(action) or ("*" in statement.resources and _OPENS_ON_ALL.get(action)) or ""
        if kinds(action) is None:
            yield Risk(
                code="W106",
                name="unknown-action",
                summary=f"{place}: AWS lists no action '{action}'",
                fix="IAM takes a misspelt action in silence, and it allows nothing: check its name",
            )
        if service == "iam" and not _reads_itself(action, statement):
            yield Risk(
                code="W107",
                name="iam-actions",
                summary=f"{place}: {action} concerns who may do what in the customer's account",
                fix="take it out: who may change permissions may give itself any, and who may read them finds gaps",
            )
        if opens:
            yield Risk(
                code="W108",
                name="far-reaching",
                summary=f"{place}: {action} {opens}",
                fix="take it out, or limit it to what the stack itself makes",
            )


def _reads_itself(action: str, statement: PackStatement) -> bool:
    return action in _OF_ITSELF and all(_OWN_ROLE in resource for resource in statement.resources)


def _upkeep(vendor: Vendor) -> Iterator[Risk]:
    if vendor.access is Access.USER:
        return
    if vendor.session_duration > _HOUR:
        yield Risk(
            code="W109",
            name="long-session",
            summary=f"a session lasts {vendor.session_duration} seconds, and so does one that was stolen",
            fix="set session.duration to 900 and open a new one when it ends",
        )
    granted = {action for pack in packs_of(vendor) for action in pack.actions()}
    if "trust-policy" not in vendor.probes or "iam:GetRole" not in granted:
        yield Risk(
            code="W110",
            name="trust-unread",
            summary="verify does not read the trust policy, so who else it lets in stays unseen",
            fix="add the pack self-read and the probe trust-policy",
        )


def _blind_probes(vendor: Vendor) -> Iterator[Risk]:
    """Probes that every account would answer with FAIL or UNKNOWN, whatever state it is in."""
    granted = {action for pack in packs_of(vendor) for action in pack.actions()}
    lacking: dict[str, list[str]] = {}
    for probe in vendor.probes:
        block, pack = BLOCK_OF.get(probe), PACK_OF.get(probe)
        if block and block not in vendor.stack.blocks:
            yield Risk(
                code="W120",
                name="blind-probe",
                summary=f"probe '{probe}' asks about what block '{block}' makes, and the stack has no such block",
                fix=f"take '{probe}' out of probes, or add '{block}' to stack.blocks",
            )
        elif pack and not granted.issuperset(_asked_for(vendor, pack)):
            lacking.setdefault(pack, []).append(f"'{probe}'")
    for pack, probes in lacking.items():
        yield Risk(
            code="W120",
            name="blind-probe",
            summary=f"no pack allows what {', '.join(probes)} of probes ask{'' if len(probes) > 1 else 's'}",
            fix=f"add '{pack}' to packs, or take {'them' if len(probes) > 1 else 'it'} out of probes",
        )


def _asked_for(vendor: Vendor, pack: str) -> set[str]:
    (fitting,) = packs_of(replace(vendor, packs=(pack,)))
    return set(fitting.actions())
