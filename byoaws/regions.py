"""Which AWS regions there are, in which partition, and what SES can do in each.

Gathered 2026-11-21. Sources: SES sending: the CloudFormation registry's regions for `AWS::SES::*` (schemas of
2026-10-20) and botocore's endpoints; SES receiving: AWS General Reference, "Email Receiving endpoints".
"""

from dataclasses import dataclass

from byoaws.errors import UsageError

_RECEIVING = frozenset(
    [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "af-south-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-south-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-south-1",
        "sa-east-1",
        "eusc-de-east-1",
    ]
)
_SENDING = _RECEIVING | frozenset(
    {
        "ap-south-2",
        "ap-southeast-5",
        "ca-west-1",
        "eu-central-2",
        "me-central-1",
        "us-gov-east-1",
        "us-gov-west-1",
    }
)
# Source: the CloudFormation registry's regions for `AWS::SES::MailManager*`, of which AWS counts the commercial ones.
_MAIL_MANAGER = frozenset(
    region for region in _SENDING if region != "eusc-de-east-1" and not region.startswith("us-gov-")
)
# AWS regions where SES has an API endpoint but CloudFormation has no SES types (botocore endpoints), or no SES at all.
_WITHOUT_STACKS = frozenset(
    [
        "ap-east-1",
        "ap-east-2",
        "ap-southeast-4",
        "ap-southeast-6",
        "ap-southeast-7",
        "eu-south-2",
        "mx-central-1",
        "cn-north-1",
        "cn-northwest-1",
    ]
)
# `BucketNamespace: account-regional` is missing here. Source: S3 user guide, account-regional namespaces.
_WITHOUT_ACCOUNT_REGIONAL_BUCKETS = ("me-central-1", "me-south-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One of AWS's separate worlds, and its host names."""

    name: str
    dns_suffix: str
    """Of the service endpoints."""
    console_suffix: str
    """Of the console, after the region."""
    sts_region: str
    """Always enabled, so its STS can be asked about any account of the partition."""


# Source: botocore 1.44 partitions; public console host names.
_PARTITIONS = {
    "aws": Partition(
        name="aws", dns_suffix="amazonaws.com", console_suffix="console.aws.amazon.com", sts_region="us-east-1"
    ),
    "aws-us-gov": Partition(
        name="aws-us-gov",
        dns_suffix="amazonaws.com",
        console_suffix="console.amazonaws-us-gov.com",
        sts_region="us-gov-west-1",
    ),
    "aws-cn": Partition(
        name="aws-cn", dns_suffix="amazonaws.com.cn", console_suffix="console.amazonaws.cn", sts_region="cn-north-1"
    ),
    "aws-eusc": Partition(
        name="aws-eusc",
        dns_suffix="amazonaws.eu",
        console_suffix="console.amazonaws-eusc.eu",
        sts_region="eusc-de-east-1",
    ),
}


def partition(name: str) -> Partition:
    """Return the partition of that name; KeyError where there is none."""
    return _PARTITIONS[name]


def partition_of(region: str) -> Partition:
    """Return the partition that `region` lies in, by the beginning of its name."""
    for prefix, name in (("us-gov-", "aws-us-gov"), ("cn-", "aws-cn"), ("eusc-", "aws-eusc")):
        if region.startswith(prefix):
            return _PARTITIONS[name]
    return _PARTITIONS["aws"]


def sending_regions() -> list[str]:
    """Regions where a stack can hold SES resources."""
    return sorted(_SENDING)


def receives(region: str) -> bool:
    """True if SES can receive mail by receipt rules in `region`."""
    return region in _RECEIVING


def has_mail_manager(region: str) -> bool:
    """True if SES can receive mail by Mail Manager in `region`."""
    return region in _MAIL_MANAGER


def is_in_us_or_canada(region: str) -> bool:
    """True where Mail Manager's ingress points can have the TLS policy FIPS. Source: botocore's model `mailmanager`."""
    return region.startswith(("us-", "ca-"))


def regions_without_account_regional_buckets() -> tuple[str, ...]:
    """Regions where S3 has no account-regional bucket namespace."""
    return _WITHOUT_ACCOUNT_REGIONAL_BUCKETS


def require_aws_region(region: str) -> None:
    """Refuse what is no AWS region; SES need not be there.

    Raises:
        UsageError: no such region.
    """
    if region not in _SENDING and region not in _WITHOUT_STACKS:
        known = ", ".join(sorted(_SENDING.union(_WITHOUT_STACKS)))
        raise UsageError(f"region '{region}' is not an AWS region", hint=f"known: {known}")


def require_region(region: str, *, receiving: bool = False) -> None:
    """Refuse a region where the stack could not work.

    Raises:
        UsageError: no such region, no SES there, or (with `receiving`) SES cannot receive there.
    """
    if region not in _SENDING:
        what = "has no SES for CloudFormation stacks" if region in _WITHOUT_STACKS else "is not an AWS region"
        raise UsageError(f"region '{region}' {what}", hint=f"regions with SES: {', '.join(sending_regions())}")
    if receiving and region not in _RECEIVING:
        instead = "Mail Manager can: set inbound: mail-manager in the vendor file; " if has_mail_manager(region) else ""
        raise UsageError(
            f"SES cannot receive mail in region '{region}' by receipt rules, and the stack has an inbound part",
            hint=f"{instead}regions that receive: {', '.join(sorted(_RECEIVING))}",
        )


def require_mail_manager(region: str) -> None:
    """Refuse a region without SES Mail Manager.

    Raises:
        UsageError: it is not there.
    """
    if region not in _MAIL_MANAGER:
        raise UsageError(
            f"SES has no Mail Manager in region '{region}', and the stack receives by it",
            hint=f"regions with Mail Manager: {', '.join(sorted(_MAIL_MANAGER))}",
        )
