"""Settings: read once from the environment, frozen, and handed to the factory. Nothing else reads the environment."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from byoaws.errors import UsageError

DEFAULT_VENDOR = "mailmark"
DEFAULT_REGION = "us-east-1"
VENDOR_FILE = "byoaws.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. A variable that is set to nothing counts as not set, except for BYOAWS_KEY."""

    env: Mapping[str, str] = field(repr=False)
    """The environment itself, for `${VAR}` in vendor files."""
    vendor: str
    """Name or path of the vendor file."""
    vendor_chosen_by: str
    """How `vendor` was chosen, for people; empty if it was asked for."""
    store_given: str | None = field(repr=False)
    """The store's URL, where one was asked for; it may hold a password."""
    data_dir_found: Path | None
    """None where there is no home directory; most commands need none."""
    cache_dir: Path | None
    """Holds what can be made again; None where there is no home directory."""
    store_key: str | None = field(repr=False)
    """BYOAWS_KEY; an empty one is kept, and refused by the store: a key file made in its place could be lost."""
    region: str
    """For commands without --region."""
    profile: str | None
    """AWS profile of the vendor's own credentials; None is the standard chain."""

    @property
    def data_dir(self) -> Path:
        """Holds the default store and its key file.

        Raises:
            UsageError: this user has no home directory, and nothing else was named.
        """
        if self.data_dir_found is None:
            raise UsageError("there is no home directory to keep connections in", hint="set HOME or BYOAWS_DATA_DIR")
        return self.data_dir_found

    @property
    def store_url(self) -> str:
        """Where connections are kept; raises UsageError as `data_dir` does."""
        return self.store_given or f"sqlite:///{self.data_dir / 'byoaws.sqlite3'}"


def read_settings(
    env: Mapping[str, str],
    *,
    cwd: Path,
    vendor: str | None = None,
    store: str | None = None,
    profile: str | None = None,
) -> Settings:
    """Build the settings from an environment and what was given on the command line, which wins."""
    name, chosen_by = _vendor(env, cwd, vendor)
    return Settings(
        env=env,
        vendor=name,
        vendor_chosen_by=chosen_by,
        store_given=store or env.get("BYOAWS_STORE") or None,
        data_dir_found=_data_dir(env),
        cache_dir=_cache_dir(env),
        store_key=env.get("BYOAWS_KEY"),
        region=env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or DEFAULT_REGION,
        profile=profile,
    )


def _vendor(env: Mapping[str, str], cwd: Path, given: str | None) -> tuple[str, str]:
    if given:
        return given, ""
    # Whatever is there by that name was meant: a directory, or a link that leads nowhere, is a mistake to be told of.
    if (cwd / VENDOR_FILE).exists() or (cwd / VENDOR_FILE).is_symlink():
        return f"./{VENDOR_FILE}", f"./{VENDOR_FILE}"
    if env.get("BYOAWS_VENDOR"):
        return env["BYOAWS_VENDOR"], "BYOAWS_VENDOR"
    return DEFAULT_VENDOR, "the default"


def _data_dir(env: Mapping[str, str]) -> Path | None:
    if env.get("BYOAWS_DATA_DIR"):
        return Path(env["BYOAWS_DATA_DIR"])
    xdg = Path(env.get("XDG_DATA_HOME") or "")
    # Source: XDG Base Directory Specification: a relative path is to be ignored.
    if xdg.is_absolute() and sys.platform != "darwin":
        return xdg / "byoaws"
    home = _home(env)
    if home is None:
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "byoaws"
    return home / ".local" / "share" / "byoaws"


def _cache_dir(env: Mapping[str, str]) -> Path | None:
    xdg, home = Path(env.get("XDG_CACHE_HOME") or ""), _home(env)
    if xdg.is_absolute():  # as above
        return xdg / "byoaws"
    return home / ".cache" / "byoaws" if home else None


def _home(env: Mapping[str, str]) -> Path | None:
    if env.get("HOME"):
        return Path(env["HOME"])
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and a user whom the system does not know: usual in containers
        return None
