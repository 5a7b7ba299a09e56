"""Settings: read once from the environment, frozen, and handed to the factory. Nothing else reads the environment."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_VENDOR = "mailmark"
DEFAULT_REGION = "us-east-1"
VENDOR_FILE = "byoaws.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says."""

    env: Mapping[str, str] = field(repr=False)
    """The environment itself, for `${VAR}` in vendor files."""
    vendor: str
    """Name or path of the vendor file."""
    vendor_chosen_by: str
    """How `vendor` was chosen, for people; empty if it was asked for."""
    store_url: str
    data_dir: Path
    """Holds the default store and its key file."""
    store_key: str | None = field(repr=False)
    """BYOAWS_KEY."""
    region: str
    """For commands without --region."""
    profile: str | None
    """AWS profile of the vendor's own credentials; None is the standard chain."""


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
    data_dir = _data_dir(env)
    return Settings(
        env=env,
        vendor=name,
        vendor_chosen_by=chosen_by,
        store_url=store or env.get("BYOAWS_STORE") or f"sqlite:///{data_dir / 'byoaws.sqlite3'}",
        data_dir=data_dir,
        store_key=env.get("BYOAWS_KEY"),
        region=env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or DEFAULT_REGION,
        profile=profile,
    )


def _vendor(env: Mapping[str, str], cwd: Path, given: str | None) -> tuple[str, str]:
    if given:
        return given, ""
    if (cwd / VENDOR_FILE).is_file():
        return f"./{VENDOR_FILE}", f"./{VENDOR_FILE}"
    if env.get("BYOAWS_VENDOR"):
        return env["BYOAWS_VENDOR"], "BYOAWS_VENDOR"
    return DEFAULT_VENDOR, "the default"


def _data_dir(env: Mapping[str, str]) -> Path:
    if env.get("BYOAWS_DATA_DIR"):
        return Path(env["BYOAWS_DATA_DIR"])
    home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "byoaws"
    return Path(env.get("XDG_DATA_HOME") or home / ".local" / "share") / "byoaws"
