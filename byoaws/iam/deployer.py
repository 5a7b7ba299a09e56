"""The deployer's policy: what somebody needs in order to create, update and delete one stack, and no more.

CloudFormation acts with the rights of whoever creates the stack. The table of actions by resource type is
`policies/deployer/actions.yaml`; its source are the handlers' permissions in AWS's published resource schemas.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from byoaws import shipped
from byoaws.errors import PolicyError
from byoaws.iam.compose import substitute

_VIRTUAL_HOST = re.compile(r"(.+)\.s3[.-]")
_PASSES = {"AWS::Lambda::Function": "pass-role", "AWS::SES::MailManagerRuleSet": "pass-role-to-ses"}
"""Type of a resource that is given roles to the entry of the table that allows it."""
_SPECIAL = re.compile(r"[*?$]")


def actions_by_type() -> dict[str, list[dict[str, Any]]]:
    """Resource type to its statements: `actions`, the `resources` they act on, and perhaps a `condition`."""
    from byoaws.libyaml import load

    text = shipped.folder("byoaws.policies").joinpath("deployer/actions.yaml").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = load(text)
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
    passed = [name for kind, name in _PASSES.items() if kind in types]
    needed = ["stack", *sorted(types), *passed]
    statements = [_statement(entry, names) for name in needed for entry in table[name]]
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
    path = unquote(parts.path.removeprefix("/"))
    virtual = _VIRTUAL_HOST.match(parts.hostname or "")
    place = f"{virtual[1]}/{path}" if virtual else path
    # In a key they would be wildcards and variables of the policy language.
    literal = _SPECIAL.sub(lambda found: f"${{{found[0]}}}", place)
    return {
        "Effect": "Allow",
        "Action": ["s3:GetObject", *(["s3:GetObjectVersion"] if "versionId" in parse_qs(parts.query) else [])],
        "Resource": [f"arn:{names['AWS::Partition']}:s3:::{literal}"],
    }
