"""The customer's side of a webhook secret: where it is kept, what it holds, and what the role may do with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from byoaws.aws.interface import CustomerAws
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, NotFound, UsageError
from byoaws.model import Connection
from byoaws.quickcreate import webhook_secret
from byoaws.quickcreate.secret_port import WebhookSecrets
from byoaws.regions import partition_of

READ_PACK, WRITE_PACK = "webhook-secret-read", "webhook-secret-write"
LOGICAL_ID = "WebhookSigningSecret"
"""Of the secret in the stack."""
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):secretsmanager:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):secret:"
    r"[A-Za-z0-9/_+=.@-]{1,512}",
    re.ASCII,
)

SecretsUnder = Callable[[CustomerAws], WebhookSecrets]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the customer's secret holds."""

    arn: str
    keys: tuple[str, ...] = field(repr=False)
    """Newest first; at least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why it could not be read, and what to do. Neither holds a secret."""

    why: str
    todo: str
    arn: str | None = None
    """Where it is, if that much is known."""


def check_arn(arn: str, connection: Connection) -> str:
    """Return the ARN if it is of a secret in the connection's own account and region.

    Another's would be read with the role's rights, and would pass for this customer's key.

    Raises:
        UsageError: it is not.
    """
    if _ARN.fullmatch(arn) is None:
        raise UsageError(
            f"'{arn[:120]}' is not the ARN of a secret", hint="give the WebhookSecretArn output of the stack"
        )
    if not is_of(arn, connection):
        raise UsageError(
            f"the secret {arn} is not in account {connection.account_id or '(not known yet)'}, region "
            f"{connection.region}, of connection '{connection.id}'",
            hint="give the WebhookSecretArn output of this connection's stack",
        )
    return arn


def is_of(arn: str, connection: Connection) -> bool:
    """True for the ARN of a secret in the connection's own account and region."""
    found = _ARN.fullmatch(arn)
    if found is None:
        return False
    there = (found["partition"], found["region"], found["account"])
    return there == (partition_of(connection.region).name, connection.region, connection.account_id)


def look(secrets: WebhookSecrets, connection: Connection, given_arn: str | None) -> Held | Unread:
    """Read what the customer's secret holds; why not, if AWS does not let us.

    Raises:
        UsageError: the ARN given is not in the connection's account.
    """
    arn = check_arn(given_arn, connection) if given_arn else connection.secret_arn
    place = arn or _found(secrets, connection)
    if isinstance(place, Unread):
        return place
    try:
        stored = secrets.read(place)
        check_arn(stored.arn, connection)
        return Held(arn=stored.arn, keys=webhook_secret.keys_in(stored.text))
    except AccessDenied as error:
        return Unread(why=f"the role may not read it ({_said(error)})", todo=lacks(READ_PACK), arn=arn)
    except AwsError as error:
        return Unread(why=str(error), todo=error.hint or "try again", arn=arn)
    except ValueError as error:
        return Unread(
            why=f"what is there is no webhook secret: {error}",
            todo="the customer puts the stack's own value back, or a new key of 32 random bytes in base64",
            arn=arn,
        )


def _found(secrets: WebhookSecrets, connection: Connection) -> str | Unread:
    give = "give --secret-arn, with the WebhookSecretArn output of the stack"
    if connection.stack_name is None:
        return Unread(why="the stack's name is not known", todo=give)
    try:
        return secrets.find(connection.stack_name, LOGICAL_ID)
    except AccessDenied as error:
        return Unread(why=f"the role may not look for it ({_said(error)})", todo=f"{lacks(READ_PACK)}; or {give}")
    except (NotFound, InvalidRequest) as error:
        return Unread(why=f"stack '{connection.stack_name}' does not have it ({_said(error)})", todo=give)
    except AwsError as error:
        return Unread(why=str(error), todo=error.hint or "try again")


def lacks(pack: str) -> str:
    """Return what to do about a pack that the role lacks."""
    return (
        f"the role needs the pack '{pack}': add it to packs in the vendor file, and have the customer update the stack"
    )


def _said(error: AwsError) -> str:
    return error.aws_message or error.code or error.message
