"""What the checks of a drift are given: the template with its values worked out, and the account to look at."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.errors import AccessDenied, AwsError, NotFound
from byoaws.flows.drift.attributes import attributes
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown
from byoaws.lifecycle.drift import Held, Row
from byoaws.lifecycle.expressions import Known, lacking
from byoaws.lifecycle.port import Reader
from byoaws.lifecycle.stack import Deployed
from byoaws.model import Connection
from byoaws.regions import partition_of
from byoaws.vendors.words import plain
from byoaws.verify.evidence import aws_says_gone


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One stack."""

    reader: Reader
    connection: Connection
    template: Mapping[str, Any]
    known: Known
    ids: Mapping[str, str]
    """Name in the template to what AWS calls it; what is not known is not in it."""

    def of_type(self, kind: str) -> list[str]:
        """Names of the resources of a type that the stack should have."""
        found = []
        for name, resource in self.template["Resources"].items():
            condition = resource.get("Condition")
            wanted = self.known.holds(condition) if isinstance(condition, str) else True
            if resource["Type"] == kind and wanted is not False:
                found.append(name)
        return found

    def wanted(self, name: str) -> Mapping[str, Any]:
        """A resource's properties, worked out as far as they can be."""
        found = self.known.evaluate(self.template["Resources"][name].get("Properties") or {})
        return found if isinstance(found, Mapping) else {}

    def row(self, what: str, name: str, permission: str, compare: Callable[[str], Iterable[str]]) -> Row:
        """Hold one thing against the template; `compare` is given what AWS calls it, and says what differs."""
        if name not in self.ids:
            return Row(
                what=what,
                resource=name,
                held=Held.UNKNOWN,
                details=("what AWS calls it is not known",),
                permission="cloudformation:ListStackResources",
            )
        try:
            details = tuple(plain(text, 400) for text in compare(self.ids[name]))
        except NotFound as error:
            if not aws_says_gone(error):
                said = f"could not read: {plain(str(error), 300)}"
                return Row(what=what, resource=name, held=Held.UNKNOWN, details=(said,))
            return Row(what=what, resource=name, held=Held.DIFFERS, details=(f"it is gone: {plain(str(error), 200)}",))
        except AccessDenied as error:
            said = f"could not read: {plain(str(error), 300)}"
            return Row(what=what, resource=name, held=Held.UNKNOWN, details=(said,), permission=permission)
        except AwsError as error:
            return Row(
                what=what, resource=name, held=Held.UNKNOWN, details=(f"could not read: {plain(str(error), 300)}",)
            )
        except NotKnown as error:
            said = f"what the template wants of {plain(str(error))} could not be worked out"
            waits = lacking(self.known, error.value)
            more = f": '{plain(waits)}' is not known" if waits else ""
            return Row(what=what, resource=name, held=Held.UNKNOWN, details=(said + more,))
        return Row(what=what, resource=name, held=Held.DIFFERS if details else Held.SAME, details=details)


def world_of(connection: Connection, deployed: Deployed, reader: Reader, values: Mapping[str, str]) -> World:
    """Put together what is known of a stack.

    Raises:
        AwsError: what AWS calls its resources could not be asked; of AccessDenied, the caller goes on without.
    """
    ids = _given(connection, deployed)
    if deployed.from_stack:
        answer = reader.every(
            "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=connection.stack_name
        )
        for item in objects(answer):
            name, called = inside(item, str, "LogicalResourceId"), inside(item, str, "PhysicalResourceId")
            if name and called:
                ids[name] = called
    return world_with(connection, deployed, reader, values, ids)


def world_with(
    connection: Connection,
    deployed: Deployed,
    reader: Reader,
    values: Mapping[str, str],
    ids: Mapping[str, str] | None = None,
) -> World:
    """Put together what is known of a stack without asking what AWS calls its resources."""
    called = _given(connection, deployed) if ids is None else ids
    template = deployed.template
    defaults = {
        name: str(item["Default"])
        for name, item in (template.get("Parameters") or {}).items()
        if isinstance(item, Mapping) and "Default" in item and deployed.from_stack
    }
    pseudo = {
        "AWS::Region": connection.region,
        "AWS::Partition": partition_of(connection.region).name,
        "AWS::StackName": connection.stack_name,
        "AWS::AccountId": connection.account_id,
        "AWS::StackId": deployed.stack_id,
    }
    known = Known(
        conditions=template.get("Conditions") or {},
        values={
            **{name: value for name, value in pseudo.items() if value},
            **_typed(template, {**values, **defaults, **deployed.parameters}),
            **called,
        },
        attributes=attributes(connection, template, called),
    )
    return World(reader=reader, connection=connection, template=template, known=known, ids=called)


def _given(connection: Connection, deployed: Deployed) -> dict[str, str]:
    """What is known without asking: the role and the bucket, of the stack's only resource of that kind and name."""
    found = {}
    if connection.role_arn:
        found["AccessRole"] = connection.role_arn.rpartition("/")[2]
    if connection.bucket_name:
        found["InboundBucket"] = connection.bucket_name
    return {name: value for name, value in found.items() if name in deployed.template["Resources"]}


def _typed(template: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Values of parameters as `Ref` gives them: CloudFormation keeps a list as text with commas."""
    lists = {
        name
        for name, item in (template.get("Parameters") or {}).items()
        if isinstance(item, Mapping) and str(item.get("Type")).startswith(("CommaDelimitedList", "List<"))
    }
    return {
        name: [item.strip() for item in value.split(",")] if name in lists else value for name, value in values.items()
    }
