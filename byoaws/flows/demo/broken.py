"""What the demo breaks on purpose: roles and keys that must not be verified, each for its own reason."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from byoaws.iam.compose import actions, packs_of
from byoaws.iam.trust import principal_arn, principal_pattern, trust_policy
from byoaws.quickcreate import external_id
from byoaws.vendor_model import Vendor

_STRANGER = "999999999999"
_ASKED_BY = {"ses-account": "ses:GetAccount", "ses-send-quota": "ses:GetSendQuota"}
"""Probe to the action that it cannot do without."""
_V1 = ("ses:SendRawEmail", "ses:VerifyDomainIdentity", "ses:GetSendQuota", "ses:GetAccountSendingEnabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role that a customer might make by hand."""

    title: str
    name: str
    trust: Mapping[str, Any]
    permissions: Mapping[str, Any]
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Keys that a customer might hand to software."""

    title: str
    name: str = ""
    statements: Sequence[Mapping[str, Any]] = ()
    root: bool = False
    """True for the root user's own keys."""


def broken_roles(vendor: Vendor, vendor_account: str) -> Iterator[Role]:
    """A role without ExternalId condition, one that trusts another account, and one that lacks a permission."""
    right = external_id.mint(prefix=vendor.external_id_prefix, size=vendor.external_id_bytes)
    all_actions = list(actions(packs_of(vendor)))

    def trust(account: str) -> dict[str, Any]:
        where = {"partition": "aws", "account_id": account}
        only = principal_pattern(vendor.account, **where)
        return trust_policy(principal=principal_arn(vendor.account, **where), external_id=right, only=only)

    def role(title: str, name: str, document: Mapping[str, Any], allowed: Sequence[str]) -> Role:
        statement = {"Effect": "Allow", "Action": list(allowed), "Resource": "*"}
        return Role(
            title=title,
            name=vendor.role_name or name,
            trust=document,
            permissions={"Version": "2012-10-17", "Statement": [statement]},
            external_id=right,
        )

    open_door = json.loads(json.dumps(trust(vendor_account)))
    del open_door["Statement"][0]["Condition"]["StringEquals"]
    if not open_door["Statement"][0]["Condition"]:
        del open_door["Statement"][0]["Condition"]
    yield role("A role without an ExternalId condition", "no-external-id", open_door, all_actions)
    yield role("A role that trusts another account", "wrong-account", trust(_STRANGER), all_actions)
    missing = next((action for probe, action in _ASKED_BY.items() if probe in vendor.probes), None)
    if missing:
        allowed = [action for action in all_actions if action != missing]
        yield role(f"A role that lacks {missing}", "no-permission", trust(vendor_account), allowed)


def broken_keys(vendor: Vendor) -> Iterator[Keys]:
    """The root user's keys, a user without a policy, and one whose policy names the other SES API's actions."""
    yield Keys(title="The root user's keys", root=True)
    nothing = {"Effect": "Deny", "Action": list(actions(packs_of(vendor))), "Resource": "*"}
    yield Keys(title="A user without the policy", name="no-policy", statements=[nothing])
    v1 = {"Effect": "Allow", "Action": list(_V1), "Resource": "*"}
    yield Keys(title="A user whose policy names actions of the SES API v1", name="v1-policy", statements=[v1])
