"""Which of a connection's keys a receiver accepts: one, or two while one takes the other's place."""

from byoaws.model import Connection


def secrets_of(connection: Connection) -> tuple[str, ...]:
    """Return the webhook secrets to accept now, newest first; for `verify_forwarder`.

    Two while `byoaws connections rotate-secret` is under way. None where the secret is not known (yet): accept nothing
    then. Read the connection anew for each post, or every minute: a rotation must be seen before the customer's side
    signs with the new key.
    """
    return tuple(secret for secret in (connection.next_webhook_secret, connection.webhook_secret) if secret is not None)
