"""Address lists of the stand-in of Mail Manager: their members, and import jobs with a real place to upload to."""

import csv
import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from byoaws.fakeaws.mail_manager.resources import Item, Region
from byoaws.fakeaws.mail_manager.wire import Call, Refused

UPLOADS = "/uploads/"
_ENTRY = re.compile(r"(?:[^\s@*,\"]*\*?@)?(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
"""Looser than what byoaws takes, and written by itself."""
_MOST = 100_000


class Lists:
    """Members and imports in one account and region."""

    def __init__(self, region: Region, endpoint: Callable[[], str]) -> None:
        self._region = region
        self._endpoint = endpoint
        self.jobs: dict[str, Item] = {}

    def act(self, call: Call) -> Mapping[str, Any] | None:
        """Answer an operation; None if it is none of these."""
        method = {
            "RegisterMemberToAddressList": self._register,
            "DeregisterMemberFromAddressList": self._deregister,
            "GetMemberOfAddressList": self._member,
            "ListMembersOfAddressList": self._members,
            "CreateAddressListImportJob": self._create,
            "StartAddressListImportJob": self._start,
            "GetAddressListImportJob": self._get,
            "StopAddressListImportJob": self._stop,
            "ListAddressListImportJobs": self._jobs,
        }.get(call.operation.name)
        return method(call.parameters) if method else None

    def list_of(self, job_id: str) -> str | None:
        """The address list of a job."""
        return self.jobs[job_id]["AddressListId"] if job_id in self.jobs else None

    def upload(self, token: str, body: bytes) -> bool:
        """Take a file; False where nobody was given that place."""
        for job in self.jobs.values():
            if secrets.compare_digest(job["_token"], token) and job["Status"] == "CREATED":
                job["_body"] = body
                return True
        return False

    def _list(self, given: Mapping[str, Any]) -> dict[str, datetime]:
        members: dict[str, datetime] = self._region.get("AddressList", given["AddressListId"])["_members"]
        return members

    def _register(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        members = self._list(given)
        if not _ENTRY.fullmatch(given["Address"]):
            raise Refused("ValidationException", "Invalid address")
        members[given["Address"]] = datetime.now(UTC)
        return {}

    def _deregister(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._list(given).pop(given["Address"], None)
        return {}

    def _member(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        members = self._list(given)
        if given["Address"] not in members:
            raise Refused("ResourceNotFoundException", "Address was not found in the list")
        return {"Address": given["Address"], "CreatedTimestamp": members[given["Address"]]}

    def _members(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        members = sorted(self._list(given).items())
        prefix = given.get("Filter", {}).get("AddressPrefix", "")
        start, size = int(given.get("NextToken", "0")), given.get("PageSize", 1000)
        rows = [{"Address": one, "CreatedTimestamp": at} for one, at in members if one.startswith(prefix)]
        more = {"NextToken": str(start + size)} if start + size < len(rows) else {}
        return {"Addresses": rows[start : start + size], **more}

    def _create(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._region.get("AddressList", given["AddressListId"])
        job_id, token = f"job-{secrets.token_hex(8)}", secrets.token_urlsafe(24)
        url = f"{self._endpoint()}{UPLOADS}{token}?X-Amz-Expires=900&X-Amz-Signature={secrets.token_hex(32)}"
        self.jobs[job_id] = {
            "JobId": job_id,
            "Name": given["Name"],
            "Status": "CREATED",
            "PreSignedUrl": url,
            "ImportDataFormat": given["ImportDataFormat"],
            "AddressListId": given["AddressListId"],
            "CreatedTimestamp": datetime.now(UTC),
            "_token": token,
            "_body": None,
        }
        return {"JobId": job_id, "PreSignedUrl": url}

    def _job(self, given: Mapping[str, Any]) -> Item:
        if given["JobId"] not in self.jobs:
            raise Refused("ResourceNotFoundException", f"Import job {given['JobId']} was not found")
        return self.jobs[given["JobId"]]

    def _start(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        job = self._job(given)
        if job["Status"] != "CREATED":
            raise Refused("ConflictException", f"Import job is {job['Status']}")
        job |= {"Status": "PROCESSING", "StartTimestamp": datetime.now(UTC), "ImportedItemsCount": 0}
        job["FailedItemsCount"] = 0
        try:
            job["_rows"] = _rows(job["_body"], job["ImportDataFormat"]["ImportDataType"])
        except ValueError as error:
            job |= {"Status": "FAILED", "Error": str(error), "CompletedTimestamp": datetime.now(UTC)}
        return {}

    def _get(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        job = self._job(given)
        if job["Status"] == "PROCESSING":
            self._work(job)
        return {key: value for key, value in job.items() if not key.startswith("_")}

    def _work(self, job: Item) -> None:
        """Do half of what is left, and the rest when hardly any is."""
        rows: list[str] = job["_rows"]
        now = rows[: max(len(rows) // 2, 10)]
        del rows[: len(now)]
        members = self._list(job)
        for row in now:
            sound = bool(_ENTRY.fullmatch(row)) and len(members) < _MOST
            job["ImportedItemsCount" if sound else "FailedItemsCount"] += 1
            if sound:
                members[row] = datetime.now(UTC)
        if not rows:
            job |= {"Status": "COMPLETED", "CompletedTimestamp": datetime.now(UTC)}

    def _stop(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        job = self._job(given)
        if job["Status"] != "PROCESSING":
            raise Refused("ConflictException", f"Import job is {job['Status']}")
        job["Status"] = "STOPPED"
        return {}

    def _jobs(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._list(given)
        found = [job for job in self.jobs.values() if job["AddressListId"] == given["AddressListId"]]
        return {"ImportJobs": [{k: v for k, v in job.items() if not k.startswith("_")} for job in found]}


def _rows(body: bytes | None, kind: str) -> list[str]:
    """The rows of a file as AWS's guide shows it; ValueError where it is none."""
    if body is None:
        raise ValueError("No file was uploaded")
    text = body.decode("utf-8")
    if kind == "JSON":
        try:
            return [str(item["address"]) for item in json.loads(text)["items"]]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("The file is not in the expected JSON format") from error
    rows = list(csv.reader(text.splitlines()))
    if not rows or rows[0] != ["address"]:
        raise ValueError("The header 'address' is required")
    return [row[0] if row else "" for row in rows[1:]]
