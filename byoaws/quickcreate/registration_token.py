"""One-time tokens by which a customer's stack proves that it was made from the link of its connection.

A link must carry the token in plain text. So it is worth little: it proves one stack's first report, for a day, and
what that report says is verified all the same. We keep nothing but its hash.
"""

import re

PREFIX = "once_"
_BYTES = 32
PATTERN = re.compile(r"once_[A-Za-z0-9_-]{43}", re.ASCII)
HOURS = 24
"""For which a token is accepted, unless somebody says otherwise."""
MOST_HOURS = 168


def mint() -> str:
    """Return a fresh token of 256 random bits."""
    import secrets

    return PREFIX + secrets.token_urlsafe(_BYTES)


def fingerprint(token: str) -> str:
    """Return the SHA-256 of a token, in hexadecimal: enough to know it again, since it is random."""
    import hashlib  # loads OpenSSL: a sixth of `byoaws --help`, whose options need only the hours

    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
