"""SNS's own host in every region, as far as endpoints of subscriptions go there: certificate and confirmation.

It listens on loopback with a certificate for `sns.REGION.amazonaws.com`, which is in no DNS: clients connect to the
address and check the name.
"""

import ssl
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from byoaws.fakeaws.mail.sns_signing import Signer
from byoaws.fakeaws.server.certificates import Certificates
from byoaws.fakeaws.server.https_server import HttpsServer, QuietHandler
from byoaws.webhooks.aws_get import get

if TYPE_CHECKING:
    from byoaws.fakeaws.mail.sns_delivery import SnsDelivery

_XMLNS = "http://sns.amazonaws.com/doc/2010-03-31/"


class SnsServer:
    """A server on loopback; `stop` ends it."""

    def __init__(self, delivery: "SnsDelivery", signer: Signer, files: Certificates) -> None:
        self._server = HttpsServer(_handler(delivery, signer), certificate=files.of_aws)
        self._trusted = ssl.create_default_context(cafile=str(files.authority))

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self._server.address

    def fetch(self, url: str) -> bytes:
        """Get a URL at SNS's host: for `byoaws.webhooks.Certificates` and `confirm_subscription`."""
        return get(url, context=self._trusted, address=self.address)

    def stop(self) -> None:
        """End it; again is harmless."""
        self._server.stop()


def _handler(delivery: "SnsDelivery", signer: Signer) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            if place.path == signer.path:
                self.answer(200, signer.certificate, Content_Type="application/x-pem-file")
                return
            asked = dict(parse_qsl(place.query))
            if place.path != "/" or asked.get("Action") != "ConfirmSubscription":
                self._refuse(400, "InvalidAction")
                return
            subscription = delivery.confirm(asked.get("TopicArn", ""), asked.get("Token", ""))
            if subscription is None:
                self._refuse(400, "InvalidParameter")
                return
            result = f"<SubscriptionArn>{subscription}</SubscriptionArn>"
            self._answer_xml(
                200, f"<ConfirmSubscriptionResult>{result}</ConfirmSubscriptionResult>", "ConfirmSubscription"
            )

        def _refuse(self, status: int, code: str) -> None:
            self._answer_xml(status, f"<Error><Type>Sender</Type><Code>{code}</Code></Error>", "Error")

        def _answer_xml(self, status: int, inner: str, name: str) -> None:
            text = f'<{name}Response xmlns="{_XMLNS}">{inner}</{name}Response>'
            self.answer(status, text.encode(), Content_Type="text/xml")

    return Handler
