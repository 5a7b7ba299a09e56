"""A stand-in of SES Mail Manager beside the embedded AWS, which MiniStack lacks: its API, by AWS's own wire protocol.

It holds what it is given, per account and region, checks requests by botocore's model, and lets a caller through whom
MiniStack lets through (`caller`). No mail goes through it: rules and traffic policies are held, not run.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from byoaws.fakeaws import accounts
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.interface import Account
from byoaws.fakeaws.mail_manager.archives import Archives
from byoaws.fakeaws.mail_manager.caller import Caller, Gate
from byoaws.fakeaws.mail_manager.lists import UPLOADS, Lists
from byoaws.fakeaws.mail_manager.model import mistakes
from byoaws.fakeaws.mail_manager.resources import Region, kind_of
from byoaws.fakeaws.mail_manager.wire import Answered, Call, Refused, Wire, service_model
from byoaws.fakeaws.server.https_server import HttpsServer, QuietHandler
from byoaws.fakeaws.server.ministack import Server

_LONGEST = 50_000_000


class MailManagerStandIn:
    """A server on loopback; `stop` ends it."""

    def __init__(self, behind: Server) -> None:
        self._clients = Clients(behind.endpoint, behind.certificates.authority)
        self._own: Clients | None = None
        self._ca_file = behind.certificates.authority
        self._root_secret = behind.root_secret
        self._wire = Wire(service_model())
        self._gate = Gate(behind, lambda account, service: self._root(account, service, accounts.HOME_REGION))
        self._lock = threading.Lock()
        self._regions: dict[tuple[str, str], tuple[Region, Lists, Archives]] = {}
        files = behind.certificates
        self._server = HttpsServer(_handler(self), certificate=files.certificate, key=files.key)

    @property
    def endpoint(self) -> str:
        """`https://127.0.0.1:PORT`, for AWS_ENDPOINT_URL_MAILMANAGER."""
        return self._server.endpoint

    def client(self, account: Account, region: str) -> Any:
        """A botocore client that acts as `account`, whatever AWS settings the user has."""
        with self._lock:
            if self._own is None:
                self._own = Clients(self.endpoint, self._ca_file)
        return self._own.open(account, "mailmanager", region)

    def held(self, account_id: str, region: str) -> tuple[Region, Lists, Archives]:
        """What there is in an account and region: for arranging what AWS does by itself."""
        if (account_id, region) not in self._regions:
            there = Region(account_id=account_id, name=region)
            archives = Archives(there, lambda: self._root(account_id, "s3", region))
            self._regions[account_id, region] = (there, Lists(there, lambda: self.endpoint), archives)
        return self._regions[account_id, region]

    def deliver(self, account_id: str, region: str, archive_id: str, raw: bytes, *, ago: timedelta) -> str:
        """Put a message into an archive, received some time ago, and return its id."""
        with self._lock:
            archives = self.held(account_id, region)[2]
            sender, recipients = "bounce@sender.example", ["someone@customer.example"]
            return archives.deliver(archive_id, raw, sender=sender, recipients=recipients, at=datetime.now(UTC) - ago)

    def stop(self) -> None:
        """End it; again is harmless."""
        self._server.stop()
        self._clients.close()
        if self._own is not None:
            self._own.close()

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        """Answer one request."""
        try:
            name = self._wire.operation_name(path, headers)
            caller = self._gate.caller(name, path, headers, body)
            call = self._wire.read(name, headers, body)
            with self._lock:
                there = self.held(caller.account_id, caller.region)
                self._require(caller, call, there)
                wrong = mistakes(call.parameters, call.input_shape)
                if wrong:
                    raise Refused("ValidationException", wrong[0])
                return self._wire.write(call, _acted(call, there), headers)
        except Refused as error:
            return self._wire.refuse(error, headers)

    def upload(self, path: str, body: bytes) -> int:
        """Take a file at a pre-signed place; returns the HTTP status."""
        token = urlsplit(path).path.removeprefix(UPLOADS)
        with self._lock:
            taken = any(lists.upload(token, body) for _, lists, _ in self._regions.values())
        return 200 if taken and "X-Amz-Signature=" in path else 403

    def _require(self, caller: Caller, call: Call, there: tuple[Region, Lists, Archives]) -> None:
        region, lists, archives = there
        name, given = call.operation.name, call.parameters
        named = kind_of(name, given)
        if named is None and (list_id := lists.list_of(given.get("JobId", ""))):
            named = "AddressList", list_id
        if named is None and (archive_id := archives.archive_of(given)):
            named = "Archive", archive_id
        self._gate.require(caller, name, given.get("ResourceArn") or (region.arn(*named) if named else None))
        if name == "StartArchiveExport":
            # AWS tries the destination with the caller's own permissions, by a forward access session.
            place = given.get("ExportDestinationConfiguration", {}).get("S3", {}).get("S3Location", "")
            self._gate.require_s3(caller, place)

    def _root(self, account_id: str, service: str, region: str) -> Any:
        return self._clients.open(accounts.root_of(account_id, self._root_secret), service, region)


def _acted(call: Call, there: tuple[Region, Lists, Archives]) -> Mapping[str, Any]:
    region, lists, archives = there
    for part in (lists, archives, region):
        answer = part.act(call)
        if answer is not None:
            return answer
    return _tagged(call, region)


def _tagged(call: Call, region: Region) -> Mapping[str, Any]:
    arn, name = call.parameters["ResourceArn"], call.operation.name
    if arn not in region.tags:
        raise Refused("ResourceNotFoundException", f"Resource {arn} was not found")
    tags = region.tags[arn]
    if name == "TagResource":
        tags |= {tag["Key"]: tag["Value"] for tag in call.parameters["Tags"]}
    elif name == "UntagResource":
        region.tags[arn] = {key: value for key, value in tags.items() if key not in call.parameters["TagKeys"]}
    else:
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    return {}


class _Request(QuietHandler):
    """One request, read whole."""

    def read_body(self) -> bytes | None:
        """The body; None where it is too long, and then that is answered."""
        if "Expect" in self.headers:
            self.send_response_only(100)
            self.end_headers()
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= _LONGEST:
            self.close_connection = True
            self.answer(413, b"")
            return None
        return self.rfile.read(length)


def _handler(stand_in: MailManagerStandIn) -> type[QuietHandler]:
    class Handler(_Request):
        def do_POST(self) -> None:
            body = self.read_body()
            if body is not None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                answered = stand_in.answer(urlsplit(self.path).path, headers, body)
                self.answer(answered.status, answered.body, **answered.headers)

        def do_PUT(self) -> None:
            body = self.read_body()
            if body is not None:
                self.answer(stand_in.upload(self.path, body), b"")

    return Handler
