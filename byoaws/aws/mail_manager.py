"""Mail Manager of one account and region, by boto3. Its API has a client of its own, and IAM's prefix `ses`."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from byoaws.aws import upload
from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.mail_manager_answers import (
    Read,
    archive_job_of,
    import_job_of,
    ingress_point_of,
    message_of,
    rule_set_of,
    ticket_of,
)
from byoaws.aws.mail_manager_calls import Calls
from byoaws.aws.session import Limits, VendorSession
from byoaws.mail_manager.port import (
    ArchivedMessage,
    ArchiveJob,
    ArchiveQuery,
    ImportJob,
    ImportTicket,
    IngressPoint,
    MailManager,
    Named,
    RuleSet,
)
from byoaws.model import Json
from byoaws.regions import partition_of

if TYPE_CHECKING:
    from types_boto3_mailmanager import MailManagerClient

READ, LISTS, SEARCH, EXPORT, RULES = (
    f"mail-manager-{name}" for name in ("read", "address-lists", "archive-search", "archive-export", "rules")
)


class BotoMailManager(MailManager):
    """Not for two threads at once."""

    def __init__(self, customer: BotoCustomerAws) -> None:
        self._customer = customer
        self._session = customer._session
        self._region = customer._region
        self._calls = Calls(customer)

    @classmethod
    def of_profile(cls, profile: str | None, region: str, *, limits: Limits | None = None) -> Self:
        """Return the same for the account's own credentials: of a profile, or by boto3's standard chain."""
        session = VendorSession(profile, limits or Limits())
        return cls(BotoCustomerAws(session, sts_region=partition_of(region).sts_region, region=region))

    @cached_property
    def _client(self) -> "MailManagerClient":
        return self._session.boto.client("mailmanager", region_name=self._region)

    def account_id(self) -> str:
        """As the port says."""
        return self._customer.caller().account_id

    def ingress_points(self) -> Sequence[Named]:
        """As the port says."""
        return self._calls.listed(READ, "IngressPoints", lambda page: self._client.list_ingress_points(**page))

    def ingress_point(self, ingress_point_id: str) -> IngressPoint:
        """As the port says."""
        operation = "ses:GetIngressPoint"
        return ingress_point_of(
            self._calls.ask(READ, operation, lambda: self._client.get_ingress_point(IngressPointId=ingress_point_id)),
            operation,
        )

    def address_lists(self) -> Sequence[Named]:
        """As the port says."""
        return self._calls.listed(LISTS, "AddressLists", lambda page: self._client.list_address_lists(**page))

    def create_import(self, address_list_id: str, name: str, data_format: str) -> ImportTicket:
        """As the port says."""
        operation = "ses:CreateAddressListImportJob"
        answer = self._calls.ask(
            LISTS,
            operation,
            lambda: self._client.create_address_list_import_job(
                AddressListId=address_list_id,
                Name=name,
                ImportDataFormat={"ImportDataType": "CSV" if data_format == "csv" else "JSON"},
            ),
        )
        return ticket_of(answer, operation)

    def upload(self, ticket: ImportTicket, body: bytes) -> None:
        """As the port says."""
        core = self._session.boto._session
        endpoint = self._client.meta.endpoint_url
        upload.put(core, ticket.upload_url, body, region=self._region, endpoint=endpoint)

    def start_import(self, job_id: str) -> None:
        """As the port says."""
        self._calls.ask(
            LISTS, "ses:StartAddressListImportJob", lambda: self._client.start_address_list_import_job(JobId=job_id)
        )

    def import_job(self, job_id: str) -> ImportJob:
        """As the port says."""
        operation = "ses:GetAddressListImportJob"
        return import_job_of(
            self._calls.ask(LISTS, operation, lambda: self._client.get_address_list_import_job(JobId=job_id)), operation
        )

    def stop_import(self, job_id: str) -> None:
        """As the port says."""
        self._calls.ask(
            LISTS, "ses:StopAddressListImportJob", lambda: self._client.stop_address_list_import_job(JobId=job_id)
        )

    def archives(self) -> Sequence[Named]:
        """As the port says."""
        return self._calls.listed(SEARCH, "Archives", lambda page: self._client.list_archives(**page))

    def start_search(self, query: ArchiveQuery) -> str:
        """As the port says."""
        operation = "ses:StartArchiveSearch"
        request = {**_asked(query), "MaxResults": query.most}
        answer = self._calls.ask(SEARCH, operation, lambda: self._client.start_archive_search(**cast(Any, request)))
        return Read(answer, operation).needed("SearchId")

    def search(self, search_id: str) -> ArchiveJob:
        """As the port says."""
        operation = "ses:GetArchiveSearch"
        answer = self._calls.ask(SEARCH, operation, lambda: self._client.get_archive_search(SearchId=search_id))
        return archive_job_of(answer, operation, search_id)

    def search_results(self, search_id: str) -> Sequence[ArchivedMessage]:
        """As the port says."""
        operation = "ses:GetArchiveSearchResults"
        answer = self._calls.ask(SEARCH, operation, lambda: self._client.get_archive_search_results(SearchId=search_id))
        return [message_of(row, operation) for row in Read(answer, operation).items("Rows")]

    def stop_search(self, search_id: str) -> None:
        """As the port says."""
        self._calls.ask(SEARCH, "ses:StopArchiveSearch", lambda: self._client.stop_archive_search(SearchId=search_id))

    def start_export(self, query: ArchiveQuery, destination: str, *, metadata: bool) -> str:
        """As the port says."""
        operation = "ses:StartArchiveExport"
        request: dict[str, Any] = {
            **_asked(query),
            "ExportDestinationConfiguration": {"S3": {"S3Location": destination}},
            "IncludeMetadata": metadata,
        }
        if query.most is not None:
            request["MaxResults"] = query.most
        answer = self._calls.ask(EXPORT, operation, lambda: self._client.start_archive_export(**cast(Any, request)))
        return Read(answer, operation).needed("ExportId")

    def export(self, export_id: str) -> ArchiveJob:
        """As the port says."""
        operation = "ses:GetArchiveExport"
        answer = self._calls.ask(EXPORT, operation, lambda: self._client.get_archive_export(ExportId=export_id))
        return archive_job_of(answer, operation, export_id)

    def stop_export(self, export_id: str) -> None:
        """As the port says."""
        self._calls.ask(EXPORT, "ses:StopArchiveExport", lambda: self._client.stop_archive_export(ExportId=export_id))

    def rule_sets(self) -> Sequence[Named]:
        """As the port says."""
        return self._calls.listed(RULES, "RuleSets", lambda page: self._client.list_rule_sets(**page))

    def rule_set(self, rule_set_id: str) -> RuleSet:
        """As the port says."""
        operation = "ses:GetRuleSet"
        bodies: list[bytes] = []

        def get() -> Mapping[str, Any]:
            self._client.meta.events.register_first(event, keep, unique_id="byoaws-rules")
            try:
                return self._client.get_rule_set(RuleSetId=rule_set_id)
            finally:
                self._client.meta.events.unregister(event, keep, unique_id="byoaws-rules")

        def keep(response_dict: Mapping[str, Any], **others: object) -> None:
            bodies.append(bytes(response_dict.get("body") or b""))

        event = "before-parse.mailmanager.GetRuleSet"
        answer = self._calls.ask(RULES, operation, get)
        return rule_set_of(answer, operation, bodies[-1] if bodies else b"")

    def update_rule_set(self, rule_set_id: str, name: str | None, rules: Sequence[Mapping[str, Json]]) -> None:
        """As the port says."""
        request: dict[str, Any] = {"RuleSetId": rule_set_id, "Rules": rules}
        if name is not None:
            request["RuleSetName"] = name
        self._calls.ask(RULES, "ses:UpdateRuleSet", lambda: self._client.update_rule_set(**request))


def _asked(query: ArchiveQuery) -> dict[str, Any]:
    request: dict[str, Any] = {
        "ArchiveId": query.archive_id,
        "FromTimestamp": query.since,
        "ToTimestamp": query.until,
    }
    if query.filters:
        request["Filters"] = dict(query.filters)
    return request
