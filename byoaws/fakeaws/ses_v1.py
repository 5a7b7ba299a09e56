"""The one call of SES's v1 API that a vendor needs and MiniStack lacks: GetAccountSendingEnabled.

Every request is handed on, so that MiniStack checks its signature and its caller's permissions. Only where it then says
that it knows no such action, the answer is ours: sending is always enabled.
"""

import http.client

from byoaws.fakeaws.server.front import Answered, Asked, Front
from byoaws.fakeaws.server.ministack import Server

_LACKING = b"GetAccountSendingEnabled"
_UNKNOWN = b"<Message>Unknown action: " + _LACKING
_ANSWER = (
    b'<GetAccountSendingEnabledResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">'
    b"<GetAccountSendingEnabledResult><Enabled>true</Enabled></GetAccountSendingEnabledResult>"
    b"<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>"
    b"</GetAccountSendingEnabledResponse>"
)


def with_sending_enabled(asked: Asked, answered: Answered) -> Answered:
    """Answer what MiniStack does not know."""
    if answered.status == http.client.BAD_REQUEST and _UNKNOWN in answered.body:
        return Answered(status=http.client.OK, body=_ANSWER, headers={"Content-Type": "text/xml"})
    return answered


class SesV1(Front):
    """SES's v1 API, whole enough for a vendor; `stop` ends it. Its endpoint is for AWS_ENDPOINT_URL_SES."""

    def __init__(self, behind: Server) -> None:
        super().__init__(behind, with_sending_enabled)
