"""Many files on several processes: the same answers in the same order, and never a silent pass where one dies.

Processes are started from one that has a single thread, as the command is; a test runner may have several.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from byoaws.lint.workers import judge_all

SOUND = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
BROKEN = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: {Colour: red}\n"
# A rule that does to its process what the template's description says.
RULE = """
import os, signal, sys, time
from byoaws.lint.rule import OurRule


class Deadly(OurRule):
    id = "E9197"
    shortdesc = "Deadly"
    description = "made up"
    source_url = "https://docs.aws.amazon.com/"
    fix = "none"

    def match(self, cfn):
        wish = cfn.template.get("Description", "")
        if wish == "exit":
            os._exit(0)
        if wish == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if wish == "system exit":
            sys.exit(0)
        if wish == "memory":
            raise MemoryError
        if wish == "crash":
            raise ValueError("made up")
        if wish == "sleep":
            open("sleeping-" + str(os.getpid()), "w").close()
            time.sleep(60)
        if wish == "who":
            open("who-" + str(os.getpid()), "w").close()
        return []
"""
Files = dict[str, str]
LINT = [sys.executable, "-W", "error", "-c", "from byoaws.cli import main; main()", "lint", "--no-cache"]


def wish(text: str) -> str:
    return f"Description: {text}\n{SOUND}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deadly").mkdir()
    (tmp_path / "deadly" / "rule.py").write_text(RULE)
    (tmp_path / ".cfnlintrc").write_text("append_rules: [deadly]\n")
    return tmp_path


@pytest.fixture
def lint(folder: Path, forked: Callable[..., Any]) -> Callable[..., tuple[int, list[tuple[str, str]], str]]:
    """Run the command on these files; exit code, path and code of each finding, and stderr."""

    def run(files: Files, *options: str) -> tuple[int, list[tuple[str, str]], str]:
        for name, text in files.items():
            (folder / name).write_text(text)
        done = forked("byoaws", "lint", "--no-cache", "--format", "json", *options, *files, cwd=folder)
        found = json.loads(done.stdout)["findings"] if done.stdout else []
        return done.returncode, [(item["path"], item["code"]) for item in found], done.stderr

    return run


@pytest.mark.parametrize("jobs", ["1", "2", "3", "8"])
def test_the_same_answers_in_the_same_order(jobs: str, lint: Callable[..., Any]) -> None:
    files = {
        f"{name}.yaml": text
        for name, text in zip("gfedcba", [BROKEN, SOUND, "", BROKEN, "{", SOUND, BROKEN], strict=True)
    }
    code, found, stderr = lint(files, "--jobs", jobs)
    assert (code, stderr) == (1, "")
    assert found == [
        ("a.yaml", "E3002"),
        ("c.yaml", "E0000"),
        ("d.yaml", "E3002"),
        ("e.yaml", "E0000"),
        ("g.yaml", "E3002"),
    ]


def test_several_processes_work(folder: Path, lint: Callable[..., Any]) -> None:
    lint({f"{number}.yaml": wish("who") for number in range(6)}, "--jobs", "2")
    assert len(list(folder.glob("who-*"))) == 2


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_a_process_that_dies_is_told_of_and_costs_its_own_file_only(how: str, lint: Callable[..., Any]) -> None:
    files = {"a.yaml": SOUND, "b.yaml": wish(how), "c.yaml": BROKEN, "d.yaml": wish(how), "e.yaml": BROKEN}
    code, found, stderr = lint(files, "--jobs", "2")
    assert (code, stderr) == (1, "")
    assert found == [("b.yaml", "E0002"), ("c.yaml", "E3002"), ("d.yaml", "E0002"), ("e.yaml", "E3002")]


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_where_every_process_dies_nothing_has_passed(how: str, lint: Callable[..., Any]) -> None:
    code, found, _ = lint({f"{number}.yaml": wish(how) for number in range(5)}, "--jobs", "2")
    assert code == 3
    assert found == [(f"{number}.yaml", "E0002") for number in range(5)]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("how", ["system exit", "memory", "crash"])
def test_a_rule_that_crashes_is_told_of(how: str, jobs: str, lint: Callable[..., Any]) -> None:
    code, found, stderr = lint({"a.yaml": SOUND, "b.yaml": wish(how)}, "--jobs", jobs)
    assert (code, found, stderr) == (3, [("b.yaml", "E0002")], "")


def test_the_signal_is_named(folder: Path, forked: Callable[..., Any]) -> None:
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(wish("kill"))
    done = forked("byoaws", "lint", "--no-cache", "--jobs", "2", "a.yaml", "b.yaml", cwd=folder)
    assert "was killed by SIGKILL" in " ".join(done.stdout.split())


def test_settings_that_are_wrong_are_one_error(folder: Path, lint: Callable[..., Any]) -> None:
    (folder / ".cfnlintrc").write_text("regions: [nowhere-1]\n")
    code, found, stderr = lint({"a.yaml": SOUND, "b.yaml": SOUND, "c.yaml": SOUND}, "--jobs", "2")
    assert (code, found) == (2, [])
    assert stderr.startswith("error: cfn-lint's settings are wrong")
    assert len(stderr.splitlines()) == 2


def test_ctrl_c_ends_every_process(folder: Path) -> None:
    names = [f"{number}.yaml" for number in range(4)]
    for name in names:
        (folder / name).write_text(wish("sleep"))
    process = subprocess.Popen(
        [*LINT, "--jobs", "2", *names],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    sleeping = _wait_for(lambda: sorted(folder.glob("sleeping-*")), count=2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all of them
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout) == (130, b"")
    assert stderr.decode().split() == ["error:", "interrupted"]
    for path in sleeping:
        _wait_for(lambda path=path: [] if _alive(int(path.name.partition("-")[2])) else [path], count=1)


def test_the_processes_end_with_the_one_that_started_them(folder: Path) -> None:
    until = 'while not os.path.exists("go"): time.sleep(0.01)'
    (folder / "deadly" / "rule.py").write_text(RULE.replace("time.sleep(60)", until))
    names = [f"{number}.yaml" for number in range(4)]
    for name in names:
        (folder / name).write_text(wish("sleep"))
    process = subprocess.Popen(
        [*LINT, "--jobs", "2", *names], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    sleeping = _wait_for(lambda: sorted(folder.glob("sleeping-*")), count=2)
    process.kill()
    process.wait()
    (folder / "go").touch()
    for path in sleeping:
        _wait_for(lambda path=path: [] if _alive(int(path.name.partition("-")[2])) else [path], count=1)


def _wait_for(look: Callable[[], list[Path]], *, count: int) -> list[Path]:
    until = time.monotonic() + 30
    while len(found := look()) < count:
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def _alive(number: int) -> bool:
    try:
        # One that has ended and that nobody asked after is a zombie.
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


SPAWN = """
import functools, json, sys
from pathlib import Path
from byoaws.errors import UsageError
from byoaws.lint.interface import Facts
from byoaws.lint.judge import Judge
from byoaws.lint.workers import judge_all

if __name__ == "__main__":
    paths = [Path(name) for name in sys.argv[1:]]
    try:
        done = dict(judge_all(paths, functools.partial(Judge, Facts()), 2, start="spawn"))
        print(json.dumps([[path.name, [one.code for one in done[path].findings]] for path in paths]))
    except UsageError as error:
        print(error.message)
"""


def _spawned(folder: Path, files: Files) -> str:
    (folder / "run.py").write_text(SPAWN)
    for name, text in files.items():
        (folder / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "run.py", *files], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


def test_where_nothing_can_fork_processes_are_started_anew(folder: Path) -> None:
    files = {f"{number:02}.yaml": BROKEN if number % 7 == 0 else SOUND for number in range(20)} | {
        "20.yaml": wish("kill")
    }
    told = json.loads(_spawned(folder, files))
    assert told == [
        [name, ["E3002"] if text == BROKEN else ["E0002"] if "kill" in text else []] for name, text in files.items()
    ]
    assert not list(folder.glob("who-*"))


def test_processes_that_are_started_anew_tell_of_settings_that_are_wrong(folder: Path) -> None:
    (folder / ".cfnlintrc").write_text("no_such_key: 1\n")
    assert "no_such_key" in _spawned(folder, {f"{number}.yaml": SOUND for number in range(20)})


def test_with_other_threads_everything_is_done_here(tmp_path: Path) -> None:
    """A fork would copy their locks."""
    seen: list[int] = []

    class Here:
        def __call__(self, template: Path) -> Any:
            seen.append(os.getpid())
            return template.name

    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        paths = [tmp_path / "a", tmp_path / "b"]
        done: Iterator[Any] = judge_all(paths, Here, 2)  # type: ignore[arg-type]
        assert list(done) == [(path, path.name) for path in paths]
    finally:
        stop.set()
        other.join()
    assert set(seen) == {os.getpid()}
