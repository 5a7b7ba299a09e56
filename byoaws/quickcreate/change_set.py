"""The change set that takes a stack to another template, as an AWS CLI command and as steps in the console."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from byoaws.model import Json
from byoaws.regions import partition_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """What a change set is made of."""

    name: str
    region: str
    stack_name: str
    template_url: str
    kept: Sequence[str]
    """Parameters that keep the stack's value."""
    changed: Mapping[str, str]
    """Parameters that get another."""
    capabilities: Sequence[str]


def parameters(change: ChangeSet) -> list[Json]:
    """The parameters as CloudFormation's API takes them."""
    found: list[Json] = [{"ParameterKey": name, "UsePreviousValue": True} for name in change.kept]
    found += [{"ParameterKey": name, "ParameterValue": value} for name, value in change.changed.items()]
    return found


def aws_cli(change: ChangeSet) -> str:
    """Return `aws cloudformation create-change-set`, for a POSIX shell. It changes nothing until it is executed."""
    arguments = [
        ("--region", change.region),
        ("--stack-name", change.stack_name),
        ("--change-set-name", change.name),
        ("--template-url", change.template_url),
        ("--parameters", json.dumps(parameters(change))),
    ]
    lines = ["aws cloudformation create-change-set"]
    lines += [f"  {name} {shlex.quote(value)}" for name, value in arguments]
    if change.capabilities:
        lines.append("  --capabilities " + " ".join(change.capabilities))
    return " \\\n".join(lines)


def console_steps(change: ChangeSet) -> tuple[str, ...]:
    """Return the same as steps for a person."""
    console = f"https://{change.region}.{partition_of(change.region).console_suffix}/cloudformation/home"
    values = ", ".join(f"{name} = {value or '(empty)'}" for name, value in change.changed.items())
    return (
        f"open {console}?region={change.region}#/stacks, choose '{change.stack_name}', Stack actions, Create change "
        "set for current stack",
        f"Replace existing template, Amazon S3 URL: {change.template_url}",
        "keep every parameter as it is" + (f", and enter the new ones: {values}" if values else ""),
        "acknowledge that IAM resources are created, create the change set, and read it before it is executed",
    )
