"""How a connection's webhook secrets change, one write at a time: pure, from one state of a connection to the next.

    present key only            `webhook_secret`
    new key made                and `next_webhook_secret`: receivers accept both from here on
    customer's side has it      and `secret_spread_at`: the forwarder signs with both, or with the new one alone
    done                        the new key is `webhook_secret`, and nothing else is left

The new key is accepted before anything signs with it, and the old one is dropped only when nothing signs with it alone.
So there is no moment, and no place for a crash, where what the forwarder signs is refused.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from byoaws.model import Connection
from byoaws.quickcreate import webhook_secret

OVERLAP = 24 * 3600
"""Seconds that both keys are accepted, unless told otherwise."""
SHORTEST_OVERLAP = 600
"""Seconds. The forwarder reads the secret again after five minutes; what it signed may be on its way longer."""


def begun(connection: Connection, *, overlap: int, at: datetime) -> Connection:
    """Put a fresh key beside the present one."""
    return replace(
        connection,
        next_webhook_secret=webhook_secret.mint(),
        secret_spread_at=None,
        secret_overlap=overlap,
        updated_at=at,
    )


def withdrawn(connection: Connection, at: datetime) -> Connection:
    """Take the new key back, which nobody but the store ever had."""
    return replace(connection, next_webhook_secret=None, secret_spread_at=None, secret_overlap=None, updated_at=at)


def spread(connection: Connection, at: datetime) -> Connection:
    """The customer's side signs with the new key, at the latest from `SHORTEST_OVERLAP` after `at` on."""
    return replace(connection, secret_spread_at=at, updated_at=at)


def done(connection: Connection, at: datetime) -> Connection:
    """The new key is the only one."""
    return replace(withdrawn(connection, at), webhook_secret=connection.next_webhook_secret)


def adopted(connection: Connection, arn: str, keys: tuple[str, ...], *, overlap: int, at: datetime) -> Connection:
    """Bring what is stored in line with what the customer's secret holds; the same connection if it is already.

    The customer's side may be ahead: it made the first key, somebody put another one there, or we were interrupted
    after writing there. It may be behind: nobody has put the new key there yet.
    """
    found = replace(connection, secret_arn=arn, **_adopted(connection, keys, overlap, at))
    return found if found == connection else replace(found, updated_at=at)


def _adopted(connection: Connection, keys: tuple[str, ...], overlap: int, at: datetime) -> dict[str, Any]:
    present, following = (_canonical(secret) for secret in (connection.webhook_secret, connection.next_webhook_secret))
    overlap = connection.secret_overlap or overlap
    if present is None:
        if len(keys) == 1:
            return {"webhook_secret": keys[0]}
        # Cached or not, the forwarder signs with one of the two.
        return {
            "webhook_secret": keys[-1],
            "next_webhook_secret": keys[0],
            "secret_spread_at": at,
            "secret_overlap": overlap,
        }
    if following in keys:
        return {} if connection.secret_spread_at else {"secret_spread_at": at}
    if keys[0] != present:
        return {"next_webhook_secret": keys[0], "secret_spread_at": at, "secret_overlap": overlap}
    return {"secret_spread_at": None}


def _canonical(secret: str | None) -> str | None:
    if secret is None:
        return None
    try:
        return webhook_secret.keys_in(secret)[0]
    except ValueError:  # not one of ours: then the customer's secret holds none that equals it
        return secret


def may_end_at(connection: Connection) -> datetime | None:
    """The earliest moment at which the old key may be dropped, whoever asks for it; None while it is not known."""
    if connection.secret_spread_at is None:
        return None
    return connection.secret_spread_at + timedelta(seconds=SHORTEST_OVERLAP)
