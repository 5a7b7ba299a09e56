"""Policies on paper: the same as in the stack, with patterns where the stack would put its own names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from byoaws.arn import ACCOUNT_ID
from byoaws.errors import UsageError
from byoaws.flows.region import require_region_of
from byoaws.iam.compose import check_size, load_pack, pack_names, packs_of, permission_policy, substitute
from byoaws.iam.deployer import deployer_policy
from byoaws.iam.trust import principal_arn, principal_pattern, trust_policy
from byoaws.packs import Pack
from byoaws.quickcreate import external_id as external_ids
from byoaws.regions import partition_of
from byoaws.vendor_model import Access, Vendor

_DOMAIN_NAME = "${vendor:domain}"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What ARNs are limited to; `*` is any."""

    region: str = "*"
    account_id: str = "*"
    domain: str | None = None
    """For packs that are limited to one."""

    @property
    def partition(self) -> str:
        """The region's partition; the commercial one for any region."""
        return "aws" if self.region == "*" else partition_of(self.region).name

    def check(self, vendor: Vendor) -> None:
        """Refuse a region or an account id that is none.

        Raises:
            UsageError: it is not.
        """
        if self.region != "*":
            require_region_of(vendor, self.region)
        if self.account_id != "*" and not ACCOUNT_ID.fullmatch(self.account_id):
            raise UsageError(f"'{self.account_id[:60]}' is not an AWS account id", hint="12 digits")
        if self.domain is not None and not _DOMAIN.fullmatch(self.domain):
            raise UsageError(
                f"'{self.domain[:60]}' is not a domain", hint="lower-case, as DNS has it: mail.example.com"
            )


def placeholders(vendor: Vendor, external_id: str | None) -> Iterator[str]:
    """Say what stands in the trust policy as a placeholder, which IAM refuses, or which no call can match."""
    if vendor.account.account_id is None:
        yield "the vendor's AWS account is not set: replace the placeholder in Principal"
    if external_id is None:
        yield "no --external-id given: replace the placeholder by the connection's ExternalId"


def trust(vendor: Vendor, external_id: str | None, where: Where) -> dict[str, Any]:
    """Return the trust policy; of `where` only the region's partition shows in it.

    Raises:
        UsageError: an ExternalId AWS does not allow, or no such region.
    """
    if vendor.access is Access.USER:
        raise UsageError(
            f"{vendor.title} works with a user's keys, and no role trusts it",
            hint=f"byoaws policy permissions --vendor {vendor.option}",
        )
    where.check(vendor)
    given = external_ids.check(external_id) if external_id is not None else "<EXTERNAL_ID>"
    account = vendor.account.account_id or f"<{vendor.parameters.vendor_account_id}>"
    return trust_policy(
        principal=principal_arn(vendor.account, partition=where.partition, account_id=account),
        external_id=given,
        only=principal_pattern(vendor.account, partition=where.partition, account_id=account),
    )


def permissions(vendor: Vendor, where: Where, *, pack: str | None = None) -> dict[str, Any]:
    """Return the permission policy of the vendor's role or user, or that of one other pack.

    Raises:
        UnknownName: no such pack, with or without the vendor's name in front.
        UsageError: the pack is limited to a domain, and none is given; or the reverse.
        PolicyError: larger than AWS allows.
    """
    packs = packs_of(vendor) if pack is None else (_pack(vendor, pack),)
    names = ", ".join(one.name for one in packs)
    limited = any(_DOMAIN_NAME in text for one in packs for text in one.texts())
    if limited and where.domain is None:
        raise UsageError(f"pack '{names}' is limited to one domain", hint="give --domain")
    if where.domain is not None and not limited:
        raise UsageError(
            f"pack '{names}' is not limited to a domain", hint="leave --domain out, or give --pack of one that is"
        )
    values = names_on_paper(vendor, where)
    document = permission_policy(packs, lambda text: substitute(text, values))
    check_size(document)
    return document


def _pack(vendor: Vendor, name: str) -> Pack:
    known = pack_names()
    if name not in known:
        for own in vendor.own_packs:
            if own.name == name:
                return own
    return load_pack(next((found for found in (f"{vendor.name}-{name}", name) if found in known), name))


def deployer(vendor: Vendor, where: Where) -> dict[str, Any]:
    """Return what the customer's administrator needs in order to create, update and delete the stack."""
    from byoaws.templates.stack import build  # troposphere; the other two policies do without

    return deployer_policy(build(vendor), names_on_paper(vendor, where), template_url=vendor.template_url)


def names_on_paper(vendor: Vendor, where: Where) -> dict[str, str]:
    """`${...}` names, and the patterns that stand for what the stack would name."""
    where.check(vendor)
    prefix = vendor.name[:22].rstrip("-")
    secret, function, queue, alarm, stack = (
        f"arn:{where.partition}:{service}:{where.region}:{where.account_id}:{kind}"
        for service, kind in (
            ("secretsmanager", "secret:"),
            ("lambda", "function:"),
            ("sqs", ""),
            ("cloudwatch", "alarm:"),
            ("cloudformation", "stack/"),
        )
    )
    # CloudFormation shortens a long stack name inside the names of resources.
    stack_name = f"{vendor.stack.name[:20]}*"
    return {
        "AWS::Partition": where.partition,
        "AWS::Region": where.region,
        "AWS::AccountId": where.account_id,
        "vendor:name": vendor.name,
        "vendor:role-path": vendor.role_path,
        **({"vendor:domain": where.domain} if where.domain else {}),
        "AWS::StackId": f"{stack}{vendor.stack.name}*/*",
        "stack:name": stack_name,
        **dict.fromkeys(
            ("stack:forwarder", "stack:setup-function", "stack:registration-function"), f"{function}{stack_name}"
        ),
        **dict.fromkeys(("stack:forwarder-dead-letters", "stack:event-dead-letters"), f"{queue}{stack_name}"),
        "stack:forwarder-alarm": f"{alarm}{stack_name}",
        "stack:prefix": prefix,
        **{
            f"stack:{event}-topic": f"arn:{where.partition}:sns:{where.region}:{where.account_id}:{stack_name}"
            for event in ("bounce", "complaint", "delivery")
        },
        "stack:bucket": f"{prefix}-????????-*",
        "stack:configuration-set": f"{prefix}-????????",
        "stack:role": f"{vendor.role_path}{vendor.role_name or '*'}",
        # Secrets Manager's name for a secret without one begins with its logical name.
        "stack:webhook-secret": f"{secret}{'WebhookSigning' if vendor.access is Access.ROLE else 'AccessKey'}Secret-*",
    }
