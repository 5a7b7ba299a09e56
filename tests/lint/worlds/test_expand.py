"""What expressions come to, in every world that matters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.lint.worlds.expand import OPAQUE, World, variants
from byoaws.lint.worlds.expressions import NOTHING, OWN_ACCOUNT, Undecidable

TEMPLATE = {
    "Parameters": {
        "Plain": {"Type": "String"},
        "Given": {"Type": "String", "Default": "given"},
        "Forced": {"Type": "String", "Default": "", "MinLength": "2"},
        "Choice": {"Type": "String", "AllowedValues": ["a", 7]},
        "List": {"Type": "CommaDelimitedList", "Default": "x, y"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/its/name"},
        "Optional": {"Type": "String", "Default": ""},
    },
    "Conditions": {
        "HasOptional": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Optional"}, ""]}]},
        "LacksOptional": {"Fn::Not": [{"Condition": "HasOptional"}]},
        "Both": {"Fn::And": [{"Condition": "HasOptional"}, {"Fn::Equals": [{"Ref": "Choice"}, "a"]}]},
        "Either": {"Fn::Or": [{"Condition": "HasOptional"}, {"Condition": "LacksOptional"}]},
        "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "Same": {"Fn::Equals": [{"Ref": "Plain"}, {"Ref": "Given"}]},
        "Round": {"Fn::Not": [{"Condition": "About"}]},
        "About": {"Condition": "Round"},
    },
    "Mappings": {"Regions": {"eu": {"account": "1"}, "us": {"account": "2", "other": "3"}}},
    "Resources": {"Role": {"Type": "AWS::IAM::Role"}, "Queue": {"Type": "AWS::SQS::Queue"}},
}


def outcomes(expression: Any) -> list[Any]:
    """Every value of `expression`; an opaque one as `<what it stands for>`."""
    found = []
    for world, value in variants(TEMPLATE, lambda world: world.value(expression)):
        shown = OPAQUE.sub(lambda token, world=world: f"<{world.names[token[0]]}>", str(value))  # type: ignore[misc]
        found.append("NOTHING" if value is NOTHING else shown)
    return sorted(found)


def sub(text: str, **given: Any) -> dict[str, Any]:
    return {"Fn::Sub": [text, given] if given else text}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("text", ["text"]),
        (123456789012, ["123456789012"]),
        ({"Ref": "AWS::AccountId"}, [OWN_ACCOUNT]),
        ({"Ref": "AWS::NoValue"}, ["NOTHING"]),
        ([{"Ref": "AWS::NoValue"}, "a"], ["['a']"]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": "c"}, ["{'b': 'c'}"]),
        ({"Ref": "Plain"}, ["<${Plain}>"]),
        ({"Ref": "Given"}, ["<${Given}>", "given"]),
        ({"Ref": "Forced"}, ["<${Forced}>"]),
        ({"Ref": "Choice"}, ["7", "a"]),
        ({"Ref": "List"}, ["['<${List}>']", "['x', 'y']"]),
        ({"Ref": "Stored"}, ["<${Stored}>"]),
        ({"Ref": "Queue"}, ["<${Queue}>"]),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, ["<${Queue.Arn}>"]),
        ({"Fn::GetAtt": "Queue.Arn"}, ["<${Queue.Arn}>"]),
        ({"Fn::GetAtt": ["Role", "Arn"]}, [f"arn:aws:iam::{OWN_ACCOUNT}:role/<${{Role}}>"]),
        (sub("${Choice}-${!Literal}"), ["7-${Literal}", "a-${Literal}"]),
        (sub("${ Plain }-${Queue.Arn}"), ["<${Plain}>-<${Queue.Arn}>"]),
        (sub("${x}/${AWS::Partition}", x={"Ref": "Choice"}), ["7/aws", "a/aws"]),
        ({"Fn::Join": [":", ["a", {"Ref": "Choice"}]]}, ["a:7", "a:a"]),
        ({"Fn::Join": [":", {"Ref": "List"}]}, ["<${List}>", "x:y"]),
        ({"Fn::Select": ["1", ["a", "b"]]}, ["b"]),
        ({"Fn::Select": [0, {"Fn::Split": ["-", "p-q"]}]}, ["p"]),
        ({"Fn::Select": [9, ["a"]]}, ['<{"Fn::Select": [9, ["a"]]}>']),
        ({"Fn::ImportValue": "x"}, ["<!ImportValue x>"]),
        ("a{{resolve:ssm:/x}}", ["a<{{resolve:ssm:/x}}>"]),
        (sub("{{resolve:ssm:${Choice}}}"), ["<{{resolve:ssm:7}}>", "<{{resolve:ssm:a}}>"]),
        ({"Fn::FindInMap": ["Regions", "eu", "account"]}, ["1"]),
        ({"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "account"]}, ["1", "2"]),
        ({"Fn::FindInMap": ["Regions", "eu", "x", {"DefaultValue": "d"}]}, ["d"]),
        ({"Fn::FindInMap": ["None", "a", "b"]}, ['<{"Fn::FindInMap": ["None", "a", "b"]}>']),
        ({"Fn::If": ["HasOptional", {"Ref": "Optional"}, "none"]}, ["<${Optional}>", "none"]),
        ({"Fn::If": ["HasOptional", {"Fn::If": ["LacksOptional", "impossible", "b"]}, "c"]}, ["b", "c"]),
        ({"Fn::If": ["Either", "always", "never"]}, ["always", "always"]),
        ({"Fn::If": ["Both", "t", "f"]}, ["f", "f", "t"]),
        ({"Fn::If": ["Here", "t", "f"]}, ["f", "t"]),
        ({"Fn::If": ["Same", "t", "f"]}, ["f", "f", "t"]),
        ({"Fn::If": ["Round", "t", "f"]}, ["f", "t"]),
        ({"Fn::If": ["NotThere", "t", "f"]}, ["f", "t"]),
    ],
    ids=str,
)
def test_values(expression: Any, expected: list[str]) -> None:
    assert outcomes(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        {"Fn::Transform": {"Name": "AWS::Include"}},
        {"Fn::If": ["HasOptional"]},
        {"Fn::If": "HasOptional"},
        {"Fn::Sub": 4},
        {"Fn::GetAtt": "Queue"},
        {"Fn::FindInMap": []},
        {"Ref": ["a"]},
    ],
    ids=str,
)
def test_what_cannot_be_decided_is_not_guessed(expression: Any) -> None:
    with pytest.raises(Undecidable):
        outcomes([expression])


def test_too_many_worlds_are_refused_and_not_cut_short() -> None:
    names = [f"P{number}" for number in range(10)]
    template = {"Parameters": {name: {"Type": "String", "AllowedValues": ["a", "b"]} for name in names}}
    few, many = [[{"Ref": name} for name in chosen] for chosen in (names[:6], names[:7])]
    assert len(list(variants(template, lambda world: world.value(few)))) == 64
    with pytest.raises(Undecidable, match="64"):
        list(variants(template, lambda world: world.value(many)))


def test_following_keeps_the_place() -> None:
    expression = {"Fn::If": ["HasOptional", {"Fn::If": ["Here", "a", "b"]}, {"Ref": "AWS::NoValue"}]}
    found = [followed for _, followed in variants(TEMPLATE, lambda world: world.follow(expression, ["X"]))]
    assert sorted(found, key=str) == [
        ("a", ["X", "Fn::If", 1, "Fn::If", 1]),
        ("b", ["X", "Fn::If", 1, "Fn::If", 2]),
        (NOTHING, ["X", "Fn::If", 2]),
    ]


VALUES = st.recursive(
    st.sampled_from(["x", {"Ref": "Choice"}, {"Ref": "Given"}, {"Ref": "AWS::NoValue"}, {"Fn::ImportValue": "y"}]),
    lambda inner: (
        st.builds(lambda a, b: {"Fn::If": ["HasOptional", a, b]}, inner, inner)
        | st.builds(lambda a, b: {"Fn::If": ["Both", a, b]}, inner, inner)
        | st.builds(lambda parts: {"Fn::Join": ["-", parts]}, st.lists(inner, max_size=3))
    ),
    max_leaves=6,
)


@given(VALUES)
def test_every_world_is_a_different_one_and_the_same_when_asked_again(expression: Any) -> None:
    answers: list[str] = []
    for world, value in variants(TEMPLATE, lambda world: world.value(expression)):
        again = World(TEMPLATE, dict(world._answers))
        assert again.value(expression) == value
        assert again.untried == []
        answers.append(str(sorted(world._answers.items(), key=str)))
    assert len(set(answers)) == len(answers)
