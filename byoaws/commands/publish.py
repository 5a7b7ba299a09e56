"""`byoaws publish`: publish the stack's template where any customer's CloudFormation can read it."""

import json
from typing import TYPE_CHECKING

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.flows.publish.run import Published


@click.command()
@options.vendor_option
@click.option("--bucket", metavar="B", required=True, callback=options.not_empty, help="S3 bucket for templates alone.")
@click.option("--create", is_flag=True, help="Make the bucket if there is none; one that exists is never opened up.")
@click.option(
    "--region",
    metavar="R",
    callback=options.not_empty,
    help="AWS region of the bucket. [default: $AWS_REGION, or us-east-1]",
)
@options.profile_option
@options.format_option("text", "json")
def publish(
    vendor: str | None, bucket: str, create: bool, region: str | None, profile: str | None, format_name: str
) -> None:
    """Publish the stack's template where any customer's CloudFormation can read it.

    What was published stays as it is: a changed template needs a new stack.version. The bucket is checked first, and
    the template is read back as customers read it.
    """
    from byoaws import factory
    from byoaws.flows.publish import run as flow

    settings = options.settings(vendor=vendor, profile=profile)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    where = flow.Where(bucket=bucket, region=options.region_or_default(region, settings), create=create)
    edges = flow.Edges(
        publisher=factory.publisher(settings, where.region), source=factory.template_source(), now=factory.now
    )
    done = flow.publish(chosen, edges, where)
    if done.created:
        options.note(f"made bucket {bucket}: anyone may read templates/*, and nothing else")
    if format_name == "json":
        options.print_result(json.dumps(done.as_json(), indent=2) + "\n")
    else:
        options.print_result(_shown(done))
    if done.again:
        options.note(f"this content was published before, on {done.entry.published_at[:10]}; nothing was written")
    if chosen.template_url != done.url:
        options.note("set template_url to the url, and links will use it; older links stay as they are")


def _shown(done: "Published") -> str:
    head = click.style("Published again" if done.again else "Published", bold=True)
    rows = [f"{name:<16}  {value}" for name, value in done.as_json().items()]
    text = "\n".join([head, *rows, ""])
    return text if options.color_on() else click.unstyle(text)
