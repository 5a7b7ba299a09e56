"""Secrets at rest: Fernet (AES-128-CBC and HMAC-SHA256), each token bound to the place that it is kept in.

The binding means that a token moved to another row by hand does not open there. Nothing here touches the database.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from byoaws.errors import KeyMissing, StoreError
from byoaws.store.keys import VARIABLE, Keys, make_key_file, parse_keys, read_key_file

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Vault:
    """Seals and opens the secrets of one store, with the keys of `BYOAWS_KEY` (`key`) or else of the key file.

    Raises:
        StoreError: `key` or the key file holds something that is not a key, or others can read the file.
    """

    def __init__(self, *, key: str | None, key_file: Path, store: str) -> None:
        self._store = store
        self._key_file = key_file
        self._keys = read_key_file(key_file) if key is None else parse_keys(key, VARIABLE)

    def require_key(self) -> None:
        """Make the key file if no key is here. Only for a store that holds nothing encrypted yet.

        Raises:
            StoreError: the file cannot be written.
        """
        if self._find_keys() is None:
            self._keys = make_key_file(self._key_file)

    def seal(self, text: str, place: str) -> str:
        """Encrypt `text` with the newest key; the token opens only for the same `place`."""
        return self._fernets()[0].encrypt(f"{place}\0{text}".encode()).decode()

    def open(self, token: str, place: str) -> str:
        """Decrypt a token with whichever key fits.

        Raises:
            KeyMissing: no key is here, or none fits.
            StoreError: the token was sealed for another place.
        """
        for fernet in self._fernets():
            if (plain := _decrypt(fernet, token)) is not None:
                break
        else:
            source = self._keys.source if self._keys else ""
            raise KeyMissing(
                f"{source} does not open '{place}' in store '{self._store}': it is not the key that sealed it",
                hint=self._way_out(),
            )
        kept, _, text = plain.partition("\0")
        if kept != place:
            raise StoreError(
                f"the secret in '{place}' of store '{self._store}' was sealed for '{kept}'",
                hint="somebody changed the database by hand; restore it from a backup",
            )
        return text

    def is_newest(self, token: str) -> bool:
        """True if the newest key sealed this token."""
        return _decrypt(self._fernets()[0], token) is not None

    def _find_keys(self) -> Keys | None:
        """The keys; another process may have made the key file after this one opened the store."""
        if self._keys is None:
            self._keys = read_key_file(self._key_file)
        return self._keys

    def _fernets(self) -> tuple["Fernet", ...]:
        # 15 ms that a store without secrets never pays.
        from cryptography.fernet import Fernet

        keys = self._find_keys()
        if keys is None:
            raise KeyMissing(
                f"store '{self._store}' holds encrypted secrets, and the key for them is not here", hint=self._way_out()
            )
        return tuple(Fernet(value) for value in keys.values)

    def _way_out(self) -> str:
        return (
            f"set {VARIABLE} to the key that this store is used with elsewhere or was first used with, "
            f"or put its key file back at '{self._key_file}'"
        )


def _decrypt(fernet: "Fernet", token: str) -> str | None:
    from cryptography.fernet import InvalidToken

    try:
        # As bytes: text that is not ASCII would be a ValueError instead.
        return fernet.decrypt(token.encode()).decode()
    except InvalidToken:
        return None
