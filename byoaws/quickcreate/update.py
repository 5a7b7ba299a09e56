"""How a customer changes one parameter of a stack that is there: by the AWS command line, and in the console.

Quick-Create links only create. The commands read the other parameters' names off the stack itself, so that they fit
whichever version of the template it has: a parameter that is left out would fall back to its default.
"""

import json
import shlex
from collections.abc import Sequence

from byoaws.model import Json

FILE = "parameters.json"
"""What the commands write: names, and the one new value."""


def update_commands(
    *, region: str, stack_name: str, parameter: str, value: str, capabilities: Sequence[str]
) -> tuple[str, ...]:
    """Return commands for a POSIX shell that set one parameter and keep all others, and wait for the end."""
    where = f"--region {shlex.quote(region)} --stack-name {shlex.quote(stack_name)}"
    capability = f" --capabilities {' '.join(capabilities)}" if capabilities else ""
    return (
        f"aws cloudformation describe-stacks {where} \\\n"
        f"  --query {shlex.quote(query(parameter, value))} --output json > {FILE}",
        f"aws cloudformation update-stack {where} --use-previous-template \\\n  --parameters file://{FILE}{capability}",
        f"aws cloudformation wait stack-update-complete {where}",
    )


def query(parameter: str, value: str) -> str:
    """Return the JMESPath of what `update-stack --parameters` takes, over what `describe-stacks` answers."""
    name = f"`{_literal(parameter)}`"
    new = _literal([{"ParameterKey": parameter, "ParameterValue": value}])
    others = f"Stacks[0].Parameters[?ParameterKey!={name}].{{ParameterKey:ParameterKey,UsePreviousValue:`true`}}"
    return f"[{others},`{new}`][]"


def _literal(value: Json) -> str:
    # A backtick would end the literal.
    return json.dumps(value).replace("`", "\\u0060")


def console_steps(*, region: str, stack_name: str, parameter: str, value: str) -> tuple[str, ...]:
    """Return what to do in the AWS console, step by step."""
    return (
        f"CloudFormation, region {region}, stack {stack_name}: Update",
        "Use existing template, Next",
        f"{parameter}: {value}; leave all others as they are",
        "Next, acknowledge that IAM resources may change, Next, Submit; wait for UPDATE_COMPLETE",
    )


def rewrite_secret_commands(*, region: str, secret_arn: str, keep: bool) -> tuple[str, ...]:
    """Return a command that puts a new key before the present ones (`keep`), or leaves only the newest.

    The keys go by pipe: they are in no argument, no file and no shell history.
    """
    where = f"--region {shlex.quote(region)} --secret-id {shlex.quote(secret_arn)}"
    read = f"old=$(aws secretsmanager get-secret-value {where} --query SecretString --output text) &&\n"
    write = f"aws secretsmanager put-secret-value {where} --secret-string file:///dev/stdin --query VersionId"
    if keep:
        made = "new=$(openssl rand -base64 32) &&\n"
        return (f'{read}{made}printf \'whsec_%s %s\' "$new" "$old" |\n  {write}; unset old new',)
    return (f"{read}printf '%s' \"${{old%% *}}\" |\n  {write}; unset old",)
