"""The wire of Mail Manager's API, from the server's side: botocore's own parsers and serializers, turned round.

A request is parsed as botocore parses an answer, and an answer is written as botocore writes a request; both of the
service's protocols, JSON 1.0 and Smithy RPC v2 CBOR, since botocore chooses.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from byoaws.fakeaws.clients import NO_USER_SETTINGS

_JSON = "application/x-amz-json-1.0"
_CBOR = "application/cbor"
_PATH = re.compile(r"/service/\w+/operation/(\w+)")


def service_model() -> ServiceModel:
    """Return botocore's model of Mail Manager."""
    return botocore.session.Session(session_vars=NO_USER_SETTINGS).get_service_model("mailmanager")


class Refused(Exception):
    """An error that the API answers with."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, taken apart."""

    operation: OperationModel
    parameters: Mapping[str, Any]

    @property
    def input_shape(self) -> Any:
        """The shape of what is asked; every operation has one."""
        return self.operation.input_shape

    @property
    def output_shape(self) -> Any:
        """The shape of what is answered; every operation has one."""
        return self.operation.output_shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer as it goes out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Reads requests and writes answers by a service's model."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model

    def operation_name(self, path: str, headers: Mapping[str, str]) -> str:
        """Return the operation that is called.

        Raises:
            Refused: the API has none by that name.
        """
        found = _PATH.fullmatch(path)
        name = found[1] if found else headers.get("x-amz-target", "").rpartition(".")[2]
        if name not in self._model.operation_names:
            raise Refused("UnknownOperationException", "")
        return name

    def read(self, name: str, headers: Mapping[str, str], body: bytes) -> Call:
        """Return the call.

        Raises:
            Refused: the body cannot be read.
        """
        operation = self._model.operation_model(name)
        response = {"body": body, "headers": dict(headers), "status_code": 200}
        try:
            shape: Any = operation.input_shape
            parsed = create_parser(_protocol(headers)).parse(response, shape)
        except Exception as error:
            raise Refused("SerializationException", type(error).__name__) from error
        if not isinstance(parsed, dict):
            raise Refused("SerializationException", "The body is no object")
        parsed.pop("ResponseMetadata", None)
        return Call(operation=operation, parameters=parsed)

    def write(self, call: Call, answer: Mapping[str, Any], headers: Mapping[str, str]) -> Answered:
        """Return the bytes of an answer."""
        # The same operation, asked for with what it answers.
        described = dict(call.operation._operation_model)  # type: ignore[attr-defined]
        described["input"] = described["output"]
        turned = OperationModel(described, self._model, call.operation.name)
        made = create_serializer(_protocol(headers), include_validation=False)
        body = made.serialize_to_request(dict(answer), turned)["body"]
        data = body if isinstance(body, bytes) else str(body).encode("utf-8")
        return Answered(status=200, headers=_headers(headers), body=data or _empty(headers))

    def refuse(self, error: Refused, headers: Mapping[str, str]) -> Answered:
        """Return the bytes of an error."""
        said = {"__type": f"com.amazonaws.mailmanager#{error.code}", "message": error.message}
        if _protocol(headers) == "json":
            body = json.dumps(said).encode("utf-8")
        else:
            body = b"\xa2" + b"".join(_cbor_text(part) for pair in said.items() for part in pair)
        return Answered(status=error.status, headers=_headers(headers), body=body)


def _protocol(headers: Mapping[str, str]) -> str:
    return "smithy-rpc-v2-cbor" if headers.get("smithy-protocol") == "rpc-v2-cbor" else "json"


def _headers(asked: Mapping[str, str]) -> dict[str, str]:
    common = {"x-amzn-RequestId": str(uuid.uuid4())}
    if _protocol(asked) == "json":
        return {"Content-Type": _JSON, **common}
    return {"Content-Type": _CBOR, "smithy-protocol": "rpc-v2-cbor", **common}


def _empty(asked: Mapping[str, str]) -> bytes:
    return b"{}" if _protocol(asked) == "json" else b"\xa0"


def _cbor_text(text: str) -> bytes:
    """A text string. Source: RFC 8949, section 3, major type 3."""
    data = text.encode("utf-8")
    if len(data) < 24:
        return bytes([0x60 | len(data)]) + data
    return b"\x79" + len(data).to_bytes(2, "big") + data
