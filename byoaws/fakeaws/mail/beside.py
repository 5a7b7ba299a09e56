"""What carries mail in AWS and MiniStack lacks: SES receiving, SES's events, SNS's signed posts; started on demand."""

import logging
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from byoaws.errors import FakeAwsError
from byoaws.fakeaws import accounts
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.mail.ses_sent import sent
from byoaws.fakeaws.server.front import Answered, Asked, Front
from byoaws.fakeaws.server.ministack import Server
from byoaws.fakeaws.ses_v1 import with_sending_enabled
from byoaws.regions import receives

if TYPE_CHECKING:
    from byoaws.fakeaws.mail.smtp_server import SmtpServer
    from byoaws.fakeaws.mail.sns_delivery import SnsDelivery
    from byoaws.fakeaws.mail.sns_server import SnsServer

_WORKERS = 4
_log = logging.getLogger(__name__)


class Mail:
    """The mail services of every account; `stop` ends what was started."""

    def __init__(self, server: Server, clients: Clients) -> None:
        self._behind = server
        self._clients = clients
        self._lock = threading.RLock()
        self._smtp: dict[tuple[str, str], SmtpServer] = {}
        self._to_stop: list[Callable[[], None]] = []

    def smtp(self, account_id: str, region: str) -> tuple[str, int]:
        """Host and port where SES of this account and region receives mail.

        Raises:
            FakeAwsError: SES does not receive there, or aiosmtpd is not installed.
        """
        if not receives(region):
            raise FakeAwsError(f"SES receives no mail in region '{region}'")
        from byoaws.fakeaws.mail.smtp_ingress import Ingress
        from byoaws.fakeaws.mail.smtp_server import SmtpServer

        with self._lock:
            if (account_id, region) not in self._smtp:
                ingress = Ingress(
                    lambda service: self._inside(account_id, service, region), account_id=account_id, region=region
                )
                tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                files = self._behind.certificates
                tls.load_cert_chain(files.certificate, files.key)
                server = SmtpServer(ingress, name=f"inbound-smtp.{region}.amazonaws.com", tls=tls)
                self._to_stop.append(server.stop)
                self._smtp[account_id, region] = server
            return self._smtp[account_id, region].address

    @property
    def ses_endpoint(self) -> str:
        """For AWS_ENDPOINT_URL_SES and AWS_ENDPOINT_URL_SESV2: what is sent there has events."""
        with self._lock:
            return self._front.endpoint

    @property
    def sns(self) -> "SnsDelivery":
        """Deliveries to https endpoints."""
        with self._lock:
            return self._sns[0]

    @property
    def sns_server(self) -> "SnsServer":
        """SNS's own host, for endpoints that verify and confirm."""
        with self._lock:
            return self._sns[1]

    def stop(self) -> None:
        """End all of it; again is harmless."""
        with self._lock:
            while self._to_stop:
                self._to_stop.pop()()

    @cached_property
    def _front(self) -> Front:
        from byoaws.fakeaws.mail.event_destinations import EventDestinations

        destinations = EventDestinations(self._inside, self.sns)
        workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="ses events")

        def publish(message: Any) -> None:
            try:
                destinations.publish(message, self._account_of(message.access_key_id))
            except (ClientError, BotoCoreError) as error:
                _log.warning("the events of '%s' were not published: %s", message.message_id, error)

        def look(asked: Asked, answered: Answered) -> Answered:
            message = sent(asked, answered)
            if message is not None:
                workers.submit(publish, message)
            return with_sending_enabled(asked, answered)

        front = Front(self._behind, look)
        self._to_stop += [lambda: workers.shutdown(cancel_futures=True), front.stop]
        return front

    @cached_property
    def _sns(self) -> "tuple[SnsDelivery, SnsServer]":
        from byoaws.fakeaws.mail.sns_delivery import SnsDelivery
        from byoaws.fakeaws.mail.sns_post import Poster
        from byoaws.fakeaws.mail.sns_server import SnsServer
        from byoaws.fakeaws.mail.sns_signing import Signer

        signer, files = Signer(), self._behind.certificates
        trusted = ssl.create_default_context(cafile=str(files.authority))
        delivery = SnsDelivery(self._inside, Poster(trusted), signer)
        server = SnsServer(delivery, signer, files)
        self._to_stop.append(server.stop)
        return delivery, server

    def _inside(self, account_id: str, service: str, region: str) -> Any:
        """A client that acts as AWS's own services do inside an account: by its root, whom no policy of IAM limits."""
        root = accounts.root_of(account_id, self._behind.root_secret)
        return self._clients.open(root, service, region)

    def _account_of(self, access_key_id: str) -> str:
        if access_key_id.isdigit():
            return access_key_id
        sts = self._inside(accounts.VENDOR_ID, "sts", accounts.HOME_REGION)
        return str(sts.get_access_key_info(AccessKeyId=access_key_id)["Account"])
