"""Where the key comes from that encrypts the secrets in the store: `BYOAWS_KEY`, else a private file.

A key is a Fernet key: 32 random bytes in URL-safe base64. Several may be given, separated by commas: the first
encrypts, all decrypt. No key is ever part of a message or a repr.
"""

import base64
import binascii
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from byoaws.errors import StoreError
from byoaws.store.files import private_directory, publish

VARIABLE = "BYOAWS_KEY"
_KEY_BYTES = 32
_MAKE_ONE = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """One or more keys, and where they came from."""

    source: str
    """As messages name it."""
    values: tuple[str, ...] = field(repr=False)
    """The newest first."""


def parse_keys(text: str, source: str) -> Keys:
    """Read comma-separated keys.

    Raises:
        StoreError: one of them is not a Fernet key; the message says which by its place, not by its text.
    """
    values = tuple(part.strip() for part in text.split(","))
    for number, value in enumerate(values, 1):
        if not _is_key(value):
            which = f"key {number} of {len(values)} in {source}" if len(values) > 1 else f"the key in {source}"
            raise StoreError(f"{which} is {'malformed' if value else 'empty'}", hint=f"make a key with: {_MAKE_ONE}")
    return Keys(source=source, values=values)


def read_key_file(path: Path) -> Keys | None:
    """Read the key file; None where there is none.

    Raises:
        StoreError: it cannot be read, others can read it, or it holds no key.
    """
    source = f"key file '{path}'"
    try:
        with path.open(encoding="utf-8") as file:
            # Of the open file, not of the name: that may point elsewhere a moment later.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        # Without `from`: a decoding error carries what was read.
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise StoreError(f"cannot read {source}: {reason}", hint=f"or set {VARIABLE}") from None
    if mode & 0o077 and os.name == "posix":
        raise StoreError(
            f"{source} can be read or changed by other users (mode {mode:04o})",
            hint=f"chmod 600 '{path}'; if others may have read it, replace the key",
        )
    return parse_keys(text, source)


def make_key_file(path: Path) -> Keys:
    """Write a new key to `path` with mode 0600, or read the one that another process wrote there first.

    Raises:
        StoreError: it cannot be written, or what is there cannot be read.
    """
    try:
        private_directory(path.parent)
        publish(path, _write_new_key)
    except OSError as error:
        raise StoreError(f"cannot write key file '{path}': {error.strerror}", hint=f"or set {VARIABLE}") from error
    keys = read_key_file(path)
    if keys is None:
        raise StoreError(f"key file '{path}' vanished as it was made", hint="try again")
    return keys


def _write_new_key(path: Path) -> None:
    path.write_bytes(base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)) + b"\n")


def _is_key(text: str) -> bool:
    # Stricter than Fernet, which skips characters that are not base64; and it spares the import of cryptography.
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False
