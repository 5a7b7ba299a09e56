"""A store's URL, taken apart and checked, with a form of it that is fit to be shown."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from byoaws.errors import StoreMissing, UsageError

_EXAMPLES = "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
_SQLITE = ("sqlite://", "sqlite+pysqlite://")
_POSTGRESQL = ("postgresql", "postgresql+psycopg")
# libpq's parameters that are secrets. In a query they would be shown, and logged, with the rest of the URL.
_SECRETS = frozenset(("password", "sslpassword", "oauth_client_secret"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a store is."""

    url: URL = field(repr=False)
    """With the driver that byoaws uses, and the password."""
    shown: str
    """Without password and query: the only form that messages hold."""
    path: Path | None
    """Absolute, of a SQLite file; None for PostgreSQL."""


def parse(url: str) -> Address:
    """Take a store's URL apart.

    Raises:
        UsageError: not a URL, not a database byoaws knows, or a secret where it would be shown.
    """
    if url.startswith(_SQLITE):
        return _sqlite(url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Neither the text nor the original error: either may hold the password.
        raise UsageError("the store's URL cannot be read", hint=_EXAMPLES) from None
    shown = parsed.set(query={}).render_as_string(hide_password=True)
    if parsed.drivername in _POSTGRESQL:
        return _postgresql(parsed, shown)
    raise UsageError(f"no store for '{parsed.drivername}' databases, as in '{shown}'", hint=_EXAMPLES)


def require_store(url: str) -> None:
    """Refuse the URL of a SQLite file that is not there: opened, a mistyped path would become an empty store.

    Any other URL passes: a server has no database that nobody made.

    Raises:
        StoreMissing: there is no such file.
        UsageError: as `parse`.
    """
    path = parse(url).path if url.startswith(_SQLITE) else None
    if path is None:
        return
    try:
        path.stat()
    except FileNotFoundError:
        raise StoreMissing(
            f"there is no store at '{path}'",
            hint="correct the path (--store, BYOAWS_STORE); byoaws connect makes a store with its first connection",
        ) from None
    except OSError:
        return  # there may be one: whoever opens it says what is wrong


def _sqlite(url: str) -> Address:
    # By hand: SQLAlchemy 2.1 decodes %XX in a path and 2.0 does not, and a home directory may hold any character.
    shown, _, query = url.partition("?")
    host, slash, name = shown.partition("://")[2].partition("/")
    if host or query:
        raise UsageError(f"'{shown}' is not the URL of a SQLite file", hint="expected sqlite:///PATH and nothing more")
    if not slash or name in ("", ":memory:"):
        raise UsageError("a store in memory would forget its connections", hint="name a file: sqlite:///PATH")
    try:
        path = Path(name).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"'{shown}' does not name a file: {error}", hint="name a file: sqlite:///PATH") from error
    return Address(url=URL.create("sqlite", database=str(path)), shown=shown, path=path)


def _postgresql(url: URL, shown: str) -> Address:
    if secrets := sorted(_SECRETS & url.query.keys()):
        raise UsageError(
            f"the URL of store '{shown}' holds a secret in its query ('{secrets[0]}')",
            hint="put the password between user and host, or into PGPASSWORD or a .pgpass file",
        )
    return Address(url=url.set(drivername="postgresql+psycopg"), shown=shown, path=None)
