"""The grammar, held against what we did not write: botocore's service model and CloudFormation's schemas."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from byoaws.mail_manager.resources import ADDRESS_LIST, ARCHIVE, INGRESS_POINT, RELAY
from byoaws.mail_manager.rules import RULE_SET
from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape, Text
from byoaws.mail_manager.traffic import TRAFFIC_POLICY

RESOURCES = {
    "RuleSet": RULE_SET,
    "TrafficPolicy": TRAFFIC_POLICY,
    "IngressPoint": INGRESS_POINT,
    "Relay": RELAY,
    "Archive": ARCHIVE,
    "AddressList": ADDRESS_LIST,
}
# The request of every call has these; they say nothing of the resource.
REQUEST_ONLY = {"ClientToken", "Tags"}
# The pattern [\P{C}\s]* (no control characters) is not one that Python's re can read.
UNREADABLE = "[\\P{C}\\s]*"


@pytest.fixture(scope="module")
def model() -> Any:
    from botocore.session import get_session

    return get_session().get_service_model("mailmanager")


def _of_botocore(shape: Any) -> Any:
    if shape.type_name == "structure":
        kind = "one of" if shape.is_tagged_union else "fields"
        members = {name: _of_botocore(member) for name, member in shape.members.items() if name not in REQUEST_ONLY}
        return kind, shape.name, members, sorted(shape.required_members)
    if shape.type_name == "list":
        return "items", shape.metadata.get("min", 0), shape.metadata.get("max"), _of_botocore(shape.member)
    limits = (shape.metadata.get("min"), shape.metadata.get("max"))
    if shape.type_name in {"integer", "double"}:
        return ("number", *limits, shape.type_name == "integer")
    pattern = shape.metadata.get("pattern", "")
    return "text", tuple(shape.enum), pattern if pattern != UNREADABLE else "", limits[0] or 0, limits[1]


def _of_ours(shape: Shape) -> Any:
    if isinstance(shape, Fields):
        return "fields", shape.name, {n: _of_ours(s) for n, s in shape.fields.items()}, sorted(shape.required)
    if isinstance(shape, OneOf):
        return "one of", shape.name, {n: _of_ours(s) for n, s in shape.choices.items()}, []
    if isinstance(shape, Items):
        return "items", shape.fewest, shape.most, _of_ours(shape.of)
    if isinstance(shape, Number):
        return "number", shape.least, shape.most, shape.whole
    return "text", shape.values, shape.pattern, shape.shortest, shape.longest


@pytest.mark.parametrize("name", RESOURCES)
def test_the_grammar_is_that_of_the_api(name: str, model: Any) -> None:
    _, _, members, required = _of_botocore(model.operation_model(f"Create{name}").input_shape)
    ours = _of_ours(RESOURCES[name])
    assert ours[2] == members
    # CloudFormation makes up a name.
    assert {*ours[3], f"{name}Name"} == {*required, f"{name}Name"}


@pytest.mark.parametrize("name", RESOURCES)
def test_the_grammar_is_that_of_cloudformation(name: str) -> None:
    schema = _schema(f"AWS::SES::MailManager{name}")
    shape = RESOURCES[name]
    read_only = {pointer.rpartition("/")[2] for pointer in schema.get("readOnlyProperties", [])}
    # Not in the API's request: CloudFormation closes and opens an ingress point by it.
    other = {"Tags", "StatusToUpdate"}
    assert set(schema["properties"]) - read_only - other == set(shape.fields)
    assert set(schema.get("required", [])) == shape.required
    for key, field in shape.fields.items():
        _same(schema["properties"][key], field, schema["definitions"])


def _same(schema: Any, shape: Shape, definitions: Any) -> None:
    """Names and choices are the same in CloudFormation; its patterns and limits may differ a little."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "allOf" in schema:
        schema = definitions[schema["allOf"][0]["$ref"].rpartition("/")[2]]
    if isinstance(shape, Fields):
        assert set(schema.get("properties", {})) == set(shape.fields)
        # The API does not say that a TrustStore must be given; CloudFormation does.
        assert set(schema.get("required", [])) - {"TrustStore"} == shape.required
        for key, field in shape.fields.items():
            _same(schema["properties"][key], field, definitions)
    elif isinstance(shape, OneOf):
        assert {next(iter(one["properties"])) for one in schema["oneOf"]} == set(shape.choices)
        for one in schema["oneOf"]:
            ((key, inner),) = one["properties"].items()
            _same(inner, shape.choices[key], definitions)
    elif isinstance(shape, Items):
        assert schema.get("maxItems") == shape.most
        _same(schema["items"], shape.of, definitions)
    elif isinstance(shape, Text) and shape.values:
        assert set(schema["enum"]) == set(shape.values)


def _schema(kind: str) -> Any:
    """The schema that cfn-lint ships, read without loading cfn-lint."""
    spec = find_spec("cfnlint")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent / "data/schemas"
    name = json.loads((folder / "providers/us-east-1.json").read_text())[kind]
    return json.loads((folder / "resources" / f"{name.removesuffix('.json')}.json").read_text())
