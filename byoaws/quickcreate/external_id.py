"""ExternalIds: minted here and nowhere else.

An ExternalId is not a secret: whoever may read the role can read it. What matters is that the vendor mints it, that
it is unique to one connection, and that the customer cannot choose it. Source: IAM user guide, "Access to AWS
accounts owned by third parties".
"""

import re
import secrets

from byoaws.errors import UsageError

MINIMUM_BYTES = 24
MAXIMUM_LENGTH = 1224
# Source: botocore sts, shape externalIdType: 2 to 1224 characters.
_PATTERN = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def mint(*, prefix: str = "", size: int = MINIMUM_BYTES) -> str:
    """Return a fresh ExternalId: `prefix` and `size` random bytes (24 or more) in hexadecimal.

    Raises:
        UsageError: fewer than 24 bytes, or a prefix AWS does not allow.
    """
    if size < MINIMUM_BYTES:
        raise UsageError(f"an ExternalId needs at least {MINIMUM_BYTES} random bytes, not {size}")
    return check(prefix + secrets.token_hex(size))


def check(text: str) -> str:
    """Return `text` if AWS allows it as an ExternalId.

    Raises:
        UsageError: wrong length or characters; the text is shown, since it is no secret.
    """
    if _PATTERN.fullmatch(text):
        return text
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    raise UsageError(
        f"'{shown}' is not an ExternalId AWS allows",
        hint=f"2 to {MAXIMUM_LENGTH} characters out of letters, digits and _+=,.@:/-",
    )
