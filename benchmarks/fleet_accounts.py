"""The accounts of the fleet: what each is called, and what signs for it. All of it follows from its number."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

REGION = "us-east-1"
VENDOR_ACCOUNT = "111122223333"
VENDOR_KEY = "AKIAFLEETVENDOR00001"
VENDOR_SECRET = hashlib.sha256(b"fleet vendor").hexdigest()[:40]
FIRST = 200_000_000_000
ROLE = "fleet"


@dataclass(frozen=True, slots=True)
class Account:
    """One customer's account."""

    id: str

    @property
    def role_arn(self) -> str:
        """The role that the vendor assumes."""
        return f"arn:aws:iam::{self.id}:role/{self.name}"

    @property
    def external_id(self) -> str:
        """What its trust policy asks for."""
        return f"byoaws-acme-{self.id}"

    @property
    def name(self) -> str:
        """Of its role, its bucket, its configuration set: no other account has anything of that name."""
        return f"{ROLE}-{self.id}"

    @property
    def key(self) -> str:
        """Access key id of the role's session."""
        return f"ASIAFLEE{self.id}"

    @property
    def secret(self) -> str:
        """Secret access key of the role's session."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:40]

    @property
    def token(self) -> str:
        """Session token of the role's session; as long as AWS's."""
        return f"FwoGZXIvYXdz{self.id}" + "x" * 300


@lru_cache(maxsize=4096)
def account_of_key(key: str) -> Account | None:
    """Return the account that an access key signs for; None for the vendor's, and for strange ones."""
    return Account(key[8:]) if key.startswith("ASIAFLEE") and len(key) == 20 else None


def accounts(count: int, start: int = 0) -> list[Account]:
    """Return so many accounts, in order."""
    return [Account(str(FIRST + start + number)) for number in range(count)]
