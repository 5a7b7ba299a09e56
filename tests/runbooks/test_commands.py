"""Every command line in every runbook is one that its program takes: click's and botocore's word for it."""

import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache

import botocore.session
import click
import jmespath
import pytest
from botocore import xform_name
from botocore.model import OperationModel

from byoaws.cli import main
from byoaws.model import Connection
from byoaws.runbooks.catalogue import RUNBOOKS

SHELL = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
# What the AWS CLI adds to every command, or to those of S3, which are its own and in no model.
GLOBAL = {"--region", "--query", "--output", "--profile", "--no-paginate"}
HIGH_LEVEL = {("s3", "ls"): {"--recursive", "--summarize"}, ("s3", "sync"): set(), ("s3", "rm"): {"--recursive"}}
OTHERS = {"dig", "env", "grep"}


def lines(text: str) -> Iterator[list[str]]:
    """Every command in a shell block, and every one between backticks, as words."""
    blocks = "".join(SHELL.findall(text)).replace("\\\n", " ")
    for line in blocks.splitlines():
        if line.strip():
            yield shlex.split(line.removesuffix("&&"))
    for span in re.findall(r"`((?:byoaws|aws) [^`]+)`", SHELL.sub("", text)):
        yield shlex.split(span.replace("\\|", "|"))


def mistake_of_ours(words: list[str]) -> str | None:
    """What click has against a command line."""
    try:
        with main.make_context("byoaws", words[1:]) as context:
            main.invoke(context)
    except (click.exceptions.MissingParameter, click.exceptions.NoArgsIsHelpError, click.exceptions.Exit):
        return None  # a command that is spoken of, not typed
    except click.UsageError as error:
        return error.format_message()
    return None


session = cache(botocore.session.get_session)


@cache
def operations(service: str) -> dict[str, OperationModel]:
    """By the name that the AWS CLI gives each."""
    model = session().get_service_model(service)
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


def options_of(operation: OperationModel) -> set[str]:
    """Options that the AWS CLI makes of an operation's input."""
    shape = operation.input_shape
    found = set()
    for name, member in shape.members.items() if shape else ():
        option = "--" + xform_name(name, "-")
        found |= {option, option.replace("--", "--no-", 1)} if member.type_name == "boolean" else {option}
    return found


@cache
def waiters(service: str) -> dict[str, str]:
    model = session().get_waiter_model(service)
    return {xform_name(name, "-"): xform_name(model.get_waiter(name).operation, "-") for name in model.waiter_names}


def mistake_of_aws(words: list[str]) -> str | None:
    """What the AWS CLI would have against a command line, as far as the service's model tells."""
    _, service, name, *rest = words
    options = {word for word in rest if word.startswith("--")}
    if (service, name) in HIGH_LEVEL:
        unknown = options - GLOBAL - HIGH_LEVEL[service, name]
        return f"unknown: {unknown}" if unknown else None
    if service not in session().get_available_services() and service != "s3api":
        return f"no service {service}"
    service = service.replace("s3api", "s3")
    if name == "wait":
        if rest[0] not in waiters(service):
            return f"no waiter {rest[0]}"
        name = waiters(service)[rest[0]]
    operation = operations(service).get(name)
    if operation is None:
        return f"no operation {name}"
    unknown = options - GLOBAL - options_of(operation)
    if unknown:
        return f"{name} has no {unknown}"
    shape = operation.input_shape
    given = {option.replace("--no-", "--", 1) for option in options}
    required = {"--" + xform_name(member, "-") for member in (shape.required_members if shape else ())}
    if required - given:
        return f"{name} needs {required - given}"
    return _bad_value(rest, operation) or _bad_query(words)


def _bad_value(words: list[str], operation: OperationModel) -> str | None:
    for member, shape in (operation.input_shape.members if operation.input_shape else {}).items():
        option = "--" + xform_name(member, "-")
        allowed = getattr(shape, "enum", None)
        if allowed and option in words and words[words.index(option) + 1] not in allowed:
            return f"{option} is none of {allowed}"
    return None


def _bad_query(words: list[str]) -> str | None:
    if "--query" in words:
        try:
            jmespath.compile(words[words.index("--query") + 1])
        except jmespath.exceptions.ParseError as error:
            return str(error)
    return None


def mistake(words: list[str]) -> str | None:
    if words[0] == "byoaws":
        return mistake_of_ours(words)
    if words[0] == "aws":
        return mistake_of_aws(words) if len(words) > 2 else None
    return None if words[0] in OTHERS else f"unknown program {words[0]}"


@pytest.fixture
def parsed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are resolved and their options checked, but none runs."""
    monkeypatch.setattr(click.Command, "invoke", lambda command, context: None)


@pytest.mark.usefixtures("parsed_only")
def test_every_command_line_is_one_that_its_program_takes(written: Callable[..., str], name: str, kind: str) -> None:
    found = [(words, mistake(words)) for words in lines(written(name, kind))]
    assert len(found) > 3
    assert [(shlex.join(words), why) for words, why in found if why] == []


@pytest.mark.usefixtures("parsed_only")
@pytest.mark.parametrize("name", RUNBOOKS)
def test_also_with_a_connection(written: Callable[..., str], connection: Callable[..., Connection], name: str) -> None:
    hostile = connection(alias="'; rm -rf ~; $(id) `id` \n{{7*7}}")
    for words in lines(written(name, with_=hostile)):
        assert mistake(words) is None, words


@pytest.mark.usefixtures("parsed_only")
@pytest.mark.parametrize(
    "line",
    [
        "byoaws verfy ROLE",
        "byoaws verify --conection X",
        "aws ses describe-active-receipt-ruleset",
        "aws nosuch describe",
        "aws sts get-caller-identity --users me",
        "aws cloudformation wait stack-made --stack-name x",
        "aws cloudformation describe-stack-resource --stack-name x",
        "aws s3 rm s3://x --all",
        "aws cloudformation delete-stack --stack-name x --deletion-mode HARD",
        "aws sts get-caller-identity --query 'a[?b='",
        "curl https://example.org",
    ],
)
def test_a_command_line_with_a_mistake_is_noticed(line: str) -> None:
    assert mistake(shlex.split(line))
