"""`byoaws fake-aws`: serve the embedded AWS on loopback, until Ctrl-C."""

import signal

import click

from byoaws.commands import options


@click.command("fake-aws")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of 127.0.0.1. [default: a free one]")
def fake_aws(port: int | None) -> None:
    """Serve the embedded AWS on loopback, until Ctrl-C.

    Prints the environment lines that point the AWS CLI, any SDK and byoaws at it. It forgets everything when it ends.
    """
    from byoaws import factory

    served = factory.fake_aws(port)
    try:
        for line in served.lines:
            click.echo(line)
        options.note("serving; Ctrl-C ends it")
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, _stop)
        signal.pause()
    except KeyboardInterrupt:
        options.note("stopped")
    finally:
        served.aws.stop()


def _stop(number: int, frame: object) -> None:
    raise KeyboardInterrupt
