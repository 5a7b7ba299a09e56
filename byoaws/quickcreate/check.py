"""What a link and the template that it points to must agree on, checked before a customer sees the link.

CloudFormation "ignores parameters that don't exist in the template, and any parameters defined with the NoEcho
property set to true", without a word. Source: CloudFormation user guide, "Create quick-create links for stacks".
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from byoaws.errors import LinkError
from byoaws.quickcreate.patterns import Unmatchable, fits

_NAMED_IAM = ("RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName", "PolicyName")
# Bytes of a parameter's value. Source: CloudFormation quotas.
_LONGEST = 4096
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?", re.ASCII)
# An inline policy's PolicyName is no name of its own in the account, and the others' UserName, RoleName or GroupName
# says whose they are.
_UNNAMED_TYPES = (
    *("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy"),
    *("AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition"),
)


def check_parameters(
    parameters: Mapping[str, str], template: Mapping[str, Any], *, customers: Collection[str] = ()
) -> None:
    """Refuse parameter values that the template would ignore or reject.

    Args:
        parameters: What the link gives, by name.
        template: What it is given to.
        customers: Parameters that the customer gives a value on CloudFormation's page.

    Raises:
        LinkError: all that is wrong, one line each.
    """
    problems = list(_problems(parameters, template.get("Parameters") or {}, customers))
    if problems:
        listed = problems[0] if len(problems) == 1 else "\n  " + "\n  ".join(problems)
        raise LinkError(f"the link does not fit its template: {listed}", hint="byoaws generate shows the template")


def _problems(
    given: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]], customers: Collection[str]
) -> Iterator[str]:
    by_lower_case = {name.lower(): name for name in declared}
    for name, value in given.items():
        if name not in declared:
            other = by_lower_case.get(name.lower())
            meant = f"; the template has '{other}' (letter case counts)" if other else ""
            yield f"parameter '{name}' is not in the template, so AWS would silently drop it{meant}"
        elif str(declared[name].get("NoEcho", "")).lower() == "true":
            yield f"parameter '{name}' is NoEcho, so AWS would silently drop its value from a link"
        else:
            yield from value_problems(name, value, declared[name])
    for name, declaration in declared.items():
        no_echo = str(declaration.get("NoEcho", "")).lower() == "true"
        if name not in given and "Default" not in declaration and not no_echo and name not in customers:
            yield f"parameter '{name}' has no default and is not given (--param {name}=VALUE gives it)"


def value_problems(name: str, value: str, declaration: Mapping[str, Any]) -> Iterator[str]:
    """Yield why CloudFormation would refuse a value for a parameter; the value itself is never shown.

    Raises:
        ValueError, TypeError, re.error: the declaration is not what CloudFormation wants.
    """
    kind = str(declaration.get("Type", ""))
    # "Each value in the list must match the pattern", each trimmed. Source: CloudFormation user guide, "Parameters".
    is_list = kind in ("CommaDelimitedList", "List<Number>")
    items = [item.strip() for item in value.split(",")] if is_list else [value]
    if kind in ("Number", "List<Number>"):
        yield from _number_problems(name, items, declaration)
    pattern = declaration.get("AllowedPattern")
    try:
        if pattern and not all(fits(pattern, item) for item in items):
            yield f"the value of parameter '{name}' does not match {pattern}"
    except Unmatchable as error:
        yield f"whether the value of parameter '{name}' is allowed cannot be told: {error}"
    allowed = [str(item) for item in declaration.get("AllowedValues") or ()]
    if allowed and not set(items) <= set(allowed):
        yield f"the value of parameter '{name}' is none of {', '.join(allowed)}"
    if len(value) < int(declaration.get("MinLength", 0)):
        yield f"the value of parameter '{name}' is shorter than {declaration['MinLength']} characters"
    longest = int(declaration.get("MaxLength", _LONGEST))
    if len(value) > longest or len(value.encode(errors="replace")) > _LONGEST:
        yield f"the value of parameter '{name}' is longer than AWS or the template allows"


def _number_problems(name: str, items: list[str], declaration: Mapping[str, Any]) -> Iterator[str]:
    if not all(_NUMBER.fullmatch(item) for item in items):
        yield f"the value of parameter '{name}' is not a number"
        return
    numbers = [float(item) for item in items]
    if "MinValue" in declaration and min(numbers) < float(declaration["MinValue"]):
        yield f"the value of parameter '{name}' is less than {declaration['MinValue']}"
    if "MaxValue" in declaration and max(numbers) > float(declaration["MaxValue"]):
        yield f"the value of parameter '{name}' is more than {declaration['MaxValue']}"


def capabilities(template: Mapping[str, Any]) -> list[str]:
    """Return the capabilities that whoever creates the stack must acknowledge.

    `CAPABILITY_IAM` is enough while no IAM resource has a name of its own; a `Path` is not a name. Source:
    CloudFormation API reference, CreateStack, Capabilities.
    """
    needed = []
    iam = [item for item in template["Resources"].values() if item["Type"].startswith("AWS::IAM::")]
    named = any(
        key in item.get("Properties", {}) for item in iam if item["Type"] not in _UNNAMED_TYPES for key in _NAMED_IAM
    )
    if iam:
        needed.append("CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM")
    if "Transform" in template:
        needed.append("CAPABILITY_AUTO_EXPAND")
    return needed
