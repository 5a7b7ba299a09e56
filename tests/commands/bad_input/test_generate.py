"""`byoaws generate`, asked wrongly."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

CASES: dict[str, dict[str, Any]] = {
    "output-missing-directory": {
        "args": "generate -o none/t.yaml",
        "words": ("cannot write 'none/t.yaml'", "no such file"),
    },
    "output-below-a-file": {"args": "generate -o f/t.yaml", "files": {"f": b""}, "words": ("cannot write 'f/t.yaml'",)},
    "output-directory": {
        "args": "generate -o d",
        "files": {"d": None},
        "words": ("'d' is a directory", "generate --help"),
    },
    "output-and-check": {
        "args": "generate -o a.yaml --check b.yaml",
        "files": {"b.yaml": b""},
        "words": ("exclude each other",),
    },
    "check-missing": {"args": "generate --check none.yaml", "words": ("'none.yaml' does not exist",)},
    "check-directory": {"args": "generate --check d", "files": {"d": None}, "words": ("'d' is a directory",)},
    "check-latin-1": {
        "args": "generate --check t",
        "files": {"t": b"\xff\xfe"},
        "words": ("'t' is not UTF-8 text", "name a"),
    },
    "check-huge": {
        "args": "generate --check t",
        "files": {"t": b" " * 2_000_001},
        "words": ("larger than 2,000,000 bytes",),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_output_into_a_directory_that_may_not_be_written(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "locked").mkdir(mode=0o500)
    done = run("generate", "-o", "locked/new.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot write 'locked/new.yaml': permission denied" in done.stderr


def test_a_read_only_file_is_not_replaced(
    cwd: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    (cwd / "old.yaml").write_text("old")
    (cwd / "old.yaml").chmod(0o400)
    access = os.access
    # As for anybody but root.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and access(path, mode))
    done = run("generate", "-o", "old.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot write 'old.yaml'" in done.stderr
    assert [(path.name, path.read_text()) for path in cwd.iterdir()] == [("old.yaml", "old")]
