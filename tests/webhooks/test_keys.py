"""Which keys a receiver accepts, newest first."""

from datetime import UTC, datetime

import pytest

from byoaws.model import Connection
from byoaws.webhooks import secrets_of

AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("present", "following", "accepted"),
    [(None, None, ()), ("old", None, ("old",)), ("old", "new", ("new", "old")), (None, "new", ("new",))],
)
def test_secrets_of(present: str | None, following: str | None, accepted: tuple[str, ...]) -> None:
    connection = Connection(
        id="con",
        alias="",
        vendor="v",
        region="r",
        external_id="x",
        webhook_secret=present,
        next_webhook_secret=following,
        created_at=AT,
        updated_at=AT,
    )
    assert secrets_of(connection) == accepted
    assert not any(secret in repr(connection) for secret in ("'old'", "'new'"))
