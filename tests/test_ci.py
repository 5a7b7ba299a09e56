"""The pre-commit hook and the GitHub Action, by running what they would run."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SOUND = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
BROKEN = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: {Colour: red}\n"
COMPOSE = "services:\n  web: {image: nginx}\n"


@pytest.fixture
def repository(tmp_path: Path, forked: Any) -> Path:
    """A folder of its own, with programs of its own: only what a runner has, and this environment's byoaws."""
    (tmp_path / "repository").mkdir()
    (tmp_path / "bin").mkdir()
    forked.program(tmp_path / "bin" / "byoaws")
    return tmp_path / "repository"


def _script(path: Path) -> None:
    path.write_text(f"#!{sys.executable}\nimport sys\nfrom byoaws.cli import main\nsys.exit(main())\n")
    path.chmod(0o755)


def _environment(repository: Path, **further: str) -> dict[str, str]:
    home = repository.parent / "home"
    home.mkdir(exist_ok=True)
    path = f"{repository.parent / 'bin'}:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", **further}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize("ours", ["hook", "action"])
def test_the_program_that_is_forked_is_the_program(ours: str, repository: Path, request: pytest.FixtureRequest) -> None:
    run, files = request.getfixturevalue(ours), {"a.yaml": BROKEN, "b.yml": SOUND, "c.json": "{"}
    same = run(files)
    _script(repository.parent / "bin" / "byoaws")
    shutil.rmtree(repository.parent / "home")  # with what is known of the files
    done = run(files)
    assert (done.returncode, done.stdout, done.stderr) == (same.returncode, same.stdout, same.stderr)
    assert (done.returncode, done.stderr) == (1, "")
    assert "E3002" in done.stdout


# The hook -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def hook(repository: Path) -> Callable[[Mapping[str, str]], subprocess.CompletedProcess[str]]:
    """Run the hook on a commit of these files, as pre-commit does: its entry, and the files that its pattern fits."""

    def run(files: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        _write(repository, files)
        fitting = [name for name in files if re.search(HOOK["files"], name)]
        return subprocess.run(
            [*shlex.split(HOOK["entry"]), *HOOK.get("args", []), *fitting],
            cwd=repository,
            env=_environment(repository),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_hook_is_one_that_pre_commit_takes() -> None:
    # Source: pre-commit.com, "Creating new hooks": what is required, and what this one has besides.
    assert {"id", "name", "entry", "language"} <= set(HOOK)
    assert set(HOOK) <= {"id", "name", "entry", "language", "description", "files", "require_serial"}
    assert (HOOK["id"], HOOK["language"]) == ("byoaws-lint", "python")


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "infra/a.json", "a.template"])
def test_a_commit_that_breaks_a_template_is_stopped(name: str, hook: Callable[..., Any]) -> None:
    done = hook({name: BROKEN})
    assert (done.returncode, done.stderr) == (1, "")
    assert name in done.stdout
    assert "E3002" in done.stdout


def test_a_sound_commit_is_let_through(hook: Callable[..., Any]) -> None:
    done = hook({"a.yaml": SOUND, "b.json": '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'})
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_template_does_not_stop_a_commit(hook: Callable[..., Any]) -> None:
    done = hook({"docker-compose.yml": COMPOSE, "package.json": "{}", "values.yaml": "{{ helm }}", "README.md": BROKEN})
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings in 0 files\n", "")


def test_a_template_that_cannot_be_parsed_does(hook: Callable[..., Any]) -> None:
    assert hook({"a.yaml": "Resources:\n  A: [\n"}).returncode == 1


def test_the_settings_of_the_repository_hold(hook: Callable[..., Any]) -> None:
    assert hook({"a.yaml": BROKEN, ".cfnlintrc": "ignore_checks: [E3002]\n"}).returncode == 0


# The action -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def action(repository: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the steps of the action as a runner does; the environment that it would install is this one."""

    def run(files: Mapping[str, str], **inputs: str) -> subprocess.CompletedProcess[str]:
        _write(repository, files)
        programs = repository.parent / "temp" / "byoaws-lint" / "bin"
        programs.mkdir(parents=True, exist_ok=True)
        shutil.copy(repository.parent / "bin" / "byoaws", programs)
        step = ACTION["runs"]["steps"][1]
        return _step(step, _inputs(inputs), repository)

    return run


def _inputs(given: Mapping[str, str]) -> dict[str, str]:
    assert set(given) <= set(ACTION["inputs"])
    return {name: given.get(name, declared.get("default", "")) for name, declared in ACTION["inputs"].items()}


def _step(step: Mapping[str, Any], inputs: Mapping[str, str], repository: Path) -> subprocess.CompletedProcess[str]:
    """Source: GitHub's documentation, "Workflow syntax": how expressions are put in, and how bash is called."""

    def put_in(text: str) -> str:
        return re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: inputs[found[1]], text)

    script = repository.parent / "step.sh"
    script.write_text(put_in(step["run"]))
    runner = {"RUNNER_TEMP": str(repository.parent / "temp"), "GITHUB_ACTION_PATH": str(ROOT)}
    env = {name: put_in(value) for name, value in step.get("env", {}).items()}
    return subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=repository,
        env=_environment(repository, **runner, **env),
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_input_is_part_of_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_no_other_s_code_is_run() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert not [step for step in ACTION["runs"]["steps"] if "uses" in step]


def test_every_input_has_a_default_and_says_what_it_is() -> None:
    assert set(ACTION["inputs"]) == {"paths", "vendor", "format"}
    assert all(set(declared) == {"description", "default"} for declared in ACTION["inputs"].values())


def test_a_broken_template_gets_an_annotation_and_fails(action: Callable[..., Any]) -> None:
    done = action({"infra/a.yaml": BROKEN, "b.yaml": SOUND, "compose.yml": COMPOSE})
    assert (done.returncode, done.stderr) == (1, "")
    first, *rest = done.stdout.splitlines()
    assert first.startswith("::error file=infra/a.yaml,line=4,col=18,endColumn=24,title=E3002 ")
    assert rest == ["1 error in 1 of 2 files"]


def test_a_sound_template_passes(action: Callable[..., Any]) -> None:
    done = action({"a.yaml": SOUND})
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings\n", "")


def test_nothing_to_lint_is_no_pass(action: Callable[..., Any]) -> None:
    done = action({"compose.yml": COMPOSE})
    assert done.returncode == 2
    assert "holds no CloudFormation template" in done.stderr


def test_paths_are_one_a_line(action: Callable[..., Any]) -> None:
    files = {"a b/c.yaml": BROKEN, "-d.yaml": BROKEN, "e.yaml": BROKEN, "f.yaml": BROKEN}
    done = action(files, paths="a b/c.yaml\n-d.yaml\n\n./e.yaml\n")
    assert re.findall(r"file=([^,]+)", done.stdout) == ["-d.yaml", "a b/c.yaml", "e.yaml"]


@pytest.mark.parametrize("format_name", ["text", "json", "junit", "sarif", "github"])
def test_every_format(format_name: str, action: Callable[..., Any]) -> None:
    done = action({"a.yaml": BROKEN}, format=format_name)
    assert (done.returncode, done.stderr) == (1, "")
    assert "E3002" in done.stdout


def test_a_vendor(action: Callable[..., Any]) -> None:
    done = action({"a.yaml": SOUND}, vendor="mailmark")
    assert done.returncode == 1
    assert "E9103" in done.stdout


ATTACKS = [
    "$(touch owned)",
    "`touch owned`",
    '"; touch owned; "',
    "'; touch owned; '",
    "a\ntouch owned",
    "--explain=E9101",
    "-h",
    "*",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", ["paths", "vendor", "format"])
def test_an_input_is_never_run_and_never_an_option(
    name: str, attack: str, repository: Path, action: Callable[..., Any]
) -> None:
    done = action({"a.yaml": BROKEN}, **{name: attack})
    assert done.returncode in (1, 2) if name != "paths" else done.returncode == 2
    assert not (repository / "owned").exists()
    assert "Confused deputy" not in done.stdout
    assert "Usage:" not in done.stdout


def test_a_file_s_name_is_no_command_of_the_runner(repository: Path, action: Callable[..., Any]) -> None:
    name = "a\n::set-output name=x::y,line=9:%0A.yaml"
    done = action({name: BROKEN})
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert "::set-output" not in done.stdout


def test_what_is_installed_is_the_action_s_own_checkout(repository: Path) -> None:
    """With a `python3` that only says what it was asked to do."""
    recorder = repository.parent / "bin" / "python3"
    recorder.write_text(f'#!/bin/sh\necho "$@"\nmkdir -p "$3/bin"\nln -sf "{recorder}" "$3/bin/python"\n')
    recorder.chmod(0o755)
    done = _step(ACTION["runs"]["steps"][0], _inputs({}), repository)
    temp = repository.parent / "temp"
    assert done.returncode == 0, done.stderr
    made, installed = done.stdout.splitlines()
    assert made == f"-m venv {temp}/byoaws-lint"
    assert installed.split()[:3] == ["-m", "pip", "install"]
    assert installed.split()[-1] == str(ROOT)


def test_bash_of_macos_takes_the_script() -> None:
    """Bash 3.2 has neither `mapfile` nor `readarray`, and no associative arrays."""
    text = "\n".join(step["run"] for step in ACTION["runs"]["steps"])
    assert not re.search(r"\b(mapfile|readarray|declare -A|local -n)\b|\$\{\w+(,,|\^\^|@)", text)
