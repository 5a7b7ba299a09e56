"""Which template a customer's stack has: asked of the stack, where the role may; else what was recorded at connect."""

from collections.abc import Callable
from typing import Any

from byoaws.errors import AwsError, ByoawsError, UsageError
from byoaws.flows.links.template import ReadTemplates
from byoaws.flows.production_access.request import open_connection
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.port import Reader
from byoaws.lifecycle.stack import Deployed, is_template, outputs_of, parameters_of, version_of
from byoaws.model import Connection, ConnectionStatus
from byoaws.quickcreate.published import published_at_url
from byoaws.store.interface import Store
from byoaws.templates.text import MAXIMUM_BYTES, read_template
from byoaws.vendor_model import Vendor
from byoaws.vendors.words import plain
from byoaws.verify.interface import VendorAwsFactory

PACK = "drift-read"
OpenReader = Callable[[str, Any], Reader]
"""Given a region and an opened role, the account to be looked at."""


def open_reader(
    open_store: Callable[[], Store],
    connection: Connection,
    vendor: Vendor,
    vendor_aws: VendorAwsFactory,
    reader: OpenReader,
) -> Reader:
    """Open the role of a verified connection, to look.

    Raises:
        UsageError: another vendor's connection, or not a verified one.
        AwsError: the role does not open.
    """
    _, opened = open_connection(open_store, connection.id, vendor, vendor_aws)
    return reader(connection.region, opened)


def from_stack(connection: Connection, vendor: Vendor, reader: Reader) -> Deployed:
    """Read a connection's stack through its role.

    Raises:
        AwsError: AWS did not say; of AccessDenied the hint names the pack.
        UsageError: what is there is not this connection's stack, or no template that can be read.
    """
    name = connection.stack_name or vendor.stack.name
    stack = next(objects(reader.ask("cloudformation", "describe_stacks", StackName=name), "Stacks"), {})
    outputs = outputs_of(stack)
    if connection.role_arn and outputs.get("RoleArn") != connection.role_arn:
        raise UsageError(
            f"the stack '{plain(name)}' is not the one that made this connection's role",
            hint="the customer gave the stack another name: compare with the console",
        )
    template = template_of(reader.ask("cloudformation", "get_template", StackName=name, TemplateStage="Original"))
    return Deployed(
        template=template,
        version=version_of(template),
        from_stack=True,
        parameters=parameters_of(stack),
        stack_id=inside(stack, str, "StackId"),
    )


def template_of(answer: object) -> dict[str, Any]:
    """The template in GetTemplate's answer: text, or JSON that botocore has read.

    Raises:
        UsageError: it is none that we can read.
        Unreachable: there is none.
    """
    body: object = answer.get("TemplateBody") if isinstance(answer, dict) else None
    if isinstance(body, str):
        data = body.encode("utf-8", "replace")
        body = read_template(data) if len(data) <= MAXIMUM_BYTES else None
    if not isinstance(body, dict) or not is_template(body):
        raise UsageError(
            "the stack's template is none that byoaws wrote, or cannot be read", hint="somebody has changed it by hand"
        )
    return body


def as_recorded(connection: Connection, source: ReadTemplates) -> Deployed:
    """Read the template of the connection's link: what the customer was given, whatever became of it.

    Raises:
        UsageError: its URL does not say what it holds, or something else lies there now.
        AwsError: it cannot be read.
    """
    found = published_at_url(connection.template_url or "")
    if found is None or connection.template_url is None:
        raise UsageError("the link's template URL does not say which version it held")
    _, name = found
    body = source().read(connection.template_url)
    template = read_template(body) if name.holds(body) else None
    if template is None or not is_template(template):
        raise UsageError(f"what was published as {name.version} is not there any more")
    return Deployed(template=template, version=name.version, from_stack=False)


def find(
    connection: Connection, vendor: Vendor, open_role: Callable[[], Reader], source: ReadTemplates
) -> tuple[Deployed | None, tuple[str, ...]]:
    """Return the stack as far as it is known, and what could not be told."""
    notes = []
    if connection.status is ConnectionStatus.VERIFIED:
        try:
            return from_stack(connection, vendor, open_role()), ()
        except AwsError as error:
            missing = f"; the pack '{PACK}' allows {error.operation}" if error.operation.startswith("cloudf") else ""
            notes.append(f"the stack could not be read through the role: {plain(str(error), 500)}{missing}")
        except UsageError as error:
            notes.append(plain(str(error), 300))
    else:
        notes.append(f"the connection is {connection.status.value}, so its role was not opened")
    try:
        found = as_recorded(connection, source)
    except ByoawsError as error:
        return None, (*notes, f"what was recorded does not help: {plain(str(error), 300)}")
    return found, (*notes, "this is what the customer was given at connect; the stack may have been upgraded since")
