"""Webhook secrets, in the form that Standard Webhooks libraries take: `whsec_` and base64."""

import base64
import re
import secrets

PREFIX = "whsec_"
_BYTES, _SHORTEST, _LONGEST = 32, 24, 64
PATTERN = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}", re.ASCII)
"""24 to 64 bytes of key, as the Standard Webhooks specification asks."""


def mint() -> str:
    """Return a fresh secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def keys_in(text: str) -> tuple[str, ...]:
    """Return the keys that a secret's text holds, separated by white space, each as `mint` writes it; none twice.

    Raises:
        ValueError: one is no key of 24 to 64 bytes, or there is none. The message holds nothing of the text.
    """
    return tuple(dict.fromkeys(_canonical(part) for part in text.split())) or _none()


def _canonical(part: str) -> str:
    # A stack's own generated secret is letters and digits alone: base64 without prefix and padding.
    bare = part.removeprefix(PREFIX).rstrip("=")
    try:
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        raise ValueError("a part of it is not base64") from None
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"a key in it is {len(key)} bytes long, and {_SHORTEST} to {_LONGEST} are allowed")
    return PREFIX + base64.b64encode(key).decode("ascii")


def _none() -> tuple[str, ...]:
    raise ValueError("it is empty")
