"""The same stack without a link: the AWS command line, and Terraform."""

import json
import re
import shlex
from collections.abc import Sequence

from byoaws.quickcreate.url import Link

_ESCAPE = re.compile(r"\\.")
_IN_HCL = {r"\b": r"\u0008", r"\f": r"\u000c"}


def aws_cli(link: Link, capabilities: Sequence[str]) -> str:
    """Return the `aws cloudformation create-stack` command, for a POSIX shell.

    Parameters go as JSON: the short form would split a value at its commas.
    """
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in link.parameters.items()]
    arguments = [
        ("--region", link.region),
        ("--stack-name", link.stack_name),
        ("--template-url", link.template_url),
        ("--parameters", json.dumps(parameters)),
    ]
    lines = ["aws cloudformation create-stack"]
    lines += [f"  {name} {shlex.quote(value)}" for name, value in arguments]
    if capabilities:
        lines.append("  --capabilities " + " ".join(capabilities))
    return " \\\n".join(lines)


def terraform(link: Link, capabilities: Sequence[str]) -> str:
    """Return a Terraform `aws_cloudformation_stack` resource; its provider must be set to the link's region."""
    width = max((len(_quoted(name)) for name in link.parameters), default=0)
    parameters = "\n".join(
        f"    {_quoted(name):<{width}} = {_quoted(value)}" for name, value in link.parameters.items()
    )
    return "\n".join(
        [
            f'resource "aws_cloudformation_stack" {_quoted(link.stack_name.replace("-", "_").lower())} {{',
            f"  # in region {link.region}",
            f"  name         = {_quoted(link.stack_name)}",
            f"  template_url = {_quoted(link.template_url)}",
            f"  capabilities = [{', '.join(_quoted(item) for item in capabilities)}]",
            "",
            "  parameters = {",
            parameters,
            "  }",
            "}",
        ]
    )


def _quoted(text: str) -> str:
    # JSON's escapes are HCL's, but for two; "${" and "%{" would begin a template in HCL and are escaped by doubling.
    escaped = _ESCAPE.sub(lambda found: _IN_HCL.get(found[0], found[0]), json.dumps(text, ensure_ascii=False))
    return escaped.replace("${", "$${").replace("%{", "%%{")
