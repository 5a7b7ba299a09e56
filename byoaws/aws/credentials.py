"""Credentials as a value: what AssumeRole hands out."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryCredentials:
    """What AssumeRole hands out; no part of it is shown."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be in no message."""
        # Not the access key's id, which is no secret: in the embedded AWS it may be the account's number, and messages
        # would lose that. Real ids are taken out by their shape.
        return tuple(part for part in (self.secret_access_key, self.session_token) if part)
