"""SendFleet as its pages document it: what customers paste, and a diagnosis for each row of its error table."""

import json
from typing import Any

import pytest

from byoaws.flows import policy
from byoaws.flows.links.link import mint
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

# Word for word from SendFleet's BYOC page.
TRUST = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS":
"arn:aws:iam::979054355634:root"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId":
"0123456789abcdef0123456789abcdef0123456789abcdef"}}}]}"""
PERMISSIONS = """{"Version": "2012-10-17", "Statement": [{"Sid": "SendFleetSESPermissions", "Effect": "Allow",
"Action": ["ses:SendEmail", "ses:SendRawEmail", "ses:VerifyDomainIdentity", "ses:VerifyDomainDkim",
"ses:GetIdentityVerificationAttributes", "ses:GetIdentityDkimAttributes", "ses:GetIdentityMailFromDomainAttributes",
"ses:SetIdentityMailFromDomain", "ses:DeleteIdentity", "ses:GetAccountSendingEnabled", "ses:GetSendQuota"],
"Resource": "*"}]}"""


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return load_vendor("sendfleet", {})


def test_trust_policy_is_the_page_s(vendor: Vendor) -> None:
    made = policy.trust(vendor, "0123456789abcdef" * 3, policy.Where())
    assert made == json.loads(TRUST)


def test_permission_policy_is_the_page_s(vendor: Vendor) -> None:
    made: dict[str, Any] = policy.permissions(vendor, policy.Where())
    assert made == json.loads(PERMISSIONS)


def test_the_rest_of_the_page(vendor: Vendor) -> None:
    assert vendor.role_name == "SendFleet-BYOC-Role"
    assert vendor.session_duration == 900
    minted = mint(vendor)
    assert len(minted.external_id) == 48
    assert set(minted.external_id) <= set("0123456789abcdef")
    assert minted.webhook_secret is None
    assert vendor.dns is not None
    assert vendor.dns.mail_from_subdomain == "send"
    assert [(row.data, row.stored.split()[0]) for row in vendor.privacy] == [
        ("Recipient email address", "Never"),
        ("Email subject", "Never"),
        ("Email body (text or HTML)", "Never"),
        ("Monthly send count", "Yes"),
        ("IAM Role ARN", "Yes"),
        ("ExternalId", "Yes"),
    ]
