"""A `VerificationReport` as JSON, and back. Reading is strict: a report that is not exactly one is refused.

The document carries a format number, so that a later version can go on reading what this one wrote.
"""

import enum
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from byoaws.errors import StoreError, UsageError
from byoaws.model import Ability, Capability, Json, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.values import to_utc

FORMAT = 2
_BEFORE_CAPABILITIES = 1

_Value = TypeVar("_Value")
_Enum = TypeVar("_Enum", bound=enum.StrEnum)
_Reader = Callable[[Json, str], Any]
"""Given a value and its place in the document, returns what the value means or raises `_Malformed`."""


class _Malformed(Exception):
    """What is wrong, and where."""


def dump(report: VerificationReport) -> str:
    """Return the report as one line of ASCII, in which any text survives any database.

    Raises:
        UsageError: evidence that is not JSON (a NaN, an object), or a time without a zone.
    """
    document = {
        "format": FORMAT,
        "verdict": report.verdict.value,
        "role_arn": report.role_arn,
        "account_id": report.account_id,
        "region": report.region,
        "vendor": report.vendor,
        "sandbox": report.sandbox,
        "checked_at": to_utc(report.checked_at, "a report's checked_at").isoformat(),
        "probes": [_probe_to_json(probe) for probe in report.probes],
        "capabilities": [_capability_to_json(item) for item in report.capabilities],
    }
    try:
        return json.dumps(document, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise UsageError(f"a report's evidence is not JSON: {error}", hint="keep only what JSON has") from error


def load(text: str) -> VerificationReport:
    """Return the report that `dump` wrote.

    Raises:
        StoreError: anything else; the message says where.
    """
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        written = document.get("format") if isinstance(document, dict) else FORMAT
        if type(written) is not int or written not in _REPORTS:
            raise _Malformed(f"format is {written!r}, not {FORMAT}")
        fields = _object(_REPORTS[written])(document, "report")
    except (_Malformed, ValueError, RecursionError) as error:
        raise StoreError(
            f"a stored report cannot be read: {error}",
            hint="a newer byoaws may have written it: upgrade; or restore the store from a backup",
        ) from error
    del fields["format"]
    return VerificationReport(**fields)


def _probe_to_json(probe: ProbeResult) -> dict[str, Any]:
    return {
        "code": probe.code,
        "name": probe.name,
        "status": probe.status.value,
        "summary": probe.summary,
        "causes": list(probe.causes),
        "fix": probe.fix,
        "evidence": dict(probe.evidence),
        "opens_for_others": probe.opens_for_others,
    }


def _capability_to_json(item: Capability) -> dict[str, Any]:
    return {"name": item.name, "ability": item.ability.value, "code": item.code, "probe": item.probe}


def _refuse_constant(name: str) -> Json:
    raise _Malformed(f"{name} is not JSON")


def _exactly(kind: type[_Value], called: str) -> Callable[[Json, str], _Value]:
    def read(value: Json, where: str) -> _Value:
        # Not isinstance: True is an int.
        if type(value) is not kind:
            raise _Malformed(f"{where} is not {called}")
        return value

    return read


def _optional(reader: _Reader) -> _Reader:
    return lambda value, where: None if value is None else reader(value, where)


def _one_of(kind: type[_Enum]) -> Callable[[Json, str], _Enum]:
    def read(value: Json, where: str) -> _Enum:
        try:
            return kind(_text(value, where))
        except ValueError:
            raise _Malformed(f"{where} is none of {', '.join(kind)}") from None

    return read


def _many(reader: _Reader) -> Callable[[Json, str], tuple[Any, ...]]:
    def read(value: Json, where: str) -> tuple[Any, ...]:
        items = _list(value, where)
        return tuple(reader(item, f"{where}[{index}]") for index, item in enumerate(items))

    return read


def _object(readers: Mapping[str, _Reader]) -> Callable[[Json, str], dict[str, Any]]:
    def read(value: Json, where: str) -> dict[str, Any]:
        fields = _mapping(value, where)
        if odd := sorted(fields.keys() ^ readers.keys()):
            state = "unknown" if odd[0] in fields else "missing"
            raise _Malformed(f"{where}.{odd[0]} is {state}")
        return {name: reader(fields[name], f"{where}.{name}") for name, reader in readers.items()}

    return read


def _time(value: Json, where: str) -> datetime:
    try:
        return to_utc(datetime.fromisoformat(_text(value, where)), where)
    except (ValueError, UsageError) as error:
        raise _Malformed(f"{where} is not a time with a zone") from error


def _probe(value: Json, where: str) -> ProbeResult:
    return ProbeResult(**_object(_PROBE)(value, where))


def _capability(value: Json, where: str) -> Capability:
    return Capability(**_object(_CAPABILITY)(value, where))


_text = _exactly(str, "text")
_flag = _exactly(bool, "true or false")
_list: Callable[[Json, str], list[Json]] = _exactly(list, "a list")
_mapping: Callable[[Json, str], dict[str, Json]] = _exactly(dict, "an object")

_PROBE: Mapping[str, _Reader] = {
    "code": _text,
    "name": _text,
    "status": _one_of(Status),
    "summary": _text,
    "causes": _many(_text),
    "fix": _text,
    "evidence": _mapping,
    "opens_for_others": _flag,
}
_CAPABILITY: Mapping[str, _Reader] = {"name": _text, "ability": _one_of(Ability), "code": _text, "probe": _text}
_OLD_REPORT: Mapping[str, _Reader] = {
    "format": _exactly(int, "a number"),
    "verdict": _one_of(Verdict),
    "role_arn": _text,
    "account_id": _optional(_text),
    "region": _text,
    "vendor": _text,
    "sandbox": _optional(_flag),
    "checked_at": _time,
    "probes": _many(_probe),
}
_REPORTS: Mapping[int, Mapping[str, _Reader]] = {
    _BEFORE_CAPABILITIES: _OLD_REPORT,
    FORMAT: {**_OLD_REPORT, "capabilities": _many(_capability)},
}
