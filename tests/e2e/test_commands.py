"""byoaws as people and pipelines run it: processes, signals, closed pipes, and the whole way from link to verdict."""

import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from click.testing import CliRunner

from byoaws.cli import main
from byoaws.fakeaws.arrange import publish_template
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.quickcreate.url import parse

BYOAWS = [sys.executable, "-P", "-m", "byoaws.cli"]
ROLE = "arn:aws:iam::444455556666:role/connection"
EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"
SECRET = "hunter2hunter2hunter2"
PATIENCE = 60


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment with nothing of the user's in it, an empty home, and a place of its own for temporary files."""
    for name in ("home", "tmp", "cwd"):
        (tmp_path / name).mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture
def start(tmp_path: Path, env: Mapping[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start byoaws in a process group of its own; what still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def run(*args: object, more: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        process = subprocess.Popen(
            [*BYOAWS, *map(str, args)],
            cwd=tmp_path / "cwd",
            env={**env, **(more or {})},
            text=True,
            start_new_session=True,
            **pipes,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def run(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run byoaws to its end."""

    def finish(*args: object, **options: Any) -> subprocess.CompletedProcess[str]:
        process = start(*args, **options)
        out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(args, process.returncode, out, err)

    return finish


@pytest.fixture
def inside(
    env: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run byoaws to its end in this process, with the same environment."""
    for name in os.environ.keys() - env.keys():
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path / "cwd")

    def finish(*args: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(main, args, env=more, prog_name="byoaws")
        return subprocess.CompletedProcess(args, done.exit_code, done.stdout, done.stderr)

    return finish


def group_is_gone(group: int) -> bool:
    """True as soon as no process of that session is left; waits a little for those that are just ending."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not [stat for stat in Path("/proc").glob("[0-9]*/stat") if _session(stat) == group]:
            return True
        time.sleep(0.02)
    return False


def _session(stat: Path) -> int:
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:  # it ended as we looked
        return 0
    return 0 if fields[0] == "Z" else int(fields[3])


def embedded_servers(place: Path) -> list[str]:
    """Command lines of processes that work in a directory below `place`: the embedded AWS and its keeper."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(place) in line:
                found.append(line)
    return found


def nothing_is_left(place: Path) -> bool:
    """True as soon as no process works below `place` and no file is there."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not embedded_servers(place) and not list(place.iterdir()):
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def black_hole() -> Iterator[socket.socket]:
    """Takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


def test_help(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Exit codes:" in done.stdout


def test_script_completes_in_the_shell(env: Mapping[str, str], tmp_path: Path) -> None:
    script = Path(sys.executable).parent / "byoaws"

    def ask(**variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script],
            env={**env, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    source = ask(_BYOAWS_COMPLETE="bash_source")
    assert source.returncode == 0
    assert "complete -o nosort -F _byoaws_completion byoaws" in source.stdout
    words = ask(_BYOAWS_COMPLETE="bash_complete", COMP_WORDS="byoaws con", COMP_CWORD="1")
    assert words.stdout.split() == ["plain,connect", "plain,connections"]
    options = ask(_BYOAWS_COMPLETE="bash_complete", COMP_WORDS="byoaws verify --format j", COMP_CWORD="3")
    assert options.stdout.split() == ["plain,json", "plain,junit"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("args", [["generate"], ["policy", "trust"], ["--help"]], ids=lambda args: args[0])
def test_a_reader_that_has_gone_is_no_error_to_speak_of(
    args: list[str], stream: str, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(*args, **{stream: writer})
    finally:
        os.close(writer)
    assert "Traceback" not in f"{done.stdout}{done.stderr}"
    assert "BrokenPipe" not in f"{done.stdout}{done.stderr}"
    assert "error:" not in f"{done.stdout}{done.stderr}"
    # Never 1, which would be a verdict; where nothing was to be written, nothing went wrong.
    assert done.returncode == (0 if (stream, *args) == ("stderr", "--help") else 141)


def test_head_takes_one_line(env: Mapping[str, str], tmp_path: Path) -> None:
    command = f"set -o pipefail; {' '.join(BYOAWS)} generate --format json | head -1"
    done = subprocess.run(
        ["bash", "-c", command], env=env, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.stdout == "{\n"
    assert done.stderr == "vendor: mailmark (the default)\n"
    assert done.returncode in (0, 141)


def test_a_full_disk_is_told_of_and_is_no_verdict(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    with open("/dev/full", "w") as full:
        done = run("generate", "--vendor", "mailmark", stdout=full)
    assert done.returncode == 3
    assert done.stderr.startswith("error: no space left on device\nhint:  ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [1, 2], ids=["stdout", "stderr"])
def test_streams_that_were_closed_before(closed: int, env: Mapping[str, str], tmp_path: Path) -> None:
    command = f"exec {' '.join(BYOAWS)} link --region moon-1 {closed}>&-"
    done = subprocess.run(
        ["bash", "-c", command], env=env, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr


def test_a_terminal_that_knows_no_check_marks(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run(
        "doctor", more={"PYTHONIOENCODING": "latin-1", "BYOAWS_STORE": f"sqlite:///{tmp_path}/s", "COLUMNS": "200"}
    )
    assert done.returncode in (1, 3)
    assert "? PASS" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("variable", [{}, {"NO_COLOR": "1"}], ids=["color", "no-color"])
def test_colours_on_a_real_terminal(variable: dict[str, str], start: Callable[..., subprocess.Popen[str]]) -> None:
    controller, terminal = pty.openpty()
    process = start(
        "connections",
        "list",
        "--store",
        "nonsense",
        stdout=terminal,
        stderr=terminal,
        more={"TERM": "xterm", **variable},
    )
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # EIO: the other side was closed
        while part := os.read(controller, 4096):
            shown += part
    os.close(controller)
    assert process.wait(PATIENCE) == 2
    assert b"no store named 'nonsense'" in shown
    assert (b"\x1b[" in shown) == (not variable)


@pytest.mark.parametrize("number", [signal.SIGINT], ids=["ctrl-c"])
def test_an_interrupted_verify_ends_at_once(
    number: signal.Signals, start: Callable[..., subprocess.Popen[str]], black_hole: socket.socket, tmp_path: Path
) -> None:
    host, port = black_hole.getsockname()
    process = start(
        *("verify", ROLE, "--external-id", EXTERNAL_ID, "--vendor", "mailmark"),
        more={
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "AKIAX",
            "AWS_SECRET_ACCESS_KEY": SECRET,
        },
    )
    caller, _ = black_hole.accept()
    with caller:
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (130, "")
    assert err == "\nerror: interrupted\n"
    assert list((tmp_path / "home").iterdir()) == []


def test_debug_has_a_traceback_and_no_secret(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    store = f"postgresql://me:{SECRET}@127.0.0.1:1/db"
    secrets = {"AWS_SECRET_ACCESS_KEY": SECRET, "BYOAWS_KEY": SECRET, "BYOAWS_STORE": store}
    for args in (["connections", "list"], ["verify", ROLE]):
        for further in ({}, {"BYOAWS_KEY": "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktMTI="}):
            done = run("--debug", *args, more={**secrets, **further})
            assert done.returncode == 3
            assert done.stderr.startswith("Traceback") or "\nTraceback" in done.stderr
            assert sum(line.startswith("error: ") for line in done.stderr.splitlines()) == 1
            assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["terminate", "ctrl-c"])
def test_fake_aws_serves_until_it_is_told_to_stop(
    number: signal.Signals, start: Callable[..., subprocess.Popen[str]], env: Mapping[str, str], tmp_path: Path
) -> None:
    process = start("fake-aws")
    assert process.stdout is not None
    settings = {}
    for line in process.stdout:
        name, equals, value = line.removeprefix("export ").strip().partition("=")
        if line.startswith("export ") and equals:
            settings[name] = value.strip("'\"")
        if name == "no_proxy":
            break
    sts = boto3.session.Session().client(
        "sts",
        region_name=settings["AWS_REGION"],
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        verify=settings["AWS_CA_BUNDLE"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )
    assert sts.get_caller_identity()["Account"] == "111122223333"
    sts.close()
    assert embedded_servers(tmp_path / "tmp")

    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert err.endswith("stopped\n")
    assert settings["AWS_SECRET_ACCESS_KEY"] not in err
    assert nothing_is_left(tmp_path / "tmp")
    assert list((tmp_path / "home").iterdir()) == []


def test_fake_aws_on_a_port_that_is_taken(
    run: Callable[..., subprocess.CompletedProcess[str]], black_hole: socket.socket, tmp_path: Path
) -> None:
    done = run("fake-aws", "--port", black_hole.getsockname()[1])
    assert (done.returncode, done.stdout) == (3, "")
    assert "is taken" in done.stderr
    assert nothing_is_left(tmp_path / "tmp")


@pytest.mark.parametrize(
    ("vendor", "words"),
    [
        (None, ("VERIFIED", "INSECURE", "FAILED", "SANDBOX")),
        ("sendfleet", ("VERIFIED", "INSECURE", "FAILED", "A role that lacks ses:GetSendQuota")),
        ("selfmx", ("VERIFIED", "FAILED", "those of the root user", "the keys may not call ses:SendEmail")),
    ],
    ids=["mailmark", "sendfleet", "selfmx"],
)
def test_demo_runs_to_its_end_and_leaves_nothing(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, vendor: str | None, words: tuple[str, ...]
) -> None:
    (tmp_path / "cwd").chmod(0o500)
    began = time.monotonic()
    chosen = ["--vendor", vendor] if vendor else []
    process = start(
        "demo", *chosen, more={"NO_COLOR": "1", "AWS_PROFILE": "of-somebody", "BYOAWS_STORE": "sqlite:///nowhere/x"}
    )
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out + err
    assert time.monotonic() - began < PATIENCE
    assert "\x1b" not in out + err
    assert "Traceback" not in out + err
    for word in (*words, "Done: one account verified, the others refused"):
        assert word in out
    start_of_json = out.index("{\n", out.index("--format json"))
    report, _ = json.JSONDecoder().raw_decode(out[start_of_json:])
    assert report["verdict"] == "verified"
    assert group_is_gone(process.pid)
    assert nothing_is_left(tmp_path / "tmp")
    assert list((tmp_path / "home").iterdir()) == []
    assert list((tmp_path / "cwd").iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "terminate"])
def test_an_interrupted_demo_leaves_nothing(
    number: signal.Signals, code: int, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = start("demo")
    assert process.stdout is not None
    for line in process.stdout:
        if "$ byoaws lint" in line:  # in the middle of a step
            break
    # As a terminal does it: to the whole group.
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in out + err
    assert group_is_gone(process.pid)
    assert nothing_is_left(tmp_path / "tmp")


@pytest.mark.parametrize(("format_name", "by"), [("yaml", "run"), ("json", "inside")], ids=["yaml", "json"])
def test_from_link_to_verdict(
    format_name: str, by: str, fake_aws: FakeAws, aws_customer: Account, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """By processes of their own, and by commands in this one: what differs is the template."""
    run: Callable[..., subprocess.CompletedProcess[str]] = request.getfixturevalue(by)
    name = f"template.{format_name}"
    assert run("generate", "--vendor", "mailmark", "-o", name).returncode == 0
    template = (tmp_path / "cwd" / name).read_text()
    vendor = {
        **fake_aws.environment(fake_aws.vendor),
        "MAILMARK_AWS_ACCOUNT_ID": fake_aws.vendor.account_id,
        "MAILMARK_CFN_TEMPLATE_URL": publish_template(
            fake_aws, template, region="us-east-1", key=f"{aws_customer.account_id}/{name}"
        ),
    }
    connected = run("connect", "--alias", "Production", "--format", "json", more=vendor)
    assert connected.returncode == 0, connected.stderr
    begun = json.loads(connected.stdout)

    # The customer has nothing but the link.
    page = QuickCreatePage.open(fake_aws, parse(begun["url"]), customer=aws_customer)
    assert page.ignored == {}
    outputs = page.create(acknowledge=True).outputs

    role = outputs["RoleArn"]
    unknown = run("verify", role, more=vendor)
    assert unknown.returncode == 2
    assert "--connection ID" in unknown.stderr
    verified = run("verify", role, "--connection", begun["connection_id"], "--format", "json", more=vendor)
    assert verified.returncode == 0, verified.stdout
    report = json.loads(verified.stdout)
    assert (report["verdict"], report["account_id"]) == ("verified", aws_customer.account_id)
    assert run("verify", role, more=vendor).returncode == 0
    # Somebody else's connection does not get in by naming the same role.
    other = json.loads(run("connect", "--alias", "Other", "--format", "json", more=vendor).stdout)
    stolen = run("verify", role, "--connection", other["connection_id"], more=vendor)
    assert (stolen.returncode, stolen.stdout) == (2, "")
    assert f"belongs to connection '{begun['connection_id']}'" in stolen.stderr
