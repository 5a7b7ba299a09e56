"""A stack in the making: what building blocks add to, and how it becomes a template.

A block is a function `add(stack)` in a file of its own. Blocks know each other only by the names they publish in
`Stack.names`, so a stack with fewer blocks is still whole.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from troposphere import AWSObject, Output, Parameter, Ref, Select, Split, Sub, Template

from byoaws.errors import UsageError
from byoaws.iam.compose import substitute
from byoaws.registry import BLOCKS
from byoaws.vendor_model import Vendor

METADATA_KEY = "byoaws"
_PSEUDO = ("AWS::Partition", "AWS::Region", "AWS::AccountId", "AWS::StackName", "AWS::StackId")
# Types that AWS calls stateful; said out loud, so that what goes with the stack is nobody's surprise.
_GOES_WITH_STACK = ("AWS::Logs::LogGroup", "AWS::SecretsManager::Secret", "AWS::SQS::Queue")
_SECTIONS = ("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Conditions", "Resources", "Outputs")
_GROUPS = ("Connection", "Access", "Webhooks", "Inbound mail", "Sending")


class Stack:
    """A template under construction, for one vendor."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.template = Template(f"{vendor.title}: resources for {vendor.title} in your own AWS account")
        self.names: dict[str, str] = {name: f"${{{name}}}" for name in _PSEUDO}
        """`${...}` names that packs and blocks may use, each with the `Fn::Sub` text it stands for."""
        self.names["vendor:name"] = vendor.name
        self.names["vendor:role-path"] = vendor.role_path
        self.shared: dict[str, Ref] = {}
        """Parameters that more than one block uses."""
        self.computed: dict[str, Any] = {}
        """Names of a `Fn::Sub` text that stand for an expression of a block's own."""
        self._groups: dict[str, list[str]] = {group: [] for group in _GROUPS}
        self._labels: dict[str, str] = {}

    def has(self, block: str) -> bool:
        """True if the stack holds that block."""
        return block in self.vendor.stack.blocks

    def add(self, resource: AWSObject) -> AWSObject:
        """Add a resource, and return it."""
        if resource.resource_type in _GOES_WITH_STACK:
            resource.DeletionPolicy = resource.UpdateReplacePolicy = "Delete"
        return self.template.add_resource(resource)

    def parameter(self, name: str, *, group: str, label: str, **properties: Any) -> Ref:
        """Declare a parameter, and return a reference to it.

        Raises:
            UsageError: the vendor file gives it the name of another parameter.
        """
        if name in self.template.parameters:
            raise _taken(self.vendor, name, "another parameter")
        self.template.add_parameter(Parameter(name, **{"Type": "String", **properties}))
        self._groups[group].append(name)
        self._labels[name] = label
        return Ref(name)

    def output(self, name: str, value: Any, description: str) -> None:
        """Declare an output. Never a secret, and never the ExternalId."""
        self.template.add_output(Output(name, Value=value, Description=description))

    def resolve(self, text: str) -> Any:
        """Turn text with `${...}` into what stands in the template: plain text, or `Fn::Sub`.

        Raises:
            PolicyError: a name that no block of this stack publishes.
        """
        return self.sub(substitute(text, self.names))

    def sub(self, text: str) -> Any:
        """`sub`, with the expressions of this stack's blocks as well."""
        return sub(text, **{name: value for name, value in self.computed.items() if f"${{{name}}}" in text})

    def finish(self) -> dict[str, Any]:
        """Return the whole template as plain data, with its version and content hash in Metadata.

        Raises:
            UsageError: the vendor file gives a parameter the name of a resource.
        """
        for name in sorted(self.template.parameters.keys() & self.template.resources.keys()):
            raise _taken(self.vendor, name, "a resource")
        self.template.set_metadata({"AWS::CloudFormation::Interface": self._interface()})
        self.template.set_version("2010-09-09")
        unordered = self.template.to_dict()
        data = {section: unordered[section] for section in _SECTIONS if section in unordered}
        data["Resources"] = {name: _type_first(item) for name, item in data["Resources"].items()}
        facts = {"Vendor": self.vendor.name, "TemplateVersion": self.vendor.stack.version}
        data["Metadata"][METADATA_KEY] = {**facts, "ContentSha256": content_sha256(data)}
        return data

    def _interface(self) -> dict[str, Any]:
        groups = [{"Label": {"default": group}, "Parameters": names} for group, names in self._groups.items() if names]
        return {
            "ParameterGroups": groups,
            "ParameterLabels": {name: {"default": label} for name, label in self._labels.items()},
        }


def _taken(vendor: Vendor, name: str, by: str) -> UsageError:
    return UsageError(
        f"vendor '{vendor.name}': parameter name '{name}' is that of {by} of the stack",
        hint="choose another under parameters in the vendor file",
    )


def _type_first(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": resource["Type"], **resource}


def sub(text: str, **computed: Any) -> Any:
    """`Fn::Sub` of `text` where it needs one. `${Unique}` becomes the first part of the stack's own UUID.

    It keeps names apart when one account holds two stacks, or makes a stack again while the old bucket remains.
    `computed` are further names that stand for expressions.
    """
    if "${" not in text:
        return text
    if "${Unique}" in text:
        # arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID
        uuid = Select(2, Split("/", Ref("AWS::StackId")))
        computed = {**computed, "Unique": Select(0, Split("-", uuid))}
    return Sub(text, **computed)


def content_sha256(template: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a template's content, in hexadecimal; our own Metadata entry does not count."""
    metadata = {key: value for key, value in template.get("Metadata", {}).items() if key != METADATA_KEY}
    canonical = json.dumps({**template, "Metadata": metadata}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def resources_by_block(vendor: Vendor) -> dict[str, tuple[str, ...]]:
    """Return the types of the resources that each block of the stack adds, in order; raises as `build`."""
    stack, found = Stack(vendor), {}
    for block in _in_order(stack):
        before = set(stack.template.resources)
        BLOCKS.load(block)(stack)
        added = (item for name, item in stack.template.resources.items() if name not in before)
        found[block] = tuple(str(item.resource_type) for item in added)
    return found


def _in_order(stack: Stack) -> list[str]:
    """The table's order, whatever the file's: later blocks use what earlier ones publish."""
    return [block for block in BLOCKS if stack.has(block)]


def build(vendor: Vendor) -> dict[str, Any]:
    """Build the stack of `vendor` as plain data: a CloudFormation template.

    Raises:
        UsageError: its blocks and packs do not fit together.
        PolicyError: its permissions are larger than AWS allows, or name something that no block makes.
    """
    stack = Stack(vendor)
    for block in _in_order(stack):
        BLOCKS.load(block)(stack)
    if not stack.template.resources:
        raise UsageError(f"vendor '{vendor.name}': its stack has no blocks", hint="add 'access' to stack.blocks")
    stack.output("TemplateVersion", vendor.stack.version, "Version of the template this stack was made from")
    return stack.finish()
