"""Settings come from a mapping and the command line; what is missing has a default, or is told of when it is wanted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from byoaws.errors import UsageError
from byoaws.settings import Settings, read_settings

HOME = {"HOME": "/home/me"}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Settings]:
    return lambda env, **given: read_settings(env, cwd=tmp_path, **given)


@pytest.mark.parametrize(
    ("env", "file", "given", "vendor", "chosen_by"),
    [
        ({}, False, None, "mailmark", "the default"),
        ({"BYOAWS_VENDOR": "acme"}, False, None, "acme", "BYOAWS_VENDOR"),
        ({"BYOAWS_VENDOR": ""}, False, None, "mailmark", "the default"),
        ({"BYOAWS_VENDOR": "acme"}, True, None, "./byoaws.yaml", "./byoaws.yaml"),
        ({"BYOAWS_VENDOR": "acme"}, True, "other.yaml", "other.yaml", ""),
    ],
    ids=["default", "environment", "empty", "file-wins", "command-line-wins"],
)
def test_vendor(
    env: dict[str, str],
    file: bool,
    given: str | None,
    vendor: str,
    chosen_by: str,
    tmp_path: Path,
    read: Callable[..., Settings],
) -> None:
    if file:
        (tmp_path / "byoaws.yaml").write_text("")
    found = read(HOME | env, vendor=given)
    assert (found.vendor, found.vendor_chosen_by) == (vendor, chosen_by)


def test_a_vendor_file_that_leads_nowhere_is_not_passed_over(tmp_path: Path, read: Callable[..., Settings]) -> None:
    (tmp_path / "byoaws.yaml").symlink_to(tmp_path / "gone.yaml")
    assert read(HOME).vendor == "./byoaws.yaml"


@pytest.mark.parametrize(
    ("env", "directory"),
    [
        (HOME, "/home/me/.local/share/byoaws"),
        (HOME | {"XDG_DATA_HOME": "/data"}, "/data/byoaws"),
        (HOME | {"XDG_DATA_HOME": ""}, "/home/me/.local/share/byoaws"),
        (HOME | {"XDG_DATA_HOME": "relative"}, "/home/me/.local/share/byoaws"),
        (HOME | {"XDG_DATA_HOME": "/data", "BYOAWS_DATA_DIR": "/mine"}, "/mine"),
    ],
    ids=["home", "xdg", "xdg-empty", "xdg-relative-is-ignored", "our-own"],
)
def test_data_directory(
    env: dict[str, str], directory: str, read: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    found = read(env)
    assert found.data_dir == Path(directory)
    assert found.store_url == f"sqlite:///{directory}/byoaws.sqlite3"


def test_data_directory_of_a_mac(read: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert read(HOME).data_dir == Path("/home/me/Library/Application Support/byoaws")


def test_without_a_home_only_the_default_store_is_missing(
    read: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown_user() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown_user)
    found = read({})
    with pytest.raises(UsageError) as refused:
        _ = found.store_url
    assert "HOME" in refused.value.hint
    assert read({}, store="postgresql://h/d").store_url == "postgresql://h/d"


@pytest.mark.parametrize(
    ("env", "given", "url"),
    [
        ({"BYOAWS_STORE": "postgresql://h/d"}, None, "postgresql://h/d"),
        ({"BYOAWS_STORE": "postgresql://h/d"}, "sqlite:////x", "sqlite:////x"),
        ({"BYOAWS_STORE": ""}, None, "sqlite:////home/me/.local/share/byoaws/byoaws.sqlite3"),
    ],
    ids=["environment", "command-line-wins", "empty"],
)
def test_store(env: dict[str, str], given: str | None, url: str, read: Callable[..., Settings]) -> None:
    assert read(HOME | env, store=given).store_url == url


@pytest.mark.parametrize(
    ("env", "region"),
    [
        ({}, "us-east-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
    ],
    ids=["default", "older-name", "newer-name-wins", "empty"],
)
def test_region(env: dict[str, str], region: str, read: Callable[..., Settings]) -> None:
    assert read(HOME | env).region == region


def test_an_empty_key_is_not_replaced_by_a_new_one(read: Callable[..., Settings]) -> None:
    assert read(HOME).store_key is None
    assert read(HOME | {"BYOAWS_KEY": ""}).store_key == ""


def test_no_secret_in_the_repr(read: Callable[..., Settings]) -> None:
    env = HOME | {
        "BYOAWS_KEY": "hunter2",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "BYOAWS_STORE": "postgresql://me:hunter2@h/d",
    }
    assert "hunter2" not in repr(read(env))


@pytest.mark.parametrize(
    ("env", "folder"),
    [
        (HOME, "/home/me/.cache/byoaws"),
        ({**HOME, "XDG_CACHE_HOME": "/cache"}, "/cache/byoaws"),
        ({**HOME, "XDG_CACHE_HOME": ""}, "/home/me/.cache/byoaws"),
        ({**HOME, "XDG_CACHE_HOME": "relative"}, "/home/me/.cache/byoaws"),
        ({"XDG_CACHE_HOME": "/cache"}, "/cache/byoaws"),
    ],
    ids=["home", "xdg", "empty", "relative", "no home"],
)
def test_cache_directory(env: dict[str, str], folder: str, read: Callable[..., Settings]) -> None:
    assert read(env).cache_dir == Path(folder)


def test_no_home_no_cache(read: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nowhere)
    assert read({}).cache_dir is None
