"""One embedded AWS, ready to use: a running server, a vendor's account and a customer's."""

import itertools
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from byoaws.fakeaws import accounts
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.interface import Account
from byoaws.fakeaws.mail.beside import Mail
from byoaws.fakeaws.mail_manager.stand_in import MailManagerStandIn
from byoaws.fakeaws.server import ministack as server


class EmbeddedAws:
    """A running embedded AWS (the port is `byoaws.fakeaws.interface.FakeAws`); a context manager that stops it."""

    def __init__(self, running: server.Server, *, vendor_id: str = accounts.VENDOR_ID) -> None:
        """Set up the accounts of a server that has just started, the vendor's under `vendor_id`.

        Raises:
            FakeAwsError: it does not do what is asked of it.
        """
        self._server = running
        self._clients = Clients(running.endpoint, running.certificates.authority)
        self._further = itertools.count(accounts.FIRST_FURTHER_CUSTOMER)
        self._lock = threading.Lock()
        self.mail = Mail(running, self._clients)
        """What carries mail; nothing of it runs until it is asked for."""
        self._mail_manager: MailManagerStandIn | None = None
        self.vendor = self._user(vendor_id, "byoaws-vendor", accounts.ASSUME_ROLES)
        self.publisher = self._user(vendor_id, "administrator", accounts.ADMINISTRATOR)
        self.customer = self._user(accounts.CUSTOMER_ID, "administrator", accounts.ADMINISTRATOR)

    @property
    def endpoint(self) -> str:
        """`https://127.0.0.1:PORT`."""
        return self._server.endpoint

    @property
    def ca_file(self) -> Path:
        """The certificate authority that clients of the endpoint must trust."""
        return self._server.certificates.authority

    @property
    def server(self) -> server.Server:
        """The process, its directory, and the certificate that other servers on loopback may use too."""
        return self._server

    @property
    def mail_manager(self) -> MailManagerStandIn:
        """SES Mail Manager of every account, started when it is first asked for."""
        with self._lock:
            if self._mail_manager is None:
                self._mail_manager = MailManagerStandIn(self._server)
            return self._mail_manager

    def new_customer(self) -> Account:
        """Open one more account, empty, and return its administrator's key."""
        with self._lock:
            account_id = next(self._further)
        return self._user(str(account_id), "administrator", accounts.ADMINISTRATOR)

    def root_of(self, account: Account) -> Account:
        """The root user of the account that `account` belongs to."""
        return accounts.root_of(account.account_id, self._server.root_secret)

    def client(self, account: Account, service: str, region: str) -> Any:
        """A botocore client of `service` that acts as `account`, whatever AWS settings the user has."""
        return self._clients.open(account, service, region)

    def smtp(self, customer: Account, region: str) -> tuple[str, int]:
        """Host and port where SES receives mail for an account and region, by the rule set that is active there.

        Raises:
            FakeAwsError: SES does not receive there, or aiosmtpd is not installed.
        """
        return self.mail.smtp(customer.account_id, region)

    def environment(self, account: Account) -> dict[str, str]:
        """The environment variables that point any AWS SDK at the embedded AWS as `account`.

        A set AWS_PROFILE must be unset beside them: there is no value that means "none".
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CA_BUNDLE": str(self.ca_file),
            "AWS_ACCESS_KEY_ID": account.access_key_id,
            "AWS_SECRET_ACCESS_KEY": account.secret_access_key,
            "AWS_SESSION_TOKEN": account.session_token or "",  # one left over from elsewhere would be refused
            "AWS_REGION": accounts.HOME_REGION,
            "AWS_DEFAULT_REGION": accounts.HOME_REGION,
            "NO_PROXY": server.HOST,
            "no_proxy": server.HOST,
        }

    def stop(self) -> None:
        """End the process and remove everything it left behind; again is harmless."""
        self.mail.stop()
        self._clients.close()
        if self._mail_manager is not None:
            self._mail_manager.stop()
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _user(self, account_id: str, name: str, statement: dict[str, Any]) -> Account:
        root = accounts.root_of(account_id, self._server.root_secret)
        return accounts.create_user(self._clients, root, name, [statement])


def start(*, port: int | None = None, vendor_id: str = accounts.VENDOR_ID) -> EmbeddedAws:
    """Start an embedded AWS on `port` of 127.0.0.1, or on a free one; the vendor's account has the id `vendor_id`.

    Raises:
        FakeAwsError: it is not installed, the port is taken, or it did not start.
    """
    running = server.start(port=port)
    try:
        return EmbeddedAws(running, vendor_id=vendor_id)
    except BaseException:
        running.stop()
        raise
