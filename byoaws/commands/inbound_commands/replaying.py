"""Whose mail is posted again, how fast, and by whom: what `inbound redrive` and `inbound backfill` share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.flows.inbound.door import Door, Place

RATE = 10.0
"""Messages a second, unless told otherwise: what the Lambda of a new account runs at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """What was given on the command line: whose mail, and by whom."""

    connection_id: str
    stack: str | None
    vendor: str | None
    store: str | None
    profile: str | None

    def open(self) -> "tuple[Door, Place]":
        """Open the role of the connection, and find the stack's parts."""
        from byoaws import factory
        from byoaws.commands.progress import asking
        from byoaws.flows.inbound.door import Door, find
        from byoaws.flows.production_access.request import open_connection

        settings = options.settings(vendor=self.vendor, store=self.store, profile=self.profile)
        options.say_vendor(settings)
        vendor = factory.vendor(settings)

        def opened() -> Any:
            return open_connection(
                lambda: factory.store(settings), self.connection_id, vendor, factory.vendor_aws_of(settings)
            )

        with asking():
            connection, session = opened()
            sessions = iter([session])
            door = Door(
                connection,
                vendor,
                lambda: factory.replay_under(next(sessions, None) or opened()[1]),
                factory.clock(),
            )
            return door, find(door, vendor, self.stack)

    def words(self) -> list[str]:
        """The options that say so once more, but for a password in the store's URL."""
        given = {
            "--stack": self.stack,
            "--vendor": self.vendor,
            "--store": _without_password(self.store) if self.store else None,
            "--profile": self.profile,
        }
        words = ["--connection", self.connection_id]
        for name, value in given.items():
            words += [name, value] if value else []
        return words


def _without_password(url: str) -> str:
    """A store's URL, fit to be printed; whoever runs the command again puts the password in, or into PGPASSWORD."""
    place, at, where = url.rpartition("@")
    scheme, _, who = place.partition("://")
    user, colon, _ = who.partition(":")
    if not at or not colon or scheme.startswith("sqlite"):
        return url
    return f"{scheme}://{user}:<PASSWORD>@{where}"


def whose_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say whose mail; the command is given them as `whose`."""

    @click.option(
        "--connection",
        "connection_id",
        metavar="ID",
        required=True,
        callback=options.not_empty,
        help="A stored, verified connection.",
    )
    @click.option(
        "--stack",
        metavar="NAME",
        callback=options.not_empty,
        help="The stack, where the customer named it otherwise than the link did.",
    )
    @click.option(
        "--rate", metavar="N", type=float, default=RATE, show_default=True, help="Messages a second, at most 100."
    )
    @options.vendor_option
    @options.store_option
    @options.profile_option
    @wraps(command)
    def with_whose(
        connection_id: str,
        stack: str | None,
        vendor: str | None,
        store: str | None,
        profile: str | None,
        **others: Any,
    ) -> Any:
        whose = Whose(connection_id=connection_id, stack=stack, vendor=vendor, store=store, profile=profile)
        return command(whose=whose, **others)

    return with_whose


def refuse_rate(rate: float) -> None:
    """Before anything is opened.

    Raises:
        UsageError: a rate that cannot be meant.
    """
    from byoaws import factory
    from byoaws.flows.inbound.door import Pace

    Pace(rate, factory.clock())


def messages(count: int) -> str:
    """A number of messages, in words."""
    return f"{count:,} message{'' if count == 1 else 's'}"
