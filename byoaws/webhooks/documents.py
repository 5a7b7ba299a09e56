"""JSON from a stranger, read so that nothing but the documented errors comes of it."""

import json
from collections.abc import Mapping
from typing import Any

from byoaws.errors import WebhookMalformed, WebhookTooLarge

_MOST_PARTS = 300_000
"""Commas and opening brackets in a text. A list of empty lists takes twenty times the memory of its text; this many,
some 20 MB. Of ours and SNS's own posts, none has so many even in what it quotes."""


def within(body: bytes, most: int) -> bytes:
    """Return `body`.

    Raises:
        WebhookTooLarge: it has more than `most` bytes.
    """
    if len(body) > most:
        raise WebhookTooLarge(f"the body has {len(body):,} bytes; at most {most:,} are read")
    return body


def json_object(text: bytes | str, what: str) -> dict[str, Any]:
    """Return the JSON object that `text` holds.

    Raises:
        WebhookMalformed: it is no JSON object, or a key occurs twice.
    """
    try:
        # Said, for Python would guess UTF-16 and UTF-32 as well, and other readers would not.
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        if sum(map(text.count, ",[{")) > _MOST_PARTS:
            raise WebhookMalformed(f"{what} has more than {_MOST_PARTS:,} parts")
        document = json.loads(text, object_pairs_hook=_without_twins)
        # A half of a surrogate pair is no text: it could be signed and printed in several ways.
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise WebhookMalformed(f"{what} is not JSON in UTF-8") from None
    if not isinstance(document, dict):
        raise WebhookMalformed(f"{what} is not a JSON object")
    return document


def text_of(document: Mapping[str, Any], key: str, what: str) -> str:
    """Return a text in `document`.

    Raises:
        WebhookMalformed: there is none.
    """
    found = document.get(key)
    if not isinstance(found, str):
        raise WebhookMalformed(f"{what} has no text '{key}'")
    return found


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers of such a document could each take another one.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found
