"""Webhook secrets, in the form that Standard Webhooks libraries take: `whsec_` and base64."""

import base64
import re
import secrets

PREFIX = "whsec_"
_BYTES = 32
PATTERN = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}", re.ASCII)
"""24 to 64 bytes of key, as the Standard Webhooks specification asks."""


def mint() -> str:
    """Return a fresh secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")
