"""What Mail Manager answered, checked field by field and turned into the port's values."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from byoaws.aws.fields import Answer, Value, optional, required, unusable
from byoaws.mail_manager.port import (
    ArchivedMessage,
    ArchiveJob,
    ImportJob,
    ImportTicket,
    IngressPoint,
    Named,
    RuleSet,
)
from byoaws.mail_manager.rule_typed import plain

# What botocore puts where AWS answered with a member of a union that its model does not have.
_UNKNOWN_MEMBER = "SDK_UNKNOWN_MEMBER"


class Read:
    """Reads fields of one answer."""

    def __init__(self, answer: object, operation: str) -> None:
        self._answer: Answer = answer if isinstance(answer, dict) else {}
        self._operation = operation

    def needed(self, name: str) -> str:
        """A text that must be there.

        Raises:
            Unreachable: it is not.
        """
        return required(self._answer, name, self._operation)

    def text(self, name: str) -> str:
        """A text; empty where AWS gave none."""
        return self._of(name, str) or ""

    def count(self, name: str) -> int:
        """A number; 0 where AWS gave none."""
        return self._of(name, int) or 0

    def flag(self, name: str) -> bool | None:
        """A truth value; None where AWS gave none."""
        return self._of(name, bool)

    def time(self, name: str) -> datetime | None:
        """A moment; None where AWS gave none."""
        return self._of(name, datetime)

    def inner(self, name: str) -> "Read":
        """A structure; empty where AWS gave none."""
        return Read(self._of(name, dict), self._operation)

    def items(self, name: str) -> list[Any]:
        """A list; empty where AWS gave none."""
        return self._of(name, list) or []

    def _of(self, name: str, kind: type[Value]) -> Value | None:
        return optional(self._answer, name, kind, self._operation)


def named(item: object, operation: str, *, kind: str) -> Named:
    """Return one thing of a list, as `IngressPoint` or `RuleSet`."""
    read = Read(item, operation)
    return Named(id=read.needed(f"{kind}Id"), name=read.text(f"{kind}Name"))


def ingress_point_of(answer: Answer, operation: str) -> IngressPoint:
    """Return GetIngressPoint's answer."""
    read = Read(answer, operation)
    return IngressPoint(
        id=read.needed("IngressPointId"),
        name=read.text("IngressPointName"),
        status=read.text("Status"),
        a_record=read.text("ARecord") or None,
    )


def ticket_of(answer: Answer, operation: str) -> ImportTicket:
    """Return CreateAddressListImportJob's answer."""
    read = Read(answer, operation)
    return ImportTicket(job_id=read.needed("JobId"), upload_url=read.needed("PreSignedUrl"))


def import_job_of(answer: Answer, operation: str) -> ImportJob:
    """Return GetAddressListImportJob's answer, less its pre-signed URL."""
    read = Read(answer, operation)
    return ImportJob(
        id=read.needed("JobId"),
        status=read.needed("Status"),
        imported=read.count("ImportedItemsCount"),
        failed=read.count("FailedItemsCount"),
        error=read.text("Error"),
    )


def archive_job_of(answer: Answer, operation: str, job_id: str) -> ArchiveJob:
    """Return GetArchiveSearch's or GetArchiveExport's answer."""
    read = Read(answer, operation)
    status = read.inner("Status")
    return ArchiveJob(
        id=job_id,
        archive_id=read.text("ArchiveId"),
        state=status.needed("State"),
        error=status.text("ErrorMessage"),
        destination=read.inner("ExportDestinationConfiguration").inner("S3").text("S3Location"),
        most=read.count("MaxResults") or None,
    )


def message_of(item: object, operation: str) -> ArchivedMessage:
    """Return one row of GetArchiveSearchResults."""
    read = Read(item, operation)
    envelope = read.inner("Envelope")
    return ArchivedMessage(
        id=read.text("ArchivedMessageId"),
        received=read.time("ReceivedTimestamp"),
        sender=read.text("From"),
        recipients=read.text("To"),
        copies=read.text("Cc"),
        subject=read.text("Subject"),
        message_id=read.text("MessageId"),
        has_attachments=read.flag("HasAttachments"),
        envelope_sender=envelope.text("From"),
        envelope_recipients=tuple(str(item) for item in envelope.items("To")),
    )


def rule_set_of(answer: Answer, operation: str, raw: bytes) -> RuleSet:
    """Return GetRuleSet's answer; `raw` is the body as it came.

    Raises:
        Unreachable: a part of it is missing.
    """
    read = Read(answer, operation)
    modified = read.time("LastModificationDate")
    if modified is None or not isinstance(answer.get("Rules"), list):
        raise unusable(operation, "rules or date are missing")
    rules = plain(read.items("Rules"))
    return RuleSet(
        id=read.needed("RuleSetId"),
        name=read.needed("RuleSetName"),
        modified=modified,
        rules=rules,
        unknown=tuple(_unknown(raw, rules)),
    )


def _unknown(raw: bytes, rules: list[Any]) -> Iterator[str]:
    """Where AWS said something that botocore's model lacks: botocore drops it without a word."""
    try:
        said = json.loads(raw).get("Rules")
    except (ValueError, AttributeError):  # another protocol than JSON; then a union's new member still shows
        said = rules
    yield from _dropped(said, rules, "Rules")


def _dropped(said: Any, known: Any, path: str) -> Iterator[str]:
    if isinstance(known, dict) and _UNKNOWN_MEMBER in known:
        yield f"{path}.{known[_UNKNOWN_MEMBER].get('name', '?')}"
    elif isinstance(said, dict):
        for key, value in said.items():
            if not isinstance(known, dict) or key not in known:
                if value is not None:
                    yield f"{path}.{key}"
            else:
                yield from _dropped(value, known[key], f"{path}.{key}")
    elif isinstance(said, list) and isinstance(known, list):
        for index, (one, other) in enumerate(zip(said, known, strict=False)):
            yield from _dropped(one, other, f"{path}[{index}]")
