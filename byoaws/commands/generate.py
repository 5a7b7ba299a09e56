"""`byoaws generate`: print the stack's CloudFormation template, or check a file against it."""

from pathlib import Path

import click

from byoaws.commands import options


@click.command()
@options.vendor_option
@options.format_option("yaml", "json")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option(
    "--check",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Write nothing; exit 1 if this file differs from what would be generated.",
)
def generate(vendor: str | None, format_name: str, output: Path | None, check: Path | None) -> None:
    """Print the stack's CloudFormation template, or check a file against it.

    A file's name says its format, unless --format does. In CI: byoaws generate --check infra/byo-aws.yaml
    """
    from byoaws import factory
    from byoaws.commands import files
    from byoaws.flows import stack
    from byoaws.flows.vendor.pipeline_risks import cost_of_ingress

    if output and check:
        raise click.UsageError("--output and --check exclude each other")
    settings = options.settings(vendor=vendor)
    options.say_vendor(settings)
    named = output or check
    if named and _given_by_default("format_name"):
        format_name = "json" if named.suffix.lower() == ".json" else "yaml"
    chosen = factory.vendor(settings)
    text = stack.generate(chosen, format_name)
    if not check and (cost := cost_of_ingress(chosen)):
        options.warn(cost)
    if check:
        difference = stack.difference(text, files.read_text(check), str(check))
        if difference:
            options.print_result(difference)
            raise SystemExit(1)
        options.note(f"{check} is what would be generated")
    elif output:
        files.write_text(output, text)
        options.note(f"wrote {output} ({len(text.encode()):,} bytes)")
    else:
        options.print_result(text)


def _given_by_default(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.DEFAULT
