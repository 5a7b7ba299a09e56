"""Who calls the stand-in of Mail Manager, and whether they may: MiniStack says it, by its own judgement.

The request is handed on to MiniStack as it came, which checks its signature, and then its caller's permission for
`ses:OPERATION` on `*`. Where it denies that, a permission for the resource alone may still allow it: IAM's
SimulatePrincipalPolicy is asked about the resource's ARN, of the caller that MiniStack named.

Not enforced: a Deny for one resource where everything else is allowed; iam:PassRole in UpdateRuleSet and CreateRuleSet;
conditions on tags.
"""

import http.client
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from byoaws.fakeaws.mail_manager.wire import Refused
from byoaws.fakeaws.server.ministack import Server

_TIMEOUT = 20.0
_CREDENTIAL = re.compile(r"Credential=(?P<key>[A-Za-z0-9]+)/\d{8}/(?P<region>[a-z0-9-]+)/ses/aws4_request")
_CODE = re.compile(rb"<Code>(\w+)</Code>")
_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)
_DENIED = re.compile(r"User: (?P<arn>arn:\S+) is not authorized to perform")
_ARN = re.compile(r"arn:[^:]+:(?:sts|iam)::(?P<account>\d{12}):(?:assumed-role/(?P<role>[^/]+)/|user/(?P<user>.+))")
# What MiniStack says when the caller may: it has no such action.
_ALLOWED = "InvalidAction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody whose signature is good."""

    account_id: str
    region: str
    denied: str
    """MiniStack's message where the caller may not do it on every resource; empty where they may."""


class Gate:
    """Asks MiniStack."""

    def __init__(self, behind: Server, root_client: Callable[[str, str], Any]) -> None:
        """Take the server, and what makes a client of a service as an account's root."""
        self._place = urlsplit(behind.endpoint)
        self._trusted = ssl.create_default_context(cafile=str(behind.certificates.authority))
        self._root_client = root_client
        self._accounts: dict[str, str] = {}

    def caller(self, operation: str, path: str, headers: Mapping[str, str], body: bytes) -> Caller:
        """Return who calls.

        Raises:
            Refused: nobody did, or with a signature that is not theirs.
        """
        found = _CREDENTIAL.search(headers.get("authorization", ""))
        if not found:
            raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        code, message = self._asked(operation, path, headers, body)
        if code not in (_ALLOWED, "AccessDenied"):
            raise Refused(code or "InternalFailure", message, 403)
        account = self._account_of(found["key"])
        denied = message if code == "AccessDenied" else ""
        return Caller(account_id=account, region=found["region"], denied=denied)

    def require(self, caller: Caller, operation: str, arn: str | None) -> None:
        """Let a caller through who may do it on the resource; None for what has no resource.

        Raises:
            Refused: they may not.
        """
        if not caller.denied:
            return
        named = _DENIED.search(caller.denied)
        principal = _ARN.match(named["arn"]) if named else None
        if arn is None or principal is None or not self._may(principal, f"ses:{operation}", arn):
            on = f" on resource: {arn}" if arn else ""
            said = named["arn"] if named else "anonymous"
            raise Refused(
                "AccessDeniedException",
                f"User: {said} is not authorized to perform: ses:{operation}{on} because no identity-based policy "
                f"allows the ses:{operation} action",
            )

    def require_s3(self, caller: Caller, location: str) -> None:
        """Let a caller through who may write to `s3://BUCKET/PREFIX`; one who may do everything is not asked.

        Raises:
            Refused: they may not.
        """
        named = _DENIED.search(caller.denied)
        principal = _ARN.match(named["arn"]) if named else None
        if principal and not self._may(principal, "s3:PutObject", f"arn:aws:s3:::{location.removeprefix('s3://')}"):
            raise Refused("AccessDeniedException", "You do not have access to the export destination")

    def _may(self, principal: re.Match[str], action: str, arn: str) -> bool:
        account = principal["account"]
        # MiniStack finds a role here by its name alone.
        kind = f"role/{principal['role']}" if principal["role"] else f"user/{principal['user'].rpartition('/')[2]}"
        try:
            results = self._root_client(account, "iam").simulate_principal_policy(
                PolicySourceArn=f"arn:aws:iam::{account}:{kind}", ActionNames=[action], ResourceArns=[arn]
            )["EvaluationResults"]
        except ClientError:
            return False
        return bool(results) and all(result["EvalDecision"] == "allowed" for result in results)

    def _asked(self, operation: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
        """MiniStack's error code and message. The target says which action it is about, where the protocol does not."""
        connection = http.client.HTTPSConnection(
            str(self._place.hostname), self._place.port, context=self._trusted, timeout=_TIMEOUT
        )
        target = {} if "x-amz-target" in headers else {"x-amz-target": f"MailManagerSvc.{operation}"}
        try:
            connection.request("POST", path, body=body, headers={**headers, **target})
            answer = connection.getresponse().read()
        finally:
            connection.close()
        code, message = _CODE.search(answer), _MESSAGE.search(answer)
        return code[1].decode() if code else "", message[1].decode() if message else ""

    def _account_of(self, key: str) -> str:
        """The account of an access key that MiniStack knows; the id of an account is its root's key."""
        if key not in self._accounts:
            sts = self._root_client("000000000000", "sts")
            self._accounts[key] = key if key.isdigit() else sts.get_access_key_info(AccessKeyId=key)["Account"]
        return self._accounts[key]
