"""An account that is only looked at, by boto3. A call that could change something is refused before it is made."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Self

from botocore.config import Config

from byoaws.aws import function_code
from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.fields import unusable
from byoaws.aws.question import IAM_PREFIXES
from byoaws.aws.session import Limits, RoleSession, VendorSession
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.port import READING, Answer, Reader
from byoaws.model import Json
from byoaws.regions import partition_of

_MOST_PAGES = 200
_DEEPEST = 60
"""Levels of nesting in an answer; our own templates have fewer than 20."""
_GLOBAL = ("iam", "sts")
"""Services that are one per partition, which botocore finds by any of its regions."""
# Calls whose action has another name. Source: Service Authorization Reference, "Actions defined by Amazon S3".
_OTHERWISE = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
}
_NOTHING_IS_SAID = frozenset({"ses:DescribeActiveReceiptRuleSet", "s3:GetBucketNotification"})
"""By an empty answer: that no rule set is active, and that a bucket tells nobody."""


class BotoReader(Reader):
    """One account in one region. Not for two threads at once."""

    def __init__(self, session: RoleSession | VendorSession, region: str) -> None:
        self._session = session
        self._region = region
        self._clients: dict[str, Any] = {}

    @classmethod
    def of_profile(cls, profile: str | None, region: str, *, limits: Limits | None = None) -> Self:
        """Return the account of a profile's own credentials (None: as AWS_PROFILE says)."""
        return cls(VendorSession(profile, limits or Limits()), region)

    @classmethod
    def under_role(cls, opened: BotoCustomerAws) -> Self:
        """Return the account of a role that was opened."""
        return cls(opened._session, opened._region)

    def ask(self, service: str, operation: str, **parameters: Json) -> Answer:
        """Make one call.

        Raises:
            ValueError: the call is none that only reads.
            AwsError: AWS refused, or gave no usable answer.
        """
        name = _named(service, operation)
        answer = self._made(name, lambda: getattr(self._client(service), operation)(**parameters))
        if not answer and name not in _NOTHING_IS_SAID:
            raise unusable(name, "it is empty")
        return answer

    def every(self, service: str, operation: str, key: str, **parameters: Json) -> list[Json]:
        """Make a call that answers in pages, and return what is under `key` in all of them.

        Raises:
            ValueError, AwsError: as `ask`; Unreachable also where the pages do not end.
        """
        name = _named(service, operation)

        def call() -> dict[str, Any]:
            client, found = self._client(service), list[Any]()
            pages = client.get_paginator(operation).paginate if client.can_paginate(operation) else None
            turned = pages(**parameters) if pages else _turn(getattr(client, operation), parameters)
            for number, page in enumerate(turned):
                if number == _MOST_PAGES:
                    raise unusable(name, f"more than {_MOST_PAGES} pages")
                if page.get(key) is None:
                    raise unusable(name, f"{key} is missing")
                found += page[key]
            return {key: found}

        found = self._made(name, call).get(key, [])
        if not isinstance(found, list):
            raise unusable(name, f"{key} is no list")
        return found

    def function_code(self, name: str) -> Mapping[str, bytes]:
        """The files of a Lambda function's code, by name.

        Raises:
            AwsError: as `ask`; Unreachable also where the code is too large to be ours.
        """
        location = inside(self.ask("lambda", "get_function", FunctionName=name), str, "Code", "Location")
        client = self._client("lambda")
        suffix = partition_of(self._region).dns_suffix
        url = function_code.place_of(location or "", client.meta.endpoint_url, suffix)
        verify = self._session.boto._session.get_config_variable("ca_bundle") or True
        body = self._session.ask(function_code.OPERATION, lambda: function_code.fetch(url, verify=verify))
        return function_code.unpacked(body)

    def _made(self, name: str, call: Callable[[], Mapping[str, Any]]) -> Answer:
        answer: Any = self._session.ask(name, call)
        return {key: _plain(value, name) for key, value in dict(answer).items() if key != "ResponseMetadata"}

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            region = partition_of(self._region).sts_region if service in _GLOBAL else self._region
            # Path-style: one host for every bucket, and it is the one that AWS_ENDPOINT_URL names.
            config = Config(s3={"addressing_style": "path"}) if service == "s3" else None
            boto: Any = self._session.boto
            self._clients[service] = boto.client(service, region_name=region, config=config)
        return self._clients[service]


def _named(service: str, operation: str) -> str:
    if not operation.startswith(READING):
        raise ValueError(f"{service} {operation} may change something, and this only looks")
    name = f"{IAM_PREFIXES.get(service, service)}:{''.join(part.title() for part in operation.split('_'))}"
    return _OTHERWISE.get(name, name)


def _turn(call: Callable[..., Any], parameters: Mapping[str, Json]) -> Iterator[Mapping[str, Any]]:
    """The pages of a call for which botocore has no paginator."""
    page = call(**parameters)
    yield page
    while page.get("NextToken"):
        page = call(**parameters, NextToken=page["NextToken"])
        yield page


def _plain(value: Any, name: str, depth: int = 0) -> Json:
    if depth > _DEEPEST:
        raise unusable(name, "too deeply nested")
    if isinstance(value, Mapping):
        return {str(key): _plain(item, name, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, name, depth + 1) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(type(value).__name__)
