"""What a runbook is filled in with: gathered from the vendor, its template, a connection and its last report."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from byoaws.arn import parse_role_arn
from byoaws.errors import ArnError, LinkError
from byoaws.flows import policy
from byoaws.flows.region import needs_ses
from byoaws.iam.compose import packs_of, substitute
from byoaws.model import Connection, Status, VerificationReport
from byoaws.packs import Pack
from byoaws.quickcreate.alternatives import aws_cli, terraform
from byoaws.quickcreate.check import capabilities
from byoaws.quickcreate.template_url import shown
from byoaws.quickcreate.url import Link, build
from byoaws.regions import partition_of
from byoaws.runbooks.facts import Facts, LastReport, Offered, Resource, StackOnPaper, Subject
from byoaws.templates.stack import build as build_stack
from byoaws.vendor_model import Access, SecretMode, Vendor


def facts_of(vendor: Vendor, connection: Connection | None, report: VerificationReport | None, *, region: str) -> Facts:
    """Gather the facts. Of the connection its webhook secret is not read.

    Raises:
        UsageError, PolicyError: the vendor's stack cannot be built.
    """
    stack = _on_paper(build_stack(vendor))
    subject = _subject(vendor, connection, report, region)
    known_account = connection.account_id if connection else None
    where = policy.Where(region=region, account_id=known_account or "*")
    url, is_whole = _template_url((connection and connection.template_url) or vendor.template_url)
    newest, newest_is_whole = _template_url(vendor.template_url)
    external_id = connection.external_id if connection else None
    packs = packs_of(vendor)
    names = _names(vendor, where, connection.bucket_name if connection else None)
    return Facts(
        vendor=vendor,
        stack=stack,
        packs=packs,
        subject=subject,
        mail=needs_ses(vendor),
        partition=where.partition,
        console=f"https://{region}.{partition_of(region).console_suffix}",
        template_url=url,
        newest_template_url=newest if newest_is_whole else "<NEW_TEMPLATE_URL>",
        vendor_account=_vendor_account(vendor),
        our_role=vendor.account.role_arn or "<OUR_ROLE_ARN>",
        trust=policy.trust(vendor, external_id, where) if vendor.access is Access.ROLE else None,
        permissions=_resources(packs, names),
        conditions=_conditions(packs, names),
        offered=_offered(vendor, stack, subject, url) if connection and is_whole else None,
        secret_parameter=_secret_parameter(vendor, stack),
        prefix=vendor.name[:22].rstrip("-"),
        mail_from=f"{vendor.dns.mail_from_subdomain if vendor.dns else 'mail'}.<DOMAIN>",
        sts_region=partition_of(region).sts_region,
    )


def _on_paper(template: Mapping[str, Any]) -> StackOnPaper:
    return StackOnPaper(
        resources=[
            Resource(name=name, kind=item["Type"], kept=str(item.get("DeletionPolicy", "")).startswith("Retain"))
            for name, item in template["Resources"].items()
        ],
        parameters=list(template.get("Parameters") or {}),
        capabilities=capabilities(template),
    )


def _subject(vendor: Vendor, connection: Connection | None, report: VerificationReport | None, region: str) -> Subject:
    if connection is None:
        return Subject(
            known=False,
            id="<CONNECTION_ID>",
            alias="<ALIAS>",
            customer=None,
            status="",
            sandbox=None,
            region=region,
            external_id="<EXTERNAL_ID>",
            stack_name=vendor.stack.name,
            role_arn="<ROLE_ARN>",
            role_name=vendor.role_name or "<ROLE_NAME>",
            account_id="<ACCOUNT_ID>",
            bucket="<BUCKET_NAME>",
            last=None,
        )
    # Until a role is verified, it is known only as the one that was asked last.
    role_arn = connection.role_arn or (report.role_arn if report else None)
    return Subject(
        known=True,
        id=connection.id,
        alias=connection.alias,
        customer=connection.customer,
        status=connection.status.value,
        sandbox=connection.sandbox,
        region=region,
        external_id=connection.external_id,
        stack_name=connection.stack_name or vendor.stack.name,
        role_arn=role_arn or "<ROLE_ARN>",
        role_name=_role_name(role_arn) or vendor.role_name or "<ROLE_NAME>",
        account_id=connection.account_id or "<ACCOUNT_ID>",
        bucket=connection.bucket_name or "<BUCKET_NAME>",
        last=_last(report) if report else None,
    )


def _role_name(role_arn: str | None) -> str | None:
    with suppress(ArnError):
        return parse_role_arn(role_arn).name if role_arn else None
    return None


def _last(report: VerificationReport) -> LastReport:
    return LastReport(
        verdict=report.verdict.value,
        at=report.checked_at.strftime("%Y-%m-%d %H:%M UTC"),
        results=[result for result in report.probes if result.status is not Status.PASS],
    )


def _vendor_account(vendor: Vendor) -> str:
    return vendor.account.account_id or f"<{vendor.parameters.vendor_account_id}>"


def _names(vendor: Vendor, where: policy.Where, bucket: str | None) -> dict[str, str]:
    return {**policy.names_on_paper(vendor, where), **({"stack:bucket": bucket} if bucket else {})}


def _resources(packs: Sequence[Pack], names: Mapping[str, str]) -> dict[str, list[str]]:
    return {
        statement.sid: [substitute(resource, names) for resource in statement.resources]
        for pack in packs
        for statement in pack.statements
    }


def _conditions(packs: Sequence[Pack], names: Mapping[str, str]) -> dict[str, str]:
    return {
        statement.sid: substitute(json.dumps(statement.condition), names)
        for pack in packs
        for statement in pack.statements
        if statement.condition
    }


def _template_url(url: str | None) -> tuple[str, bool]:
    """What may be shown of a template's URL, and whether that is all of it: a presigned one holds a credential."""
    if url is None:
        return "<TEMPLATE_URL>", False
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    if {name for name, _ in query} <= {"versionId"} and shown(url) == url.partition("?")[0]:
        return url, True
    return shown(url), False


def _secret_parameter(vendor: Vendor, stack: StackOnPaper) -> str | None:
    name = vendor.parameters.webhook_secret
    return name if vendor.webhook_secret is SecretMode.PARAMETER and name in stack.parameters else None


def _offered(vendor: Vendor, stack: StackOnPaper, subject: Subject, template_url: str) -> Offered | None:
    """The ways to create the stack; None where a stored value is none that a link can hold."""
    names = vendor.parameters
    values = {
        names.external_id: subject.external_id,
        names.vendor_account_id: _vendor_account(vendor),
        names.inbound_webhook_url: vendor.inbound_webhook_url,
        names.sending_webhook_url: vendor.sending_webhook_url,
        names.connection_id: subject.id,
        names.registration_url: vendor.registration_url,
    }
    link = Link(
        region=subject.region,
        template_url=template_url,
        stack_name=subject.stack_name,
        parameters={name: value for name, value in values.items() if value and name in stack.parameters},
    )
    secret = _secret_parameter(vendor, stack)
    whole = replace(link, parameters={**link.parameters, **({secret: "<WEBHOOK_SECRET>"} if secret else {})})
    with suppress(LinkError):
        return Offered(
            link=build(link),
            cli=aws_cli(whole, stack.capabilities),
            terraform=terraform(whole, stack.capabilities),
            values=link.parameters,
        )
    return None
