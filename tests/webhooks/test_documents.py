"""JSON from a stranger: bounded in memory and depth, in one encoding, and read in one way."""

import json
import tracemalloc

import pytest

from byoaws.errors import WebhookMalformed, WebhookTooLarge
from byoaws.webhooks.documents import json_object, within


@pytest.mark.parametrize(
    "piece",
    ["[]", "{}", '"ab"', "1.5", "[[[[]]]]", "[{}]", '{"a":{}}'],
    ids=["list", "object", "text", "number", *"abc"],
)
def test_what_is_small_and_would_be_large_in_memory_is_not_read(piece: str) -> None:
    text = f'{{"a": [{",".join([piece] * (4_000_000 // (len(piece) + 1)))}]}}'.encode()
    tracemalloc.start()
    try:
        with pytest.raises(WebhookMalformed, match="parts"):
            json_object(text, "the post")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(text)


def test_a_message_that_quotes_as_much_as_sns_delivers_is_read() -> None:
    message = ",[{" * (256 * 1024 // 3)
    assert json_object(json.dumps({"Message": message}), "it") == {"Message": message}


@pytest.mark.parametrize("depth", [100_000, 250_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_depth_is_no_crash(depth: int, opening: str, closing: str) -> None:
    with pytest.raises(WebhookMalformed):
        json_object(f'{{"a":{opening * depth}1{closing * depth}}}', "it")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_only_utf_8_is_read(encoding: str) -> None:
    text = json.dumps({"type": "é"}, ensure_ascii=False)
    with pytest.raises(WebhookMalformed):
        json_object(text.encode(encoding), "it")


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "a", "type": "b"}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": "\\ud800"}',
        '{"a": ' + "1" * 5000 + "}",
        "[]",
        "null",
        "",
        b"\xff{}",
    ],
    ids=["twins", "twins inside", "half a pair", "a huge number", "list", "null", "nothing", "no text"],
)
def test_what_could_be_read_in_two_ways_or_not_at_all(text: str | bytes) -> None:
    with pytest.raises(WebhookMalformed):
        json_object(text, "it")


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(WebhookTooLarge):
        within(b"12345", 4)
