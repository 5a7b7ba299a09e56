"""Is the key at hand the store's key? A known text, sealed in the store, tells before anything is read or written.

A store without secrets has no such text and needs no key: losing a key then costs nothing, and a second machine can
work without one. The first secret settles which key the store has, in the transaction that writes it.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from byoaws.errors import KeyMissing
from byoaws.store.database import Database
from byoaws.store.rows import SECRETS
from byoaws.store.schema import connections, meta
from byoaws.store.vault import Vault

_NAME = "key-check"
_PLACE = f"meta/{_NAME}"
_TEXT = "this key opens this store"
_SELECT = sa.select(meta.c.value).where(meta.c.name == _NAME)


def place_of_secret(connection_id: str, column: str = "webhook_secret") -> str:
    """Where a connection's webhook secret is kept, as its token is bound to it."""
    return f"connections/{connection_id}/{column}"


def check_key(database: Database, vault: Vault) -> None:
    """See at opening whether the store's secrets can be opened; seal them anew if a newer key was put before theirs.

    Raises:
        KeyMissing: the store holds secrets and no key is here, or the key is another one.
    """
    with database.reading("open") as transaction:
        token = transaction.execute(_SELECT).scalar_one_or_none()
    if token is None:
        return
    vault.open(token, _PLACE)
    if not vault.is_newest(token):
        with database.writing("seal with the newest key the secrets of") as transaction:
            _seal_anew(transaction, vault)


def require_key(transaction: sa.Connection, vault: Vault) -> None:
    """Before a secret is sealed: have a key, and be sure that it is the store's until the transaction ends.

    Call it before any row is locked: `_seal_anew` takes its locks in that order too.

    Raises:
        KeyMissing: the store's secrets are under another key by now.
    """
    # FOR SHARE: writers do not wait for each other, but whoever changes the key waits for them, and they for it.
    shared = _SELECT.with_for_update(read=True)
    token = transaction.execute(shared).scalar_one_or_none()
    if token is None:
        _settle(transaction, vault)
        token = transaction.execute(shared).scalar_one()
    vault.open(token, _PLACE)


def _settle(transaction: sa.Connection, vault: Vault) -> None:
    """Decide which key this store has; if another process decides at the same time, the first one's word holds."""
    # One statement, so one moment: between two, another process may settle it and write its first secret.
    no_check = ~sa.exists().where(meta.c.name == _NAME)
    secrets = sa.exists().where(sa.or_(*(connections.c[name].is_not(None) for name in SECRETS)))
    if transaction.execute(sa.select(no_check & secrets)).scalar_one():
        raise KeyMissing(
            "the store holds encrypted secrets, but not the value that tells which key is theirs",
            hint="part of the database was lost; restore it from a backup",
        )
    vault.require_key()
    dialect = sqlite if transaction.dialect.name == "sqlite" else postgresql
    row = {"name": _NAME, "value": vault.seal(_TEXT, _PLACE)}
    transaction.execute(dialect.insert(meta).values(row).on_conflict_do_nothing())


def _seal_anew(transaction: sa.Connection, vault: Vault) -> None:
    check = transaction.execute(_SELECT.with_for_update()).scalar_one()
    if vault.is_newest(check):
        return
    table = connections.c
    held = sa.or_(*(table[name].is_not(None) for name in SECRETS))
    rows = sa.select(table.id, *(table[name] for name in SECRETS)).where(held).with_for_update()
    for row in transaction.execute(rows).mappings().all():
        places = {name: place_of_secret(row["id"], name) for name in SECRETS if row[name] is not None}
        anew_by_name = {name: vault.seal(vault.open(row[name], place), place) for name, place in places.items()}
        transaction.execute(sa.update(connections).where(table.id == row["id"]).values(anew_by_name))
    anew = vault.seal(vault.open(check, _PLACE), _PLACE)
    transaction.execute(sa.update(meta).where(meta.c.name == _NAME).values(value=anew))
