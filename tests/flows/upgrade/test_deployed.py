"""A stack's template is the customer's: what it may be, and that none of it is a fault of ours or moves a terminal."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from byoaws.errors import AccessDenied, AwsError, NotFound, UsageError
from byoaws.flows.upgrade.deployed import find, template_of
from byoaws.flows.upgrade.run import Edges, plan
from byoaws.flows.upgrade.target import PLACEHOLDER
from byoaws.formats.interface import Look
from byoaws.formats.upgrade import render
from byoaws.lint.replacing import replacing_of
from byoaws.model import Connection, ConnectionStatus
from byoaws.quickcreate.published import name_of, url_of
from byoaws.templates.stack import build
from byoaws.templates.text import to_yaml
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/x"
WHEN = datetime(2026, 1, 2, tzinfo=UTC)
SECRET = "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiBhIGN1c3RvbWVy"
BOMB = "a: &a [x]\n" + "\n".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]" for n in range(40))


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})


@pytest.fixture(scope="module")
def template(vendor: Vendor) -> dict[str, Any]:
    return build(vendor)


@pytest.fixture
def connection() -> Connection:
    return Connection(
        id="con_0123456789abcdefghij",
        alias="A",
        vendor="mailmark",
        region="eu-west-1",
        external_id="x" * 24,
        stack_name="mailmark-byo-aws-abc",
        role_arn=ROLE,
        account_id="444455556666",
        status=ConnectionStatus.VERIFIED,
        created_at=WHEN,
        updated_at=WHEN,
    )


class Stack:
    """A `Reader` of one stack."""

    def __init__(self, body: Any, **stack: Any) -> None:
        self.body = body
        self.stack = {
            "Outputs": [{"OutputKey": "RoleArn", "OutputValue": ROLE}],
            "Parameters": [{"ParameterKey": "WebhookSecret", "ParameterValue": SECRET}],
            **stack,
        }

    def ask(self, service: str, operation: str, **_: Any) -> Any:
        if isinstance(self.body, Exception):
            raise self.body
        return {"describe_stacks": {"Stacks": [self.stack]}, "get_template": {"TemplateBody": self.body}}[operation]

    def every(self, *_: Any, **__: Any) -> Any:
        raise AssertionError

    function_code = every


class Source:
    """Published templates, by URL."""

    def __init__(self, found: Mapping[str, bytes]) -> None:
        self.found = found

    def read(self, url: str) -> bytes:
        if url not in self.found:
            raise NotFound("not there")
        return self.found[url]


Planned = Callable[..., Any]


@pytest.fixture
def planned(connection: Connection, vendor: Vendor) -> Planned:
    def run(
        body: Any, *, of: Connection = connection, source: Mapping[str, bytes] | None = None, **options: Any
    ) -> Any:
        edges = Edges(
            open_role=lambda: body if isinstance(body, Stack) else Stack(body),
            source=lambda: Source(source or {}),
            replacing=replacing_of,
        )
        return plan(of, vendor, edges, **options)

    return run


def test_the_same_template_is_up_to_date(planned: Planned, template: dict[str, Any]) -> None:
    for body in (template, to_yaml(template)):
        found = planned(body)
        assert (found.up_to_date, found.exit_code, found.read_from) == (True, 0, "stack")
        # It is published nowhere, so there is nothing to record.
        assert not found.is_news


@pytest.mark.parametrize("length", [10, 470, 2000])
def test_a_reason_is_told_whole_or_ends_well(planned: Planned, length: int) -> None:
    refused = AccessDenied(f"AWS refused cloudformation:DescribeStacks (User: {'x' * length})", operation="cloudf:x")
    note = planned(refused).notes[0]
    told, _, pack = note.removeprefix("the stack could not be read through the role: ").partition("; the pack")
    assert len(told) <= 500
    assert told.endswith("x)" if length < 430 else "...)")
    assert pack


def test_an_older_one_is_told_and_never_its_secret(planned: Planned, template: dict[str, Any]) -> None:
    old = {**template, "Parameters": {k: v for k, v in template["Parameters"].items() if k != "ConnectionId"}}
    old["Metadata"] = {"byoaws": {"TemplateVersion": "0.9.0"}}
    found = planned(old)
    assert found.deployed_version == "0.9.0"
    assert [(one.name, one.value) for one in found.new_parameters] == [("ConnectionId", "con_0123456789abcdefghij")]
    text = render(found, Look(width=100, color=False))
    assert '"ParameterKey": "WebhookSecret", "UsePreviousValue": true' in text
    assert SECRET not in text + str(found.as_json()) + repr(found)
    assert PLACEHOLDER in text


def test_the_steps_in_the_console_are_folded_at_spaces_only(planned: Planned, template: dict[str, Any]) -> None:
    """A URL that is broken cannot be copied."""
    old = {**template, "Metadata": {"byoaws": {**template["Metadata"]["byoaws"], "TemplateVersion": "0.9.0"}}}
    found = planned(old)
    steps = render(found, Look(width=60, color=False)).partition("or in the console:\n")[2]
    assert " ".join(steps.split()) == " ".join(f"{n}. {step}" for n, step in enumerate(found.steps, start=1))
    lines = steps.splitlines()
    assert all(len(line) <= 60 for line in lines if "https://" not in line)
    assert len(lines) > len(found.steps)


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        "[" * 5000,
        "{" * 5000,
        '{"Resources": ' * 2000,
        "x" * 2_000_000,
        'Resources: "\\UFFFFFFFF"',
        "",
        "Resources: 5",
        {"Resources": []},
        {"Resources": {"A": "text"}},
        {"Resources": {"A": {"Type": 5}}},
        {"Resources": {"A": {"Type": "x", "Properties": ["x"]}}},
        {"Resources": {"A": {"Type": "x"}}, "Conditions": 5},
        {"Resources": {}},
        5,
        None,
        ["Resources"],
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_template_is_not_believed(planned: Planned, body: Any) -> None:
    with pytest.raises((UsageError, AwsError)):
        template_of({"TemplateBody": body})
    found = planned(body)
    assert (found.exit_code, found.command, found.changes) == (3, "", ())
    assert all(note.isprintable() for note in found.notes)


def test_names_that_a_customer_wrote_cannot_move_the_terminal(planned: Planned, template: dict[str, Any]) -> None:
    evil = "\x1b[2J\u202eEvil"
    resources = {**template["Resources"], evil: {"Type": f"AWS::{evil}", "Properties": {evil: evil}}}
    resources["BounceTopic"] = {"Type": "AWS::SNS::Topic", "Properties": {evil: "x" * 10_000}}
    found = planned(
        {
            **template,
            "Resources": resources,
            "Parameters": {**template["Parameters"], evil: {}},
            "Metadata": {"byoaws": {"TemplateVersion": evil}},
        }
    )
    text = render(found, Look(width=100, color=False))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert evil not in found.command
    assert found.deployed_version is None


def test_a_stack_of_another_role_is_not_this_connections(planned: Planned, template: dict[str, Any]) -> None:
    found = planned(Stack(template, Outputs=[{"OutputKey": "RoleArn", "OutputValue": "arn:aws:iam::1:role/other"}]))
    assert found.exit_code == 3
    assert any("not the one that made" in note for note in found.notes)


def test_what_was_recorded_helps_where_the_role_may_not_look(
    connection: Connection, vendor: Vendor, template: dict[str, Any], planned: Planned
) -> None:
    from dataclasses import replace

    body = to_yaml(template).encode()
    url = url_of("templates", "eu-west-1", name_of("mailmark", "1.0.0", body).key, "v1")
    denied = AccessDenied("no", operation="cloudformation:DescribeStacks")
    recorded = replace(connection, template_url=url)
    found = planned(denied, of=recorded, source={url: body})
    assert (found.read_from, found.up_to_date, found.is_news) == ("recorded", True, False)
    assert any("drift-read" in note for note in found.notes)
    # Somebody swapped it.
    assert planned(denied, of=recorded, source={url: body + b"\n"}).exit_code == 3
    pending = replace(recorded, status=ConnectionStatus.PENDING)
    deployed, notes = find(pending, vendor, lambda: pytest.fail("opened"), lambda: Source({url: body}))
    assert deployed is not None
    assert "pending" in notes[0]


@pytest.mark.parametrize("name", ["Nobody", "\x1b[31m", ""])
def test_what_does_not_change_cannot_be_allowed(planned: Planned, template: dict[str, Any], name: str) -> None:
    old = {**template, "Description": "older"}
    with pytest.raises(UsageError) as caught:
        planned(old, allowed=[name])
    assert str(caught.value).isprintable()


def test_no_version_of_a_vendor_that_publishes_nothing(planned: Planned, template: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="publishes no templates"):
        planned(template, version="0.1.0")
