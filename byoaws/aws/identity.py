"""Who signs a request that goes through clients which many accounts share.

The credentials are in a context variable *without a default*. Each task has its own, a retry signs with those of the
task that retries, and where none are set nothing is signed and nothing is sent. One object that is changed before each
call looks the same, until a retry signs after somebody else has changed it: then one customer is asked with the
credentials of another (the tests show it).
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

from botocore.credentials import ReadOnlyCredentials

from byoaws.aws.credentials import TemporaryCredentials
from byoaws.errors import BadCredentials

Answer = TypeVar("Answer")


class Identity:
    """Credentials as aiobotocore's signer wants them: those of whoever is asking just now, or none at all.

    Not a subclass of botocore's credentials, so that whatever else asks it for a key fails.
    """

    method = "byoaws"
    """Where they come from, as botocore calls it."""

    def __init__(self, whose: str) -> None:
        self._whose = whose
        self._signs: ContextVar[TemporaryCredentials] = ContextVar(f"byoaws: who signs as {whose}")

    async def sign(self, credentials: TemporaryCredentials, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return what `call` returns; what it sends is signed with `credentials`, and what others send is not."""
        token = self._signs.set(credentials)
        try:
            return await call()
        finally:
            self._signs.reset(token)

    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return what the running task signs with.

        Raises:
            BadCredentials: it has set none; nothing was sent.
        """
        held = self._signs.get(None)
        if held is None:
            raise BadCredentials(
                f"nothing was sent: the call is not made with anybody's credentials, and is one of {self._whose}",
                operation="credentials",
                hint="ask through a session, never through its clients",
            )
        return ReadOnlyCredentials(held.access_key_id, held.secret_access_key, held.session_token or None, None)

    async def get_account_id(self) -> None:
        """Return None: endpoints by account id are for DynamoDB, and one client must not remember an account."""

    def get_deferred_property(self, name: str) -> Callable[[], Awaitable[None]]:
        """Return the only property that botocore wants so, the account id."""
        if name != "account_id":
            raise AttributeError(name)
        return self.get_account_id


VENDOR = Identity("the vendor")
"""Signs AssumeRole, and the vendor's own questions."""

TENANT = Identity("a customer")
"""Signs what is asked in a customer's account."""
