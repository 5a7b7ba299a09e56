"""Entry points: the quick look never says "nobody" where `importlib.metadata` finds somebody."""

import importlib.metadata
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from byoaws.entry_points import added

GROUP = "byoaws.probes"
TEXT = f"[console_scripts]\nacme = acme:main\n\n[{GROUP}]\nmine = acme.probes:MINE\n"
METADATA = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n"


def _described(folder: Path, name: str, metadata: str = "METADATA") -> Path:
    place = folder / name
    place.mkdir(parents=True)
    (place / metadata).write_text(METADATA)
    (place / "entry_points.txt").write_text(TEXT)
    return folder


def _dist_info(folder: Path) -> Path:
    return _described(folder, "acme-1.0.dist-info")


def _upper_case(folder: Path) -> Path:
    return _described(folder, "Acme-1.0.DIST-INFO")


def _egg_info(folder: Path) -> Path:
    return _described(folder, "acme.egg-info", "PKG-INFO")


def _egg(folder: Path) -> Path:
    return _described(folder / "acme-1.0-py3.11.egg", "EGG-INFO", "PKG-INFO")


def _archive(folder: Path) -> Path:
    path = folder / "acme.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("acme-1.0.dist-info/METADATA", METADATA)
        archive.writestr("acme-1.0.dist-info/entry_points.txt", TEXT)
    return path


@pytest.mark.parametrize("make", [_dist_info, _upper_case, _egg_info, _egg, _archive], ids=lambda make: make.__name__)
def test_what_is_installed_is_found_however_it_is(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = added(GROUP)
    monkeypatch.syspath_prepend(str(make(tmp_path)))
    assert added(GROUP) == before | {"mine": "acme.probes:MINE"}
    assert added("byoaws.nothings") == {}


def test_what_lies_in_the_working_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _dist_info(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert "mine" in added(GROUP)


def test_a_finder_of_its_own_kind_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _dist_info(tmp_path / "elsewhere")

    class Finder:
        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> None:
            return None

        @staticmethod
        def find_distributions(
            context: importlib.metadata.DistributionFinder.Context,
        ) -> list[importlib.metadata.Distribution]:
            return list(
                PathFinder.find_distributions(
                    importlib.metadata.DistributionFinder.Context(path=[str(tmp_path / "elsewhere")])
                )
            )

    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert "mine" in added(GROUP)


@pytest.mark.parametrize("name", ["gone", "file.txt"])
def test_a_path_that_is_no_folder_does_no_harm(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = added(GROUP)
    (tmp_path / "file.txt").write_text("not a folder")
    monkeypatch.syspath_prepend(str(tmp_path / name))
    assert added(GROUP) == before


def test_where_nobody_adds_anything_the_library_is_not_even_loaded(tmp_path: Path) -> None:
    (tmp_path / "acme-1.0.dist-info").mkdir()
    (tmp_path / "acme-1.0.dist-info" / "entry_points.txt").write_text("[console_scripts]\nbyoaws.x = acme:main\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        f"from byoaws.entry_points import added\nassert added({GROUP!r}) == {{}}\n"
        "assert 'importlib.metadata' not in sys.modules, sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
