"""An embedded AWS to play with: started, and told of in lines that a shell understands."""

from dataclasses import dataclass
from shlex import quote

from byoaws.fakeaws.accounts import HOME_REGION
from byoaws.fakeaws.embedded import EmbeddedAws, start
from byoaws.fakeaws.interface import Account
from byoaws.fakeaws.server.ministack import HOST

# Each would be asked before, or beside, the variables that are set.
_UNSET = "unset AWS_PROFILE AWS_SESSION_TOKEN"
_PROXY = ("NO_PROXY", "no_proxy")
"""Added to, since the user's own exceptions still hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running embedded AWS, and what to print."""

    aws: EmbeddedAws
    """Stop it when done."""
    lines: tuple[str, ...]
    """Shell commands and comments. The keys in them work nowhere else, and die with the process."""


def serve(*, port: int | None = None) -> Served:
    """Start an embedded AWS on `port` of 127.0.0.1, or on a free one.

    Raises:
        FakeAwsError: it is not installed, the port is taken, or it did not start.
    """
    aws = start(port=port)
    try:
        return Served(aws=aws, lines=_lines(aws))
    except BaseException:
        aws.stop()
        raise


def _lines(aws: EmbeddedAws) -> tuple[str, ...]:
    host, smtp = aws.smtp(aws.customer, HOME_REGION)
    _, sns = aws.mail.sns_server.address
    return (
        f"# embedded AWS at {aws.endpoint}; it forgets everything when it ends",
        f"# mail by SMTP to {host}:{smtp} is received as by SES in {HOME_REGION} of account {aws.customer.account_id}",
        f"# the host of SNS's signing certificates, in any region, is played at {host}:{sns}",
        f"# the vendor, account {aws.vendor.account_id}: may assume roles, and nothing else",
        *exports(aws, aws.vendor),
        "#",
        f"# the customer, account {aws.customer.account_id}: to become its administrator, uncomment these",
        *(f"# {line}" for line in exports(aws, aws.customer)),
    )


def exports(aws: EmbeddedAws, account: Account) -> list[str]:
    """Shell commands that make the AWS CLI and every SDK act as `account` of the embedded AWS."""
    settings = {name: value for name, value in aws.environment(account).items() if value and name not in _PROXY}
    return [
        _UNSET,
        *(f"export {name}={quote(value)}" for name, value in settings.items()),
        # Of what is sent here, there are events.
        *(f"export AWS_ENDPOINT_URL_{service}={aws.mail.ses_endpoint}" for service in ("SES", "SESV2")),
        f"export AWS_ENDPOINT_URL_MAILMANAGER={aws.mail_manager.endpoint}",
        *(f'export {name}="{HOST}${{{name}:+,${name}}}"' for name in _PROXY),
    ]
