"""SES receiving, for one account and region: mail that comes by SMTP is judged by the active rule set and kept in S3.

Rules and policies are read anew for each message, so that whatever changes counts at once. Where SES would take a
message and then fail to keep it (the bucket's policy is gone), or where an action is not played here, the sender is
told to try again, with 451, so that nothing is lost; a message that one rule has kept by then may come twice. Nothing
is published to an action's TopicArn.
Source: Amazon SES Developer Guide, "Email receiving"; API reference of ReceiptRule and ReceiptAction.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from byoaws.fakeaws.mail import received_mail
from byoaws.fakeaws.mail.receipt_rules import REQUIRE, matching, with_parents
from byoaws.fakeaws.mail.received_mail import SETUP_OBJECT, SETUP_TEXT, Received
from byoaws.fakeaws.mail.smtp_server import Letter
from byoaws.fakeaws.resource_policy import ServiceCall, refusal
from byoaws.regions import partition_of

Services = Callable[[str], Any]
"""A service's name to a client of it that acts inside the account."""

_OK = "250 OK "
_NOBODY = "550 5.1.1 Requested action not taken: mailbox unavailable"
_NEEDS_TLS = "550 5.7.1 this mailbox takes mail over TLS only"
_LATER = "451 4.3.0 Requested action aborted: try again later"
_log = logging.getLogger(__name__)


class _Stop(Exception):
    """The rule set ends here, with this answer."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


class Ingress:
    """`smtp_server.Receiver` as SES is one."""

    def __init__(self, services: Services, *, account_id: str, region: str) -> None:
        self._services = services
        self._account = account_id
        self._region = region
        self._partition = partition_of(region).name
        self._set_up: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def recipient(self, address: str, *, over_tls: bool) -> str:
        """Accept whom a rule means."""
        try:
            _, rules = self._active()
            found = [rule for rule, _ in matching(rules, [address], self._verified)]
        except (ClientError, BotoCoreError) as error:
            return self._later("the rules could not be read", error)
        if not found:
            return _NOBODY
        if not over_tls and all(rule.get("TlsPolicy") == REQUIRE for rule in found):
            return _NEEDS_TLS
        return _OK.strip()

    def message(self, letter: Letter) -> str:
        """Do what the rules say, in order; 250 once all of it is done."""
        mail = Received(
            id=received_mail.new_id(),
            sender=letter.sender,
            recipients=letter.recipients,
            content=letter.content,
            helo=letter.helo,
            client=letter.client,
            at=datetime.now(UTC),
            over_tls=letter.over_tls,
        )
        try:
            rule_set, rules = self._active()
            found = list(matching(rules, mail.recipients, self._verified))
            for rule, meant in found:
                self._apply(mail, rule_set, rule, meant)
        except _Stop as end:
            return end.answer
        except (ClientError, BotoCoreError) as error:
            return self._later("the message could not be kept", error)
        return f"{_OK}{mail.id}" if found else _NOBODY

    def _active(self) -> tuple[str, Sequence[Mapping[str, Any]]]:
        found = self._services("ses").describe_active_receipt_rule_set()
        return found.get("Metadata", {}).get("Name", ""), found.get("Rules", [])

    def _verified(self, domain: str) -> bool:
        """SES receives for verified domains alone, whichever version of its API verified them."""
        names = with_parents(domain)
        answer = self._services("ses").get_identity_verification_attributes(Identities=names)
        if any(item["VerificationStatus"] == "Success" for item in answer["VerificationAttributes"].values()):
            return True
        newer = self._services("sesv2")
        for name in names:
            try:
                if newer.get_email_identity(EmailIdentity=name)["VerifiedForSendingStatus"]:
                    return True
            except newer.exceptions.NotFoundException:
                continue
        return False

    def _apply(self, mail: Received, rule_set: str, rule: Mapping[str, Any], meant: Sequence[str]) -> None:
        if rule.get("TlsPolicy") == REQUIRE and not mail.over_tls:
            raise _Stop(_NEEDS_TLS)
        added = b""
        for action in rule.get("Actions", []):
            if "AddHeaderAction" in action:
                header = action["AddHeaderAction"]
                added += f"{header['HeaderName']}: {header['HeaderValue']}\r\n".encode()
            elif "S3Action" in action:
                self._write_set_up(rule_set, rule, action["S3Action"])
                top = received_mail.headers(
                    mail, region=self._region, recipients=meant, scanned=bool(rule.get("ScanEnabled"))
                )
                self._keep(rule_set, rule, action["S3Action"], mail.id, top + added + mail.content)
            else:
                self._end(mail, action)

    def _end(self, mail: Received, action: Mapping[str, Any]) -> None:
        if "StopAction" in action:
            raise _Stop(f"{_OK}{mail.id}")
        if "BounceAction" in action:
            bounce = action["BounceAction"]
            raise _Stop(" ".join(filter(None, (bounce["SmtpReplyCode"], bounce.get("StatusCode"), bounce["Message"]))))
        raise _Stop(self._later(f"the embedded AWS plays no {', '.join(action)}", None))

    def _write_set_up(self, rule_set: str, rule: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        place = (action["BucketName"], action.get("ObjectKeyPrefix", ""))
        with self._lock:
            if place in self._set_up:
                return
            self._set_up.add(place)
        try:
            self._keep(rule_set, rule, action, SETUP_OBJECT, SETUP_TEXT)
        except _Stop:
            self._set_up.discard(place)

    def _keep(
        self, rule_set: str, rule: Mapping[str, Any], action: Mapping[str, Any], name: str, content: bytes
    ) -> None:
        bucket, key = action["BucketName"], action.get("ObjectKeyPrefix", "") + name
        if action.get("IamRoleArn") or action.get("KmsKeyArn"):
            raise _Stop(self._later("the embedded AWS plays no S3 action with a role or a key", None))
        source = f"arn:{self._partition}:ses:{self._region}:{self._account}:receipt-rule-set/{rule_set}"
        call = ServiceCall(
            service="ses.amazonaws.com",
            action="s3:PutObject",
            resource=f"arn:{self._partition}:s3:::{bucket}/{key}",
            account=self._account,
            source=f"{source}:receipt-rule/{rule['Name']}",
        )
        why = refusal(self._bucket_policy(bucket), call)
        if why:
            raise _Stop(self._later(f"SES may not write to bucket '{bucket}': {why}", None))
        self._services("s3").put_object(Bucket=bucket, Key=key, Body=content)

    def _bucket_policy(self, bucket: str) -> str | None:
        try:
            return str(self._services("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise
            return None

    def _later(self, what: str, error: Exception | None) -> str:
        _log.warning("%s: %s%s", self._account, what, f" ({error})" if error else "")
        return _LATER
