"""The first attempt of a call, by botocore's own parts without what aiobotocore puts between them.

Serialising, signing, sending and parsing one call needs a third of the time that a client takes for it: the rest is
events, the rules that find an endpoint, and bookkeeping for retries, all of which come out the same each time. So a
client is asked once, per operation, what it makes of a request; from then on only what differs is done. Whatever
does not come out plainly (refused for haste, a fault of AWS's, a redirect, a connection that broke) is asked again of
the client itself, and an odd bucket name from the start. A test holds the requests of both against each other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiobotocore.parsers import AioResponseParser
from botocore.auth import AUTH_TYPE_MAPS
from botocore.awsrequest import AWSRequest, create_request_object, prepare_request_dict
from botocore.exceptions import ClientError
from botocore.model import OperationModel

from byoaws.aws.identity import Identity
from byoaws.aws.kinds import KIND_OF_CODE
from byoaws.errors import AccessDenied, NotFound

# Names that only ever mean a bucket: no ARN, no alias of an access point, no directory bucket.
_BUCKET = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)(?<!--x-s3)"
)
_SERVICES = frozenset({"sts", "iam", "ses", "sesv2", "s3"})
"""Where botocore changes nothing of a request on its way that depends on the account, but for the bucket's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is the same in every call of one operation."""

    model: OperationModel
    parser: AioResponseParser
    url: str
    """Of the endpoint."""
    headers: Mapping[str, str]
    context: Mapping[str, Any]
    signer: Any
    """Class of botocore's."""
    region: str
    signing_name: str
    event: str
    """Of botocore's events: service and operation."""


class FirstTry:
    """First attempts by one client."""

    def __init__(self, client: Any, identity: Identity, user_agent: str) -> None:
        self._client = client
        self._identity = identity
        self._user_agent = user_agent
        self._service: str = client.meta.service_model.service_name
        self._of_operation: dict[str, Prepared | None] = {}

    async def prepared(self, operation: str, request: Mapping[str, Any]) -> Prepared | None:
        """Return what `answer` wants; None where the client itself must be asked.

        Raises:
            BotoCoreError: the request is not valid.
        """
        bucket = _bucket(self._service, request)
        if self._service not in _SERVICES or (bucket and not _BUCKET.fullmatch(bucket)):
            return None
        if operation not in self._of_operation:
            self._of_operation[operation] = await _prepared(self._client, operation, request)
        return self._of_operation[operation]

    async def answer(self, prepared: Prepared, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return AWS's answer.

        Raises:
            ClientError: AWS refused.
            BotoCoreError: nobody signs, the request is not valid, or there is no connection.
        """
        bucket = _bucket(self._service, request)
        signed = await self._signed(prepared, request, f"/{bucket}" if bucket else "")
        kept = await self._client._endpoint.http_session.send(signed.prepare())
        return await self._read(prepared, kept, signed.context)

    async def _signed(self, prepared: Prepared, request: Mapping[str, Any], path: str) -> AWSRequest:
        parts = self._client._serializer.serialize_to_request(request, prepared.model)
        parts["headers"].update(prepared.headers)
        prepare_request_dict(parts, prepared.url + path, context=dict(prepared.context), user_agent=self._user_agent)
        made: AWSRequest = create_request_object(parts)
        made.stream_output = False
        # Last, so that nothing can happen between knowing who signs and signing.
        frozen = await self._identity.get_frozen_credentials()
        prepared.signer(frozen, prepared.signing_name, prepared.region).add_auth(made)
        return made

    async def _read(self, prepared: Prepared, kept: Any, context: dict[str, Any]) -> dict[str, Any]:
        raw = {
            "headers": kept.headers,
            "status_code": kept.status_code,
            "body": await kept.content,
            "context": {"operation_name": prepared.model.name},
        }
        events, more = self._client.meta.events, dict[str, Any]()
        # S3 hides faults in answers with status 200, and botocore's handler finds them.
        await events.emit(
            f"before-parse.{prepared.event}",
            operation_model=prepared.model,
            response_dict=raw,
            customized_response_dict=more,
        )
        parsed: Any = await prepared.parser.parse(raw, prepared.model.output_shape)
        if raw["status_code"] >= 300:
            raise ClientError(parsed, prepared.model.name)
        parsed.update(more)
        # Decodes policies of IAM, and reads what S3's model cannot say.
        await events.emit(
            f"after-call.{prepared.event}", http_response=kept, parsed=parsed, model=prepared.model, context=context
        )
        found: dict[str, Any] = parsed
        return found


def is_final(error: Exception) -> bool:
    """True if AWS would only say the same again."""
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    kind = KIND_OF_CODE.get(str(error.response.get("Error", {}).get("Code")))
    return status in (400, 403, 404) and kind in (AccessDenied, NotFound)


def _bucket(service: str, request: Mapping[str, Any]) -> str:
    return str(request.get("Bucket", "")) if service == "s3" else ""


async def _prepared(client: Any, operation: str, request: Mapping[str, Any]) -> Prepared | None:
    """Return what the client makes of an operation; None where it does more than can be done without it."""
    model = client.meta.service_model.operation_model(operation)
    if model.http_checksum or model.has_streaming_output or model.has_streaming_input or model.idempotent_members:
        return None
    context: dict[str, Any] = {
        "client_region": client.meta.region_name,
        "client_config": client.meta.config,
        "has_streaming_input": False,
        "auth_type": model.resolved_auth_type,
        "unsigned_payload": model.unsigned_payload,
        "auth_options": client.meta.service_model.metadata.get("auth"),
    }
    given = await client._emit_api_params(api_params=dict(request), operation_model=model, context=context)
    if given != request:  # completed, which may differ from call to call
        return None
    url, headers, properties = await client._resolve_endpoint_ruleset(model, given, context)
    bucket = _bucket(client.meta.service_model.service_name, request)
    if bucket and not url.endswith(f"/{bucket}"):  # not path-style
        return None
    context["endpoint_properties"] = properties
    version = await client._request_signer._choose_signer(operation, "standard", context)
    signer, signing = AUTH_TYPE_MAPS.get(version), context.get("signing", {})
    if signer is None or signer.REQUIRES_TOKEN or not signer.REQUIRES_REGION or "*" in str(signing.get("region", "")):
        return None
    return Prepared(
        model=model,
        parser=client._endpoint._response_parser_factory.create_parser(client.meta.service_model.resolved_protocol),
        url=url.removesuffix(f"/{bucket}") if bucket else url,
        headers=headers,
        context=context,
        signer=signer,
        region=signing.get("region") or client._request_signer.region_name,
        signing_name=signing.get("signing_name") or client._request_signer.signing_name,
        event=f"{client.meta.service_model.service_id.hyphenize()}.{operation}",
    )
