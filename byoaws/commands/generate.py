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

    In CI: byoaws generate --check infra/byo-aws.yaml
    """
    from byoaws import factory
    from byoaws.flows import stack

    if output and check:
        raise click.UsageError("--output and --check exclude each other")
    settings = options.settings(vendor=vendor)
    options.say_vendor(settings)
    if check and _given_by_default("format_name"):
        format_name = "json" if check.suffix == ".json" else "yaml"
    elif output and _given_by_default("format_name"):
        format_name = "json" if output.suffix == ".json" else "yaml"
    text = stack.generate(factory.vendor(settings), format_name)
    if check:
        difference = stack.difference(text, check.read_text(encoding="utf-8"), str(check))
        if difference:
            options.print_result(difference)
            raise SystemExit(1)
        options.note(f"{check} is what would be generated")
    elif output:
        _write(output, text)
        options.note(f"wrote {output} ({len(text.encode()):,} bytes)")
    else:
        options.print_result(text)


def _given_by_default(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.DEFAULT


def _write(path: Path, text: str) -> None:
    """Write whole or not at all: a killed run leaves the old file."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise click.UsageError(f"cannot write '{path}': {error.strerror}") from None
