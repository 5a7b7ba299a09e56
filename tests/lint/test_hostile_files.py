"""Files that would crash, hang or exhaust a linter, from the command line: one message with its place, in bounds.

Each lint is a process of its own that may use a gigabyte of addresses and ten seconds of processor time. All but one
are forked from one that has loaded cfn-lint, which is most of what they would take.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOPIC = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"
LINT = ("lint", "--no-cache", "--jobs", "1", "--format", "json")
LIMITS = {"RLIMIT_AS": 1_000_000_000, "RLIMIT_CPU": 10}
# One takes a quarter of a second here; a limit that is tight would fail on a busy machine.
LONGEST = 4.0


def bounded() -> None:
    for name, most in LIMITS.items():
        resource.setrlimit(getattr(resource, name), (most, most))


def laughs() -> str:
    lines = ["Metadata:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines) + "\n" + TOPIC


# Content, where, and what is said.
TEMPLATES: dict[str, tuple[bytes, int, int, str]] = {
    "no YAML": (b"Resources:\n  A: [1, 2\n  B: 3\n", 3, 4, "expected"),
    "empty": (b"", 1, 1, "the file is empty"),
    "5 MB": (TOPIC.encode() + b"#" * 5_000_000, 1, 1, "larger than 2,000,000 bytes"),
    "nests 10,000 deep": (b"Resources: " + b"[" * 10_000 + b"]" * 10_000, 1, 111, "nested more than 100"),
    "nests 10,000 deep, JSON": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 1, 501, "nested more than 100"),
    "nests 10,000 deep, JSON with tabs": (b'{\n\t"a":' + b"[" * 10_000, 2, 105, "nested more than 100"),
    "billion laughs": (laughs().encode(), 7, 17, "250,000 nodes once its aliases"),
    "quadratic blow-up": (f"a: &a [{'x,' * 9000}]\nb: [{'*a,' * 900}]\n{TOPIC}".encode(), 2, 83, "250,000 nodes"),
    "very many aliases": (f"a: &a x\nb: [{'*a,' * 200_000}]\n{TOPIC}".encode(), 2, 3005, "1,000 aliases"),
    "very many keys": ("".join(f"k{n}: 1\n" for n in range(100_000)).encode(), 5001, 1, "5,000 keys"),
    "a number to the base of 60": (f"a: 1{':1' * 500_000}\n{TOPIC}".encode(), 1, 4, "1,000 characters"),
    "JSON that is one open string": (b'{\t"' + b'\\"' * 900_000, 1, 1_800_004, ""),
    "NUL": (b"a: 1\nb: \0\n", 2, 4, "binary"),
    "UTF-16": (TOPIC.encode("utf-16"), 1, 1, "not UTF-8"),
    "several documents": (f"{TOPIC}---\n{TOPIC}".encode(), 3, 1, "document"),
    "a tag of Python's": (b"a:\n  b: !!python/object/apply:os.system ['touch owned']\n", 2, 6, "constructor"),
    "half a character": (b'{"a": "\\ud800"}', 1, 10, "Unicode"),
    "recursive": (b"Resources: &a\n  b: *a\n", 1, 12, "recursive"),
    "a key that is a list": (b"? [a]\n: b\n" + TOPIC.encode(), 1, 3, "Unhashable"),
    "no text at all": (bytes(range(128, 256)), 1, 1, "not UTF-8"),
}


@pytest.fixture
def lint(tmp_path: Path, forked: Callable[..., Any]) -> Callable[..., tuple[int, list[dict], str]]:
    """Run the command in bounds; exit code, findings, and stderr."""

    def run(*paths: str) -> tuple[int, list[dict], str]:
        done = forked("byoaws", *LINT, *paths, cwd=tmp_path, limits=LIMITS)
        assert done.seconds < LONGEST
        assert "Traceback" not in done.stderr + done.stdout
        return done.returncode, json.loads(done.stdout)["findings"] if done.stdout else [], done.stderr

    return run


@pytest.mark.parametrize(("data", "line", "column", "part"), TEMPLATES.values(), ids=TEMPLATES)
def test_one_message_with_its_place(
    data: bytes, line: int, column: int, part: str, tmp_path: Path, lint: Callable[..., tuple[int, list[dict], str]]
) -> None:
    (tmp_path / "t.yaml").write_bytes(data)
    code, found, stderr = lint("t.yaml")
    assert (code, stderr) == (1, "")
    assert [(one["code"], one["severity"], one["line"], one["column"]) for one in found] == [
        ("E0000", "error", line, column)
    ]
    assert part in found[0]["message"]
    assert not (tmp_path / "owned").exists()


def test_all_of_them_at_once_and_the_sound_one_among_them(tmp_path: Path) -> None:
    """In a process that loads everything itself, within the same bounds."""
    for number, (data, *_) in enumerate(TEMPLATES.values()):
        (tmp_path / f"{number:02}.yaml").write_bytes(data)
    (tmp_path / "sound.yaml").write_text(TOPIC)
    names = sorted(path.name for path in tmp_path.iterdir())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from byoaws.cli import main; main()", *LINT, *names],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=bounded,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)["findings"]
    assert [one["path"] for one in found] == [name for name in names if name != "sound.yaml"]


def test_a_key_that_is_given_twice_is_one_finding_with_both_places(
    tmp_path: Path, lint: Callable[..., tuple[int, list[dict], str]]
) -> None:
    (tmp_path / "t.yaml").write_text(f"{TOPIC}  Topic: {{Type: AWS::SNS::Topic}}\n")
    code, found, _ = lint("t.yaml")
    assert code == 1
    assert [(one["code"], one["line"], one["column"]) for one in found] == [("E0000", 3, 3)]
    assert found[0]["message"] == "'Topic' is given twice, first on line 2"


BORNE = {
    "byte order mark": b"\xef\xbb\xbf" + TOPIC.encode(),
    "Windows' line ends": TOPIC.replace("\n", "\r\n").encode(),
    "JSON with tabs": b'{\n\t"Resources": {\n\t\t"Topic": {"Type": "AWS::SNS::Topic"}\n\t}\n}',
}


@pytest.mark.parametrize("data", BORNE.values(), ids=BORNE)
def test_what_is_only_unusual_is_linted(
    data: bytes, tmp_path: Path, lint: Callable[..., tuple[int, list[dict], str]]
) -> None:
    (tmp_path / "t.yaml").write_bytes(data)
    assert lint("t.yaml") == (0, [], "")


# What is no file ------------------------------------------------------------------------------------------------------

NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "no such template: 't.yaml'"),
    "a link to itself": (lambda path: path.symlink_to(path), "'t.yaml' is a link that leads nowhere, or in a circle"),
    "a link to nothing": (
        lambda path: path.symlink_to("gone"),
        "'t.yaml' is a link that leads nowhere, or in a circle",
    ),
    "a pipe": (os.mkfifo, "'t.yaml' is not a regular file"),
    "an empty folder": (Path.mkdir, "folder 't.yaml' holds no CloudFormation template"),
    "a folder of notes": (
        lambda path: (path.mkdir(), (path / "notes.yaml").write_text("a: 1\n")),
        "folder 't.yaml' holds no CloudFormation template",
    ),
}


@pytest.mark.parametrize(("make", "message"), NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_wrong_usage(
    make: Callable[[Path], object], message: str, tmp_path: Path, lint: Callable[..., tuple[int, list[dict], str]]
) -> None:
    make(tmp_path / "t.yaml")
    code, found, stderr = lint("t.yaml")
    assert (code, found) == (2, [])
    assert stderr.splitlines()[0] == f"error: {message}"
    assert stderr.splitlines()[1].startswith("hint:")


def test_a_folder_with_all_of_that_in_it_is_searched(
    tmp_path: Path, lint: Callable[..., tuple[int, list[dict], str]]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "in" / "again").symlink_to(".")
    os.mkfifo(tmp_path / "in" / "pipe.yaml")
    (tmp_path / "in" / "x.yaml").mkdir()
    (tmp_path / "in" / "x.yaml" / "deep.json").write_text('{"Resources": {"A": ' + "[" * 10_000)
    code, found, stderr = lint("in")
    assert (code, stderr) == (1, "")
    assert [(one["path"], one["code"]) for one in found] == [("in/x.yaml/deep.json", "E0000")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, lint: Callable[..., tuple[int, list[dict], str]]) -> None:
    (tmp_path / "t.yaml").write_text(TOPIC)
    (tmp_path / "t.yaml").chmod(0)
    code, _, stderr = lint("t.yaml")
    assert code == 2
    assert "permission denied" in stderr
