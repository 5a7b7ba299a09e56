"""Whose account a command acts in: a stored connection's, through its role, or that of one's own credentials."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.aws.interface import CustomerAws, ProductionAccess
    from byoaws.mail_manager.port import MailManager
    from byoaws.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """What was given on the command line."""

    connection_id: str | None
    profile: str | None
    region: str | None
    vendor: str | None
    store: str | None

    def open(self) -> "tuple[ProductionAccess, str]":
        """Return SES of that account, and its region."""
        from byoaws import factory

        settings, region, opened = self._opened()
        return factory.production_access(settings, region, opened), region

    def open_mail_manager(self) -> "tuple[MailManager, str]":
        """Return Mail Manager of that account, and its region."""
        from byoaws import factory
        from byoaws.flows.mail_manager.region import require_region

        if self.region is not None:
            require_region(self.region)
        settings, region, opened = self._opened()
        require_region(region)
        return factory.mail_manager(settings, region, opened), region

    def _opened(self) -> "tuple[Settings, str, CustomerAws | None]":
        """The settings, the region, and the connection's role; None for the account's own credentials."""
        from byoaws import factory
        from byoaws.regions import require_region

        settings = options.settings(vendor=self.vendor, store=self.store, profile=self.profile)
        if self.connection_id is None:
            if self.region is None:
                raise click.UsageError("give --connection ID, or --region R and whose credentials: --profile P")
            require_region(self.region)
            return settings, self.region, None
        if self.region is not None:
            raise click.UsageError("a connection has its own region; leave --region out")
        from byoaws.flows.production_access.request import open_connection

        options.say_vendor(settings)
        connection, opened = open_connection(
            lambda: factory.store(settings),
            self.connection_id,
            factory.vendor(settings),
            factory.vendor_aws_of(settings),
        )
        return settings, connection.region, opened


def whose_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say whose account; the command is given them as `whose`."""

    @click.option(
        "--connection", "connection_id", metavar="ID", callback=options.not_empty, help="A stored, verified connection."
    )
    @click.option(
        "--profile",
        metavar="NAME",
        callback=options.not_empty,
        help="AWS profile: the vendor's with --connection, else the account's own.",
    )
    @click.option(
        "--region",
        metavar="R",
        callback=options.not_empty,
        help="Region of SES, where one's own credentials are used.",
    )
    @options.vendor_option
    @options.store_option
    @wraps(command)
    def with_whose(
        connection_id: str | None,
        profile: str | None,
        region: str | None,
        vendor: str | None,
        store: str | None,
        **others: Any,
    ) -> Any:
        whose = Whose(connection_id=connection_id, profile=profile, region=region, vendor=vendor, store=store)
        return command(whose=whose, **others)

    return with_whose
