"""Archives of the stand-in of Mail Manager: messages in them, searches, and exports that really write to S3."""

import email
import email.policy
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from byoaws.errors import PolicyError
from byoaws.fakeaws.mail_manager.resources import Item, Region
from byoaws.fakeaws.mail_manager.wire import Call, Refused
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import service_principal

_NEEDED = ("s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:GetObject")
"""Of the destination's bucket policy. Source: Mail Manager guide, "Permission policies for Email archiving"."""
_HEADERS = {"TO": "To", "FROM": "From", "CC": "Cc", "SUBJECT": "Subject"}


class Archives:
    """Searches and exports in one account and region."""

    def __init__(self, region: Region, s3: Callable[[], Any]) -> None:
        self._region = region
        self._s3 = s3
        self.jobs: dict[str, Item] = {}

    def deliver(self, archive_id: str, raw: bytes, *, sender: str, recipients: list[str], at: datetime) -> str:
        """Put a message into an archive, as a rule's Archive action does, and return its id."""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        row: Item = {
            "ArchivedMessageId": f"msg-{secrets.token_hex(8)}",
            "ReceivedTimestamp": at,
            "Date": str(message["Date"] or ""),
            **{name: str(message[name] or "") for name in ("To", "From", "Cc", "Subject")},
            "MessageId": str(message["Message-ID"] or ""),
            "HasAttachments": any(True for _ in message.iter_attachments()),
            "ReceivedHeaders": [str(one) for one in message.get_all("Received", [])],
            "Envelope": {"Helo": "client.example.com", "From": sender, "To": recipients},
            "_raw": raw,
        }
        self._region.get("Archive", archive_id)["_messages"].append(row)
        return str(row["ArchivedMessageId"])

    def act(self, call: Call) -> Mapping[str, Any] | None:
        """Answer an operation; None if it is none of these."""
        method = {
            "StartArchiveSearch": self._start,
            "StartArchiveExport": self._start,
            "GetArchiveSearch": self._get,
            "GetArchiveExport": self._get,
            "StopArchiveSearch": self._stop,
            "StopArchiveExport": self._stop,
            "GetArchiveSearchResults": self._results,
            "ListArchiveSearches": self._jobs,
            "ListArchiveExports": self._jobs,
            "GetArchiveMessage": self._message,
            "GetArchiveMessageContent": self._message,
        }.get(call.operation.name)
        return method(call.operation.name, call.parameters) if method else None

    def archive_of(self, parameters: Mapping[str, Any]) -> str | None:
        """The archive of a job or a message."""
        job = self.jobs.get(parameters.get("SearchId") or parameters.get("ExportId") or "")
        if job:
            return str(job["ArchiveId"])
        for archive_id, archive in self._region.items["Archive"].items():
            if any(row["ArchivedMessageId"] == parameters.get("ArchivedMessageId") for row in archive["_messages"]):
                return archive_id
        return None

    def _start(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        archive = self._region.get("Archive", given["ArchiveId"])
        if archive["ArchiveState"] != "ACTIVE":
            raise Refused("ConflictException", "The archive is being deleted")
        if given["FromTimestamp"] >= given["ToTimestamp"]:
            raise Refused("ValidationException", "FromTimestamp must be before ToTimestamp")
        kind = _kind(name)
        job_id = secrets.token_hex(16)
        self.jobs[job_id] = {
            **given,
            "_kind": kind,
            "_work": ["QUEUED", "RUNNING"] if kind == "Search" else ["QUEUED", "PREPROCESSING", "PROCESSING"],
            "Status": {"SubmissionTimestamp": datetime.now(UTC), "State": "QUEUED"},
        }
        return {f"{kind}Id": job_id}

    def _job(self, name: str, given: Mapping[str, Any]) -> Item:
        job = self.jobs.get(given[f"{_kind(name)}Id"])
        if job is None or job["_kind"] != _kind(name):
            # The API has no ResourceNotFoundException for these.
            raise Refused("ValidationException", f"{_kind(name)} was not found")
        return job

    def _get(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        job = self._job(name, given)
        if job["_work"]:
            job["Status"]["State"] = job["_work"].pop(0)
        elif job["Status"]["State"] not in ("COMPLETED", "FAILED", "CANCELLED"):
            error = self._export(job) if job["_kind"] == "Export" else ""
            job["Status"] |= {"State": "FAILED" if error else "COMPLETED", "CompletionTimestamp": datetime.now(UTC)}
            job["Status"] |= {"ErrorMessage": error} if error else {}
        return {key: value for key, value in job.items() if not key.startswith("_") and key != "IncludeMetadata"}

    def _stop(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        job = self._job(name, given)
        job["_work"].clear()
        job["Status"]["State"] = "CANCELLED"
        return {}

    def _results(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        job = self._job("Search", given)
        if job["Status"]["State"] != "COMPLETED":
            raise Refused("ConflictException", f"The search is {job['Status']['State']}")
        rows = self._matching(job)[: job["MaxResults"]]
        return {"Rows": [{key: value for key, value in row.items() if not key.startswith("_")} for row in rows]}

    def _jobs(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        kind = _kind(name)
        found = [
            (key, job)
            for key, job in self.jobs.items()
            if (job["_kind"], job["ArchiveId"]) == (kind, given["ArchiveId"])
        ]
        key = "Searches" if kind == "Search" else "Exports"
        return {key: [{f"{kind}Id": job_id, "Status": job["Status"]} for job_id, job in found]}

    def _message(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        for archive in self._region.items["Archive"].values():
            for row in archive["_messages"]:
                if row["ArchivedMessageId"] == given["ArchivedMessageId"]:
                    text = email.message_from_bytes(row["_raw"], policy=email.policy.default).get_body(("plain",))
                    body = {"Body": {"Text": text.get_content() if text else "", "MessageMalformed": False}}
                    return body if name.endswith("Content") else {"Envelope": row["Envelope"]}
        raise Refused("ValidationException", "The message was not found")

    def _matching(self, job: Item) -> list[Item]:
        filters = job.get("Filters", {})
        rows = self._region.get("Archive", job["ArchiveId"])["_messages"]
        return [
            row
            for row in sorted(rows, key=lambda row: row["ReceivedTimestamp"], reverse=True)
            if job["FromTimestamp"] <= row["ReceivedTimestamp"] <= job["ToTimestamp"]
            and all(_meets(row, condition) for condition in filters.get("Include", []))
            and not any(_meets(row, condition) for condition in filters.get("Unless", []))
        ]

    def _export(self, job: Item) -> str:
        """Write the messages; returns why that cannot be, empty where it could."""
        place = job["ExportDestinationConfiguration"]["S3"]["S3Location"].removeprefix("s3://")
        bucket, _, prefix = place.partition("/")
        s3 = self._s3()
        try:
            policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
            if not _lets_ses_write(policy, f"arn:aws:s3:::{bucket}/{prefix}x"):
                return f"Access denied: the policy of bucket {bucket} does not let ses.amazonaws.com write"
            for row in self._matching(job)[: job.get("MaxResults")]:
                key = f"{prefix.rstrip('/')}/{row['ArchivedMessageId']}".lstrip("/")
                s3.put_object(Bucket=bucket, Key=f"{key}.eml", Body=row["_raw"])
                if job.get("IncludeMetadata"):
                    known = {name: row[name] for name in ("MessageId", "Subject", "From", "To", "Envelope")}
                    s3.put_object(Bucket=bucket, Key=f"{key}.json", Body=json.dumps(known).encode())
        except ClientError as error:
            return f"Access denied: {error.response['Error'].get('Code', '')}"
        return ""


def _kind(name: str) -> str:
    return "Export" if "Export" in name else "Search"


def _meets(row: Item, condition: Mapping[str, Any]) -> bool:
    if "BooleanExpression" in condition:
        wanted: bool = condition["BooleanExpression"]["Operator"] == "IS_TRUE"
        return bool(row["HasAttachments"]) is wanted
    expression = condition["StringExpression"]
    attribute = expression["Evaluate"]["Attribute"]
    if attribute in _HEADERS:
        text = row[_HEADERS[attribute]]
    elif attribute == "ENVELOPE_FROM":
        text = row["Envelope"]["From"]
    else:
        text = " ".join(row["Envelope"]["To"])
    return any(value.lower() in text.lower() for value in expression["Values"])


def _lets_ses_write(policy: str, arn: str) -> bool:
    try:
        parsed = parse(policy)
    except PolicyError:
        return False
    ses = service_principal("ses.amazonaws.com")
    context = {"aws:SecureTransport": ("true",)}
    decisions = [
        evaluate(parsed, Request(principal=ses, action=action, resource=arn, context=context, may_have=()))
        for action in _NEEDED
    ]
    return all(decision.outcome is Outcome.ALLOW for decision in decisions)
