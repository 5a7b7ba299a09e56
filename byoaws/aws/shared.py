"""The ports to AWS for a fleet: clients that every account shares, and who signs is known to the task that asks.

    async with SharedAws(profile, "us-east-1") as aws:
        session = await aws.assume_role(...)
        account = await session.ask(questions.SES_ACCOUNT)

The same questions as over boto3, read and refused in the same words.
"""

import asyncio
from functools import partial
from typing import Self, TypeVar

from byoaws.aws import questions
from byoaws.aws.credentials import TemporaryCredentials
from byoaws.aws.errors import ROLE_SESSION_HINT, awaited
from byoaws.aws.identity import TENANT, VENDOR
from byoaws.aws.interface import Caller, Session, VendorPort
from byoaws.aws.question import Home, Question
from byoaws.aws.session import Limits, VendorSession
from byoaws.aws.shared_clients import SharedClients, credential_free_session, shared_config
from byoaws.aws.threads import in_thread
from byoaws.aws.transport import transport
from byoaws.aws.unlogged import unlogged
from byoaws.errors import AwsError, BadCredentials

T = TypeVar("T")

CONCURRENCY = 256
"""Calls at once, to each service and region, for which connections are kept."""

FLEET_LIMITS = Limits(attempts=5)
"""With a tenth of all calls throttled, three attempts leave one account in three hundred without an answer."""

_FRESH = 60.0
"""Seconds for which the vendor's credentials are not looked at again; botocore renews them ten minutes ahead."""


class SharedAws(VendorPort):
    """The vendor's own credentials, by boto3's standard chain, for any number of tasks of one event loop.

    Nothing is read or called before the first question.
    """

    def __init__(
        self, profile: str | None, sts_region: str, *, limits: Limits = FLEET_LIMITS, concurrency: int = CONCURRENCY
    ) -> None:
        """Take the profile (None: as AWS_PROFILE says) and the always enabled region whose STS is asked."""
        self._sts_region = sts_region
        self._keys = VendorKeys(VendorSession(profile, limits))
        config = shared_config(limits, concurrency, transport())
        core = partial(credential_free_session, profile=profile, loader=self._keys.session.loader)
        again = limits.attempts > 1
        self._vendor = SharedClients(VENDOR, core, config, again=again)
        self._tenants = SharedClients(TENANT, core, config, again=again)
        self._caller: tuple[str, Caller] | None = None
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all connections."""
        try:
            await self._vendor.close()
        finally:
            await self._tenants.close()

    async def caller(self) -> Caller:
        """Who the vendor is; asked once for each of its access keys, and again only after a failure.

        Raises:
            AwsError: AWS did not say.
        """
        async with self._asking:
            key = (await self._keys.held()).access_key_id
            if self._caller is None or self._caller[0] != key:
                self._caller = (key, await self._ask(questions.CALLER))
            return self._caller[1]

    async def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> Session:
        """Open the customer's role for `duration` seconds; with `external_id` None the call carries none.

        Raises:
            AccessDenied: AWS refused; it does not say whether for the role, its trust policy or our own policy.
            AwsError: of another kind, which says nothing about the role.
        """
        question = questions.assume_role(
            role_arn=role_arn, external_id=external_id, session_name=session_name, duration=duration
        )
        with unlogged():
            credentials = await self._ask(question)
        return SharedSession(self._tenants, credentials, sts_region=self._sts_region, region=region)

    async def _ask(self, question: Question[T]) -> T:
        # Fetched before, so that a refusal there cannot be taken for the refusal of the call.
        credentials = await self._keys.held()
        call = partial(self._vendor.answer, question.service, self._sts_region, question.operation, question.request)
        try:
            answer = await awaited(
                question.action,
                partial(VENDOR.sign, credentials, call),
                profile=self._keys.profile_name,
                secrets=credentials.secrets,
            )
        except BadCredentials:
            self._keys.forget()
            raise
        return question.read(answer, question.action)


class SharedSession(Session):
    """A session under a customer's role; `ask` is for any number of tasks."""

    __slots__ = ("_clients", "_credentials", "_region", "_sts_region")

    def __init__(
        self, clients: SharedClients, credentials: TemporaryCredentials, *, sts_region: str, region: str
    ) -> None:
        self._clients = clients
        self._credentials = credentials
        self._sts_region = sts_region
        self._region = region

    async def ask(self, question: Question[T]) -> T:
        """Make one call, signed with this session's credentials and no others.

        Raises:
            RegionDisabled: the connection's region does not know the credentials that STS has just handed out.
            AwsError: of another kind. Throttled: AWS refused for haste to the last attempt, which says nothing else.
        """
        region = self._sts_region if question.home is Home.STS else self._region
        held = self._credentials
        call = partial(self._clients.answer, question.service, region, question.operation, question.request)
        try:
            answer = await awaited(question.action, partial(TENANT.sign, held, call), secrets=held.secrets)
        except AwsError as error:
            if isinstance(error, BadCredentials):
                error.hint = ROLE_SESSION_HINT
            meant = question.meant(error, region)
            if meant is error:
                raise
        else:
            return question.read(answer, question.action)
        raise meant


class VendorKeys:
    """The vendor's credentials, fetched and renewed by boto3's chain in a thread: it reads files, and may call AWS."""

    def __init__(self, session: VendorSession) -> None:
        self.session = session
        self.profile_name: str | None = None
        """The profile in use, once credentials are held."""
        self._held: TemporaryCredentials | None = None
        self._until = 0.0
        self._fetching = asyncio.Lock()

    async def held(self) -> TemporaryCredentials:
        """Return what signs now.

        Raises:
            BadCredentials, Throttled, Unreachable: there are none to be had.
        """
        found = self._fresh()
        if found is None:
            async with self._fetching:
                found = self._fresh() or await self._fetched()
        return found

    def forget(self) -> None:
        """Look anew before the next call: AWS does not take these."""
        self._until = 0.0

    def _fresh(self) -> TemporaryCredentials | None:
        return self._held if asyncio.get_running_loop().time() < self._until else None

    async def _fetched(self) -> TemporaryCredentials:
        found = await in_thread(self.session.credentials)
        self.profile_name = self.session.profile_name
        self._held, self._until = found, asyncio.get_running_loop().time() + _FRESH
        return found
