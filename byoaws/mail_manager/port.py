"""The port to Mail Manager's API: what CloudFormation cannot do, and what AWS answers.

Every method raises `byoaws.errors.AwsError` or one of its kinds, and nothing else. Of AccessDenied the hint names the
permission pack that has the action.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from byoaws.model import Json

ImportFormat = str
"""`csv` or `json`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing of Mail Manager in a list."""

    id: str
    name: str
    """Empty where AWS gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressPoint:
    """What GetIngressPoint answers."""

    id: str
    name: str
    status: str
    """PROVISIONING, UPDATING, ACTIVE, CLOSED, DEPROVISIONING, FAILED ...; empty where AWS did not say."""
    a_record: str | None
    """The host name that an MX record shall name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTicket:
    """An import job that waits for its file."""

    job_id: str
    upload_url: str = field(repr=False)
    """Whoever has it may write the file: a credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """What GetAddressListImportJob answers, without its pre-signed URL."""

    id: str
    status: str
    """CREATED, PROCESSING, COMPLETED, FAILED or STOPPED."""
    imported: int
    failed: int
    error: str
    """AWS's words; empty where it gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveQuery:
    """Which messages of an archive are meant."""

    archive_id: str
    since: datetime
    until: datetime
    filters: Mapping[str, Json]
    """As the API has them: `Include` and `Unless`; empty for all messages."""
    most: int | None
    """None for no limit, which only an export may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveJob:
    """A search in an archive, or an export from it."""

    id: str
    archive_id: str
    state: str
    """QUEUED, RUNNING (of an export: PREPROCESSING, PROCESSING), COMPLETED, FAILED or CANCELLED."""
    error: str
    """AWS's words; empty where it gives none."""
    destination: str = ""
    """`s3://...` of an export."""
    most: int | None = None
    """The number of messages that it was limited to, where AWS says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedMessage:
    """One row of a search; texts are as the sender wrote them, and not fit for a terminal."""

    id: str
    received: datetime | None
    sender: str
    recipients: str
    copies: str
    subject: str
    message_id: str
    has_attachments: bool | None
    envelope_sender: str
    envelope_recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What GetRuleSet answers."""

    id: str
    name: str
    modified: datetime
    rules: Sequence[Mapping[str, Json]]
    """As the API has them."""
    unknown: tuple[str, ...] = ()
    """Places in AWS's answer that the installed boto3 does not know, and would lose in an update."""


class MailManager(Protocol):
    """Mail Manager of one account and region; under a role, or with its owner's own keys."""

    def account_id(self) -> str:
        """STS GetCallerIdentity; needs no permission."""

    def ingress_points(self) -> Sequence[Named]:
        """ListIngressPoints, all pages."""

    def ingress_point(self, ingress_point_id: str) -> IngressPoint:
        """GetIngressPoint; NotFound where there is none."""

    def address_lists(self) -> Sequence[Named]:
        """ListAddressLists, all pages."""

    def create_import(self, address_list_id: str, name: str, data_format: ImportFormat) -> ImportTicket:
        """CreateAddressListImportJob."""

    def upload(self, ticket: ImportTicket, body: bytes) -> None:
        """PUT the file where the ticket says; InvalidRequest where that is no place of AWS's."""

    def start_import(self, job_id: str) -> None:
        """StartAddressListImportJob."""

    def import_job(self, job_id: str) -> ImportJob:
        """GetAddressListImportJob."""

    def stop_import(self, job_id: str) -> None:
        """StopAddressListImportJob."""

    def archives(self) -> Sequence[Named]:
        """ListArchives, all pages; those that are being deleted left out."""

    def start_search(self, query: ArchiveQuery) -> str:
        """StartArchiveSearch; returns the id."""

    def search(self, search_id: str) -> ArchiveJob:
        """GetArchiveSearch."""

    def search_results(self, search_id: str) -> Sequence[ArchivedMessage]:
        """GetArchiveSearchResults."""

    def stop_search(self, search_id: str) -> None:
        """StopArchiveSearch."""

    def start_export(self, query: ArchiveQuery, destination: str, *, metadata: bool) -> str:
        """StartArchiveExport to `s3://...`; returns the id."""

    def export(self, export_id: str) -> ArchiveJob:
        """GetArchiveExport."""

    def stop_export(self, export_id: str) -> None:
        """StopArchiveExport."""

    def rule_sets(self) -> Sequence[Named]:
        """ListRuleSets, all pages."""

    def rule_set(self, rule_set_id: str) -> RuleSet:
        """GetRuleSet; NotFound where there is none."""

    def update_rule_set(self, rule_set_id: str, name: str | None, rules: Sequence[Mapping[str, Json]]) -> None:
        """UpdateRuleSet: replaces every rule; the name stays where none is given."""
