"""Hints and forms: what people are told of the well-known mistakes, and of AWS's patterns."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from byoaws.mail_manager import forms, hints
from byoaws.mail_manager.cloudformation import RESOURCES as IN_TEMPLATES
from byoaws.mail_manager.hints import hint
from byoaws.mail_manager.resources import ADDRESS_LIST, ARCHIVE, INGRESS_POINT, RELAY
from byoaws.mail_manager.rules import RULE_SET
from byoaws.mail_manager.shapes import Fields, Items, OneOf, Shape, Text
from byoaws.mail_manager.traffic import TRAFFIC_POLICY

OF_THE_API = (ADDRESS_LIST, ARCHIVE, INGRESS_POINT, RELAY, RULE_SET, TRAFFIC_POLICY)


def _all(shape: Shape) -> Iterator[tuple[str, Shape]]:
    """Every shape below one, with the key it stands under."""
    if isinstance(shape, Items):
        yield from _all(shape.of)
    elif isinstance(shape, Fields | OneOf):
        yield shape.name, shape
        for key, inner in (shape.fields if isinstance(shape, Fields) else shape.choices).items():
            yield key, inner
            yield from _all(inner)


EVERYWHERE = [one for shape in (*OF_THE_API, *IN_TEMPLATES.values()) for one in _all(shape)]


@pytest.mark.parametrize(
    ("path", "found", "part"),
    [
        (("PolicyStatements", 0, "Conditions", 2, "IpExpression", "Evaluate", "Attribute"), "SOURCE_IP", "SENDER_IP"),
        (("Rules", 0, "Unless", 2, "IpExpression", "Fn::If", 1, "Evaluate", "Attribute"), "SENDER_IP", "SOURCE_IP"),
        (("StringExpression", "Evaluate", "Attribute"), "MAIL_FROM", "RECIPIENT"),
        (("BooleanExpression", "Evaluate", "IsInAddressList", "Attribute"), "SENDER", "RECIPIENT"),
        (("DmarcExpression", "Values", 0), "PASS", "REJECT"),
        (("TlsExpression", "Value"), "TLS1_0", "TLS1_2"),
        (("Actions", 0, "Relay", "RelayAction"), "RelayId", "write 'Relay'"),
    ],
)
def test_a_well_known_mistake_has_its_mend(path: tuple[str | int, ...], found: str, part: str) -> None:
    told = hint(path, found)
    assert told
    assert part in told


@pytest.mark.parametrize(
    ("path", "found"),
    [((), "SOURCE_IP"), (("IpExpression",), "ELSEWHERE"), (("Rules", 0), "PASS"), ((0, 1), "")],
)
def test_anything_else_has_none(path: tuple[str | int, ...], found: str) -> None:
    assert hint(path, found) is None


def test_every_hint_is_about_a_place_that_there_is() -> None:
    places = {name for name, _ in EVERYWHERE}
    assert {place for place, _ in hints._HINTS} <= places


def test_no_hint_is_about_what_is_right_everywhere() -> None:
    takes: dict[str, list[set[str]]] = {}
    for name, shape in EVERYWHERE:
        inner = {key for key, _ in _all(shape)} | {value for _, one in _all(shape) for value in _values(one)}
        takes.setdefault(name, []).append(inner)
    useless = [(place, found) for place, found in hints._HINTS if all(found in one for one in takes[place])]
    # Of a resource the schema's own read-only names are hinted at; DMARC's verdicts stand nowhere.
    assert useless == []


def _values(shape: Shape) -> tuple[str, ...]:
    if isinstance(shape, Items):
        return _values(shape.of)
    return shape.values if isinstance(shape, Text) else ()


def test_what_aws_makes_is_what_the_schemas_say() -> None:
    for name, keys in hints._MADE_BY_AWS.items():
        read_only = {pointer.rpartition("/")[2] for pointer in _schema(name)["readOnlyProperties"]}
        assert set(keys) == read_only


def test_every_pattern_is_told_in_words_and_every_word_is_needed() -> None:
    patterns = {shape.pattern for _, shape in EVERYWHERE if isinstance(shape, Text)} | {
        shape.of.pattern for _, shape in EVERYWHERE if isinstance(shape, Items) and isinstance(shape.of, Text)
    }
    assert patterns - {""} == set(forms._FORMS)


def test_an_example_in_a_form_is_right() -> None:
    examples = {
        pattern: re.findall(r"(?:such as|or|takes:) ([^ ,]*[:@./\d-][^ ,]*)", text)
        for pattern, text in forms._FORMS.items()
    }
    assert sum(map(len, examples.values())) > 12
    for pattern, found in examples.items():
        for example in found:
            assert re.fullmatch(pattern, example), (pattern, example)


def test_a_pattern_that_nobody_knows_is_shown() -> None:
    assert forms.form("[a-z]+") == "what matches [a-z]+"


def _schema(name: str) -> Any:
    spec = find_spec("cfnlint")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent / "data/schemas"
    stem = json.loads((folder / "providers/us-east-1.json").read_text())[f"AWS::SES::MailManager{name}"]
    return json.loads((folder / "resources" / f"{stem.removesuffix('.json')}.json").read_text())
