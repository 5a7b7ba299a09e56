"""`generate`: the template on stdout or in a file, and a file held against it."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result


def test_yaml_and_json_hold_the_same_data(output_of: Callable[..., str]) -> None:
    as_yaml, as_json = output_of("generate"), output_of("generate", "--format", "json")
    template = json.loads(as_json)
    assert yaml.safe_load(as_yaml) == template
    assert template["AWSTemplateFormatVersion"] == "2010-09-09"
    assert set(template["Outputs"]) >= {"RoleArn", "BucketName"}
    assert as_yaml.endswith("\n")
    assert as_json.endswith("\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "vendor: mailmark (the default)\n"),
        (["--vendor", "mailmark"], ""),
    ],
    ids=["by-default", "asked-for"],
)
def test_names_the_vendor_that_nobody_asked_for(args: list[str], said: str, run: Callable[..., Result]) -> None:
    assert run("generate", *args).stderr == said


def test_names_the_file_that_was_found(cwd: Path, run: Callable[..., Result]) -> None:
    import byoaws.vendors

    source = (Path(byoaws.vendors.__file__).parent / "mailmark.yaml").read_text()
    (cwd / "byoaws.yaml").write_text(source.replace("name: mailmark", "name: acme"))
    done = run("generate", env={"BYOAWS_VENDOR": "mailmark"})
    assert done.stderr == "vendor: ./byoaws.yaml\n"
    assert "Vendor: acme" in done.stdout


@pytest.mark.parametrize(
    ("name", "args", "is_json"),
    [
        ("t.yaml", [], False),
        ("t.template", [], False),
        ("t.json", [], True),
        ("t.JSON", [], True),
        ("t.json", ["--format", "yaml"], False),
        ("t.yaml", ["--format", "json"], True),
    ],
)
def test_output_and_check_agree(
    name: str, args: list[str], is_json: bool, cwd: Path, run: Callable[..., Result]
) -> None:
    wrote = run("generate", "-o", name, *args)
    assert (wrote.exit_code, wrote.stdout) == (0, "")
    text = (cwd / name).read_text()
    assert wrote.stderr.endswith(f"wrote {name} ({len(text.encode()):,} bytes)\n")
    assert text.startswith("{") == is_json
    assert [path.name for path in cwd.iterdir()] == [name]
    checked = run("generate", "--check", name, *args)
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert checked.stderr.endswith(f"{name} is what would be generated\n")


def test_check_shows_the_difference_as_a_diff_and_changes_nothing(cwd: Path, run: Callable[..., Result]) -> None:
    run("generate", "-o", "t.yaml")
    changed = (cwd / "t.yaml").read_text().replace("2010-09-09", "2010-09-10")
    (cwd / "t.yaml").write_text(changed)
    done = run("generate", "--check", "t.yaml")
    assert done.exit_code == 1
    assert done.stdout.startswith("--- t.yaml\n+++ as generated now\n")
    assert "\n-AWSTemplateFormatVersion: '2010-09-10'\n+AWSTemplateFormatVersion: '2010-09-09'\n" in done.stdout
    assert (cwd / "t.yaml").read_text() == changed


def test_check_of_another_format_differs(run: Callable[..., Result]) -> None:
    run("generate", "-o", "t.json")
    assert run("generate", "--check", "t.json", "--format", "yaml").exit_code == 1


def test_check_of_an_empty_file_differs(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").touch()
    assert run("generate", "--check", "t.yaml").exit_code == 1


def test_check_takes_the_line_ends_of_windows(cwd: Path, run: Callable[..., Result]) -> None:
    run("generate", "-o", "t.yaml")
    (cwd / "t.yaml").write_bytes((cwd / "t.yaml").read_bytes().replace(b"\n", b"\r\n"))
    assert run("generate", "--check", "t.yaml").exit_code == 0


def test_output_keeps_the_mode_of_a_file_that_was_there(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").write_text("old")
    (cwd / "t.yaml").chmod(0o640)
    run("generate", "-o", "t.yaml")
    assert (cwd / "t.yaml").stat().st_mode & 0o777 == 0o640
    assert "Resources:" in (cwd / "t.yaml").read_text()


def test_output_goes_through_a_link(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "real").mkdir()
    (cwd / "t.yaml").symlink_to("real/t.yaml")
    run("generate", "-o", "t.yaml")
    assert (cwd / "t.yaml").is_symlink()
    assert "Resources:" in (cwd / "real" / "t.yaml").read_text()


def test_output_to_a_pipe_is_written_to_and_never_replaced(cwd: Path, run: Callable[..., Result]) -> None:
    os.mkfifo(cwd / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((cwd / "pipe").read_text()))
    reader.start()
    done = run("generate", "-o", "pipe")
    reader.join(10)
    assert done.exit_code == 0
    assert (cwd / "pipe").is_fifo()
    assert "Resources:" in read[0]


def test_an_interrupted_write_leaves_the_old_file(
    cwd: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **options: object) -> int:
        raise KeyboardInterrupt

    (cwd / "t.yaml").write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", interrupted)
        done = run("generate", "-o", "t.yaml")
    assert done.exit_code == 130
    assert {path.name: path.read_text() for path in cwd.iterdir()} == {"t.yaml": "old"}


def test_a_write_that_fails_half_way_leaves_the_old_file(
    cwd: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def disk_full(path: Path, text: str, **options: object) -> int:
        write(path, text[:100])
        raise OSError(28, "No space left on device")

    (cwd / "t.yaml").write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", disk_full)
        done = run("generate", "-o", "t.yaml")
    assert done.exit_code == 2
    assert "cannot write 't.yaml': no space left on device" in done.stderr
    assert {path.name: path.read_text() for path in cwd.iterdir()} == {"t.yaml": "old"}
