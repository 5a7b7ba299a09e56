"""The deployer's policy: what somebody needs in order to create, update and delete one stack, and no more.

CloudFormation acts with the rights of whoever creates the stack. The table of actions by resource type is
`policies/deployer/actions.yaml`; its source are the handlers' permissions in AWS's published resource schemas.
"""

from collections.abc import Mapping
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from byoaws.errors import PolicyError
from byoaws.iam.compose import substitute


def actions_by_type() -> dict[str, dict[str, Any]]:
    """Resource type to its `actions`, the `resources` they act on, and perhaps a `condition`."""
    import yaml

    text = resources.files("byoaws.policies").joinpath("deployer/actions.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def deployer_policy(
    template: Mapping[str, Any], names: Mapping[str, str], *, template_url: str | None
) -> dict[str, Any]:
    """Build the policy for one template.

    Args:
        template: The CloudFormation template.
        names: What `${...}` in the table stands for.
        template_url: Where the template is published; it is then readable, and nothing else is.

    Raises:
        PolicyError: the template holds a resource type that the table does not know.
    """
    table = actions_by_type()
    types = {item["Type"] for item in template["Resources"].values()}
    unknown = sorted(types - table.keys())
    if unknown:
        raise PolicyError(
            f"no deployer permissions are known for {', '.join(unknown)}", hint="add them to the deployer's table"
        )
    entries = [table["stack"], *(table[name] for name in sorted(types) if table[name]["actions"])]
    if types & {"AWS::Lambda::Function"}:
        entries.append(table["pass-role"])
    statements = [_statement(entry, names) for entry in entries]
    if template_url:
        statements.append(_read_template(template_url, names))
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(entry: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    built: dict[str, Any] = {
        "Effect": "Allow",
        "Action": entry["actions"],
        "Resource": [substitute(text, names) for text in entry["resources"]],
    }
    if "condition" in entry:
        built["Condition"] = entry["condition"]
    return built


def _read_template(url: str, names: Mapping[str, str]) -> dict[str, Any]:
    # A public object of another account: the caller's own policy must allow it too, since the request is signed.
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path.lstrip("/")
    bucket = "" if host.startswith(("s3.", "s3-")) else host.split(".s3", 1)[0] + "/"
    return {
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:{names['AWS::Partition']}:s3:::{bucket}{path}"],
    }
