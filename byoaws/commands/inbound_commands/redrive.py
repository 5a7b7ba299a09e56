"""`byoaws inbound redrive`: replay the dead-letter queue."""

import json
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.inbound_commands.replaying import Whose, messages, refuse_rate, whose_options

if TYPE_CHECKING:
    from byoaws.flows.inbound.redrive import Letter


@click.command()
@whose_options
@click.option("--dry-run", is_flag=True, help="Only list what is in the queue; hides it from others for 30 seconds.")
@options.format_option("text", "json")
def redrive(whose: Whose, rate: float, dry_run: bool, format_name: str) -> None:
    """Replay the dead-letter queue: what the forwarder could not post is posted again.

    Needs the pack inbound-replay. A message leaves the queue only after Lambda has accepted it again. Exit codes: 0
    the queue is dealt with, 1 something is left in it, also what is hidden, 3 could not tell.
    """
    from byoaws.commands.progress import counting
    from byoaws.flows.inbound import redrive as flow
    from byoaws.flows.inbound.door import Pace

    refuse_rate(rate)
    door, place = whose.open()
    total = door.ask(lambda aws: aws.waiting(place.queue_url))
    letters: list[Letter] = []
    whole = False
    try:
        with counting("reading" if dry_run else "replaying", total) as advance:
            for letter in flow.redrive(door, place, Pace(rate, door.clock), dry_run=dry_run):
                letters.append(letter)
                advance()
        whole = True
    finally:
        if not whole:
            options.note(f"{_replayed(letters)}; what is left is in the queue still: run it again")
    hidden = flow.out_of_sight(door, place, letters, total)
    shown = _as_json if format_name == "json" else _as_text
    options.print_result(shown(letters, dry_run=dry_run, hidden=hidden))
    if hidden:
        options.note("another run has the hidden ones, or a dry run just looked at them: run it again in two minutes")
    raise SystemExit(1 if hidden or any(letter.left for letter in letters) else 0)


def _as_json(letters: "list[Letter]", *, dry_run: bool, hidden: int) -> str:
    found = {
        "dry_run": dry_run,
        "found": len(letters),
        "replayed": sum(letter.replayed for letter in letters),
        "left": sum(bool(letter.left) for letter in letters),
        "messages": [letter.as_json() for letter in letters],
        "hidden": hidden,
    }
    return json.dumps(found, indent=2) + "\n"


def _as_text(letters: "list[Letter]", *, dry_run: bool, hidden: int) -> str:
    lines = [_line(letter) for letter in letters if dry_run or letter.left]
    if not letters and not hidden:
        lines.append("nothing to replay: the queue is empty")
    elif dry_run:
        left = sum(bool(letter.left) for letter in letters)
        lines.append(f"{len(letters) - left} would be replayed" + (f", {left} not" if left else ""))
    else:
        lines.append(_replayed(letters))
    if hidden:
        lines[-1] += f"; about {hidden:,} more in the queue, hidden at the moment"
    return "\n".join(lines) + "\n"


def _line(letter: "Letter") -> str:
    what = " ".join(letter.keys) or f"message {letter.id}"
    tries = f"{letter.tries} tries" if letter.tries else ""
    told = ", ".join(part for part in (letter.at, tries, letter.error) if part)
    return what + (f"  ({told})" if told else "") + (f"\n  stays: {letter.left}" if letter.left else "")


def _replayed(letters: "list[Letter]") -> str:
    count, left = sum(letter.replayed for letter in letters), sum(bool(letter.left) for letter in letters)
    stays = f"; {left} stay{'s' if left == 1 else ''} in the queue" if left else ""
    return f"{messages(count)} replayed{stays}"
