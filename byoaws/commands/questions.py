"""What `init` asks on a terminal: one thing after another, each with what may be answered; a bad answer is asked again.

Questions go to stderr. What an option gave is not asked.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from byoaws.errors import ByoawsError, VendorFileError
from byoaws.flows.init import make as flow
from byoaws.flows.init.answers import POSTS_TO, mistake
from byoaws.vendor_model import SecretMode

if TYPE_CHECKING:
    from byoaws.flows.init.answers import Wanted
    from byoaws.packs import Pack

ReadPacks = Callable[[Iterable[str]], Mapping[str, "Pack"]]
_WIDEST = 100
_WEBHOOKS = {
    "inbound_webhook": "Where is received mail posted? https URL",
    "sending_webhook": "Where are bounces, complaints and deliveries posted? https URL",
}


def ask(wanted: "Wanted", given: Mapping[str, Any], read_packs: ReadPacks) -> "Wanted":
    """Return the answers, with those that are missing asked for.

    Args:
        wanted: What options gave.
        given: The options as they were given; None is not given.
        read_packs: Reads the packs that are files, by path; raises ByoawsError.
    """
    _say("A new vendor file. Enter takes what stands in [ ]; Ctrl-C writes nothing.", dim=True)
    wanted = _who(wanted)
    if given["packs"] is None:
        wanted = _packs(wanted, read_packs)
    own = read_packs(wanted.packs)
    if given["blocks"] is None:
        wanted = _blocks(wanted, own)
    blocks = flow.completed(wanted, own).wanted.blocks
    for block, answer in POSTS_TO.items():
        if block in blocks and getattr(wanted, answer) is None:
            wanted = _with(wanted, answer, _text(_WEBHOOKS[answer], answer))
    if "forwarder" in blocks and given["webhook_secret"] is None:
        wanted = replace(wanted, webhook_secret=_secret())
    return wanted


def _who(wanted: "Wanted") -> "Wanted":
    if wanted.name is None:
        wanted = replace(wanted, name=_text("Name, in lower case: stands in paths and names of resources", "name"))
    if wanted.title is None:
        proposed = str(wanted.name).replace("-", " ").title().strip()
        wanted = replace(wanted, title=_text("Title, as customers read it", "title", default=proposed))
    if wanted.account_id is None and wanted.role_arn is None:
        question = "AWS account that customers trust, 12 digits; Enter to set it later"
        wanted = replace(wanted, account_id=_text(question, "account_id", default=""))
    if wanted.role_arn is None and wanted.principal is None:
        wanted = _narrowed(wanted)
    return wanted


def _with(wanted: "Wanted", answer: str, value: str | None) -> "Wanted":
    changed: dict[str, Any] = {answer: value}
    return replace(wanted, **changed)


def _narrowed(wanted: "Wanted") -> "Wanted":
    """Whoever may open customers' roles: one role by its ARN, or those that match a pattern."""

    def check(text: str) -> str:
        answer = "role_arn" if text.startswith("arn:") else "principal"
        _refuse(mistake(answer, text))
        if answer == "role_arn" and wanted.account_id and f"::{wanted.account_id}:" not in text:
            _refuse(f"that role is not in account {wanted.account_id}")
        return text

    _say("\nWho in that account opens customers' roles? The fewer, the better.")
    _say("  role/NAME or role/PATH/*, or the ARN of one role; Enter for whoever may call sts:AssumeRole", dim=True)
    text = _prompt("Principal", check, default="")
    return _with(wanted, "role_arn" if text.startswith("arn:") else "principal", text or None)


def _packs(wanted: "Wanted", read_packs: ReadPacks) -> "Wanted":
    offered = flow.offered_packs()

    def check(text: str) -> Sequence[str]:
        chosen = _chosen(text, [pack.name for pack in offered])
        if not chosen:
            _refuse("a role needs at least one pack")
        try:
            flow.completed(replace(wanted, packs=tuple(chosen)), read_packs(chosen))
        except ByoawsError as error:
            _refuse(_explained(error))
        return chosen

    _say("\nWhat may the role do?")
    for number, pack in enumerate(offered, start=1):
        _item(number, pack.name, pack.title)
        for statement in pack.statements:
            for grant in statement.grants:
                _say(_wrapped(f"{grant.action}: {grant.reason}", 9), dim=True)
    _say("  Or packs of your own, files beside the vendor file: ./packs/NAME.yaml (docs/own-vendor.md)", dim=True)
    return replace(wanted, packs=tuple(_prompt("Packs, by number or name", check, default=" ".join(flow.USUAL_PACKS))))


def _explained(error: ByoawsError) -> str:
    if not isinstance(error, VendorFileError):
        return f"{error.message} ({error.hint})"
    listed = (f"{one.place()} {one.where}: {one.message}" for one in error.problems)
    return "\n  ".join(line.lstrip() for line in listed)


def _blocks(wanted: "Wanted", own: Mapping[str, "Pack"]) -> "Wanted":
    needed = flow.completed(wanted, own)
    usual = [block for block in needed.wanted.blocks if block != "access"]

    def check(text: str) -> Sequence[str]:
        chosen = [] if text == "none" else _chosen(text, list(flow.OFFERED_BLOCKS))
        for block in chosen:
            if block not in flow.OFFERED_BLOCKS:
                _refuse(f"'{block}' is none of {', '.join(flow.OFFERED_BLOCKS)}")
        return chosen

    _say("\nWhat else does the stack make, besides the role?")
    for number, (block, words) in enumerate(flow.OFFERED_BLOCKS.items(), start=1):
        _item(number, block, words)
    for line in needed.added:
        _say(f"  needed: {line}", dim=True)
    chosen = _prompt("Blocks, by number or name", check, default=" ".join(usual) or "none")
    return replace(wanted, blocks=(*chosen, "access"))


def _secret() -> SecretMode:
    _say("\nWho makes the secret that signs what is posted?")
    _say("  generated: the stack, and you read it once through the role", dim=True)
    _say("  parameter: you, and it stands in plain text in the link", dim=True)
    modes = [mode.value for mode in SecretMode]
    return SecretMode(click.prompt("Secret", type=click.Choice(modes), default=modes[0], show_choices=False, err=True))


def _chosen(text: str, offered: Sequence[str]) -> list[str]:
    found = []
    for word in text.replace(",", " ").split():
        if word.isdecimal():
            if not 1 <= int(word) <= len(offered):
                _refuse(f"{word} is not a number from 1 to {len(offered)}")
            found.append(offered[int(word) - 1])
        else:
            found.append(word)
    return list(dict.fromkeys(found))


def _text(question: str, answer: str, *, default: str | None = None) -> str:
    def check(text: str) -> str:
        if not text and default is None:
            _refuse("an answer is needed")
        _refuse(mistake(answer, text))
        return text

    return str(_prompt(question, check, default=default))


def _prompt(question: str, check: Callable[[str], Any], *, default: str | None = None) -> Any:
    return click.prompt(
        question, value_proc=lambda text: check(text.strip()), default=default, show_default=bool(default), err=True
    )


def _refuse(message: str | None) -> None:
    """Ask again, if there is a mistake."""
    if message:
        raise click.UsageError(message)


def _item(number: int, name: str, words: str) -> None:
    _say(f"  {number:>2}  " + click.style(name, bold=True) + f"\n{_wrapped(words, 6)}")


def _wrapped(text: str, indent: int) -> str:
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    space = " " * indent
    return click.wrap_text(text, width=width, initial_indent=space, subsequent_indent=space)


def _say(text: str, *, dim: bool = False) -> None:
    lines = text if len(text) < shutil.get_terminal_size().columns or "\n" in text else _wrapped(text.strip(), 2)
    click.echo(click.style(lines, dim=True) if dim else lines, err=True)
