"""`byoaws init`: write the vendor file of a new vendor, from answers or from options."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.flows.init.answers import Wanted


def _text(name: str, metavar: str, explained: str) -> Callable[[options.F], options.F]:
    return click.option(name, metavar=metavar, callback=options.not_empty, help=explained)


@click.command()
@_text("--name", "NAME", "Lower case, for paths and resource names.")
@_text("--title", "TEXT", "What customers read.")
@_text("--account-id", "A", "The AWS account that customers trust.")
@click.option(
    "--role-arn", metavar="ARN", callback=options.not_empty, help="The one role in it that opens customers' roles."
)
@click.option(
    "--principal", metavar="P", callback=options.not_empty, help="Or which ones: role/NAME, role/PATH/*, user/NAME."
)
@_text("--packs", "A,B", "Permission packs: names, or files such as ./packs/metrics-read.yaml.")
@_text("--blocks", "A,B", "What the stack holds. [default: what the packs and webhooks need]")
@_text("--inbound-webhook", "URL", "Where received mail is posted.")
@_text("--sending-webhook", "URL", "Where bounces, complaints and deliveries are posted.")
@click.option("--webhook-secret", type=click.Choice(["generated", "parameter"]), help="Who makes it: stack, or you.")
@click.option("--external-id-prefix", metavar="P", default="", help="What every ExternalId begins with.")
@click.option("--external-id-bytes", metavar="N", type=int, default=24, show_default=True, help="Random bytes in it.")
@_text("--role-name", "NAME", "A fixed name for customers' roles. [default: none, which is better]")
@_text("--template-url", "U", "S3 URL of the published template. [default: to be set later]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("byoaws.yaml"),
    show_default=True,
    help="The vendor file.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(output: Path, force: bool, **given: Any) -> None:
    """Write the vendor file of a new vendor, from answers or from options.

    On a terminal, what no option gives is asked. Without one, what is missing is an error. Calls nothing.
    """
    from byoaws import factory
    from byoaws.commands import files, questions
    from byoaws.flows.init import make as flow
    from byoaws.flows.vendor.explain import warnings
    from byoaws.vendors.file import load_own_packs

    if not force and (output.exists() or output.is_symlink()):
        raise click.UsageError(f"'{output}' is there already; --force replaces it, -o names another")
    read_packs = partial(load_own_packs, source=str(output))
    wanted = _checked(given)
    if options.on_terminal():
        wanted = questions.ask(wanted, given, read_packs)
    own = read_packs(wanted.packs)
    done = flow.completed(wanted, own)
    _refuse_missing(wanted if not wanted.packs else done.wanted)
    vendor = flow.read_back(done.wanted, own, source=str(output))
    risks = warnings(vendor, factory.kinds_of_resource())
    files.write_text(output, flow.text(done.wanted, own), new=not force)
    for line in done.added:
        options.note(f"added {line}")
    options.note(f"wrote {output}")
    for risk in risks:
        options.warn(f"{risk['code']} {risk['name']}: {risk['summary']}")
    named = str(output) if output.suffix in (".yaml", ".yml") or "/" in str(output) else f"./{output}"
    options.note("to do:")
    for number, line in enumerate(flow.todo(vendor, named), start=1):
        options.note(f"  {number}. {line}")


def _checked(given: dict[str, Any]) -> "Wanted":
    """The answers that options gave; raises UsageError for all that is wrong with them."""
    from byoaws.errors import UsageError
    from byoaws.flows.init.answers import Wanted, mistakes
    from byoaws.vendor_model import SecretMode

    values = {name: value for name, value in given.items() if value is not None}
    for name in {"packs", "blocks"} & values.keys():
        values[name] = tuple(filter(None, (item.strip() for item in values[name].split(","))))
    if "webhook_secret" in values:
        values["webhook_secret"] = SecretMode(values["webhook_secret"])
    wanted = Wanted(**values)
    if wrong := mistakes(wanted):
        told = wrong[0] if len(wrong) == 1 else "\n  ".join(["these answers will not do:", *wrong])
        raise UsageError(told, hint="docs/own-vendor.md and docs/vendor-file.md say what each may be")
    return wanted


def _refuse_missing(wanted: "Wanted") -> None:
    from byoaws.flows.init.answers import missing

    if found := missing(wanted):
        raise click.UsageError(f"missing: {', '.join(found)}; without a terminal nothing can be asked")
