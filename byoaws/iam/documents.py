"""Policy documents, read strictly.

What IAM would not save is refused here, with the place of the mistake (`Statement[1].Effect`). What a document *means*
is `evaluate`'s business. Source: IAM user guide, "Grammar of the IAM JSON policy language".
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from byoaws.errors import PolicyError
from byoaws.iam.elements import (
    DEFAULT_VERSION,
    PRINCIPAL_FIELDS,
    Condition,
    Document,
    Effect,
    Policy,
    Principals,
    Statement,
    StatementDict,
)

__all__ = ["Condition", "Document", "Policy", "Principals", "Statement", "StatementDict", "parse"]

VERSIONS = (DEFAULT_VERSION, "2012-10-17")
_DOCUMENT_KEYS = ("Version", "Id", "Statement")
_PAIRS = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_STATEMENT_KEYS = ("Sid", "Effect", *(key for pair in _PAIRS for key in pair), "Condition")
# Wide enough for any number in a policy, and `repr` of a longer one may fail.
_INTEGERS = range(-(2**63), 2**63)


def parse(document: str | Mapping[str, Any]) -> Policy:
    """Read a policy document: JSON text, or what `json.loads` made of it.

    Raises:
        PolicyError: not JSON, a key twice, or not of the form that IAM saves; the message names statement and key.
    """
    data = _load(document) if isinstance(document, str) else document
    if not isinstance(data, Mapping):
        raise PolicyError("the policy document is not an object", hint="it starts with { and has a Statement")
    _refuse_unknown(data, _DOCUMENT_KEYS, "the document")
    version = _optional_text(data, "Version", "Version")
    if version is not None and version not in VERSIONS:
        raise PolicyError(f"Version: '{version}' is not one that AWS knows", hint=f"known: {', '.join(VERSIONS)}")
    if "Statement" not in data:
        raise PolicyError("the policy document has no Statement")
    found = data["Statement"]
    items = [found] if isinstance(found, Mapping) else found
    if not _is_list(items) or not items:
        raise PolicyError("Statement: expected an object or a list of objects")
    statements = tuple(_statement(index, item) for index, item in enumerate(items))
    return Policy(version=version, id=_optional_text(data, "Id", "Id"), statements=statements)


def _load(text: str) -> Any:
    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise PolicyError(f"the key '{key}' stands twice in one object", hint="AWS refuses it; remove one")
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=no_duplicates)
    except RecursionError:
        raise PolicyError("the policy document is nested too deep to be one") from None
    except ValueError as error:  # JSONDecodeError, or a number of thousands of digits
        raise PolicyError(f"the policy document is not JSON: {error}") from None


def _statement(index: int, data: Any) -> Statement:
    place = f"Statement[{index}]"
    if not isinstance(data, Mapping):
        raise PolicyError(f"{place}: expected an object")
    _refuse_unknown(data, _STATEMENT_KEYS, place)
    for one, other in _PAIRS:
        if one in data and other in data:
            raise PolicyError(f"{place}: has both {one} and {other}", hint="AWS accepts one of the two")
    if "Action" not in data and "NotAction" not in data:
        raise PolicyError(f"{place}: has neither Action nor NotAction")
    return Statement(
        index=index,
        sid=_optional_text(data, "Sid", f"{place}.Sid"),
        effect=_effect(data, place),
        principals=_principals(data, "Principal", place),
        not_principals=_principals(data, "NotPrincipal", place),
        actions=_texts(data, "Action", place),
        not_actions=_texts(data, "NotAction", place),
        resources=_texts(data, "Resource", place),
        not_resources=_texts(data, "NotResource", place),
        conditions=_conditions(data.get("Condition", {}), f"{place}.Condition"),
    )


def _effect(data: Mapping[str, Any], place: str) -> Effect:
    if "Effect" not in data:
        raise PolicyError(f"{place}: has no Effect", hint="Allow or Deny")
    if data["Effect"] == "Allow":
        return "Allow"
    if data["Effect"] == "Deny":
        return "Deny"
    raise PolicyError(f"{place}.Effect: expected Allow or Deny, spelt so")


def _principals(data: Mapping[str, Any], key: str, statement: str) -> Principals | None:
    if key not in data:
        return None
    place, found = f"{statement}.{key}", data[key]
    if found == "*":
        return Principals(anyone=True)
    if not isinstance(found, Mapping) or not found:
        raise PolicyError(f'{place}: expected "*" or an object such as {{"AWS": "123456789012"}}')
    _refuse_unknown(found, tuple(PRINCIPAL_FIELDS), place)
    texts = {kind: _text_list(found[kind], f"{place}.{kind}") for kind in found}
    return Principals(
        aws=texts.get("AWS", ()),
        service=texts.get("Service", ()),
        federated=texts.get("Federated", ()),
        canonical_user=texts.get("CanonicalUser", ()),
    )


def _texts(data: Mapping[str, Any], key: str, statement: str) -> tuple[str, ...] | None:
    return _text_list(data[key], f"{statement}.{key}") if key in data else None


def _text_list(found: Any, place: str) -> tuple[str, ...]:
    items = [found] if isinstance(found, str) else found
    if not _is_list(items) or not items or not all(isinstance(item, str) for item in items):
        raise PolicyError(f"{place}: expected text or a list of texts", hint="an account id needs quotes around it")
    return tuple(items)


def _conditions(block: Any, place: str) -> tuple[Condition, ...]:
    if not isinstance(block, Mapping):
        raise PolicyError(f"{place}: expected an object of operators")
    found = []
    for operator, keys in block.items():
        if not isinstance(operator, str) or not isinstance(keys, Mapping):
            raise PolicyError(f"{place}.{operator}: expected an object of condition keys")
        for key, values in keys.items():
            if not isinstance(key, str):
                raise PolicyError(f"{place}.{operator}: a condition key is text, not '{key}'")
            items = values if _is_list(values) else [values]
            texts = tuple(_scalar(item, f"{place}.{operator}.{key}") for item in items)
            found.append(Condition(operator=operator, key=key, values=texts))
    return tuple(found)


def _scalar(value: Any, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if (isinstance(value, int) and value in _INTEGERS) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    raise PolicyError(f"{place}: expected text, a number or a Boolean, or a list of these")


def _optional_text(data: Mapping[str, Any], key: str, place: str) -> str | None:
    found = data.get(key)
    if key in data and not isinstance(found, str):
        raise PolicyError(f"{place}: expected text")
    return found


def _refuse_unknown(data: Mapping[Any, Any], known: Sequence[str], place: str) -> None:
    unknown = sorted(str(key) for key in data if key not in known)
    if unknown:
        raise PolicyError(f"{place}: unknown key '{unknown[0]}'", hint=f"known: {', '.join(known)}")


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
