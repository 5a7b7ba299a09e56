"""`byoaws runbook`: list, markdown and HTML, with and without a connection, to a file and to standard output."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.model import Connection
from byoaws.runbooks.catalogue import RUNBOOKS

Run = Callable[..., Result]


def test_list(output_of: Callable[..., str]) -> None:
    text = output_of("runbook", "--list")
    assert [line.split()[0] for line in text.splitlines() if not line.startswith(" ")] == list(RUNBOOKS)
    assert max(map(len, text.splitlines())) <= 80


def test_list_as_json(json_of: Callable[..., dict]) -> None:
    found = json_of("runbook", "--list")
    assert [entry["name"] for entry in found["runbooks"]] == list(RUNBOOKS)
    assert {key for entry in found["runbooks"] for key in entry} == {"name", "title", "summary"}


@pytest.mark.parametrize("name", RUNBOOKS)
def test_without_a_connection_nothing_is_stored(
    name: str, output_of: Callable[..., str], everything: Callable[[], dict[str, str]]
) -> None:
    before = everything()
    assert output_of("runbook", name).startswith("# ")
    assert everything() == before


@pytest.mark.parametrize("name", RUNBOOKS)
@pytest.mark.parametrize("format_name", ["markdown", "html"])
def test_with_a_connection(
    name: str, format_name: str, connection: Connection, vendor_env: object, output_of: Callable[..., str]
) -> None:
    assert connection.webhook_secret
    text = output_of("runbook", name, "--connection", connection.id, "--format", format_name)
    assert connection.id in text
    assert connection.external_id in text
    assert connection.webhook_secret not in text
    assert connection.webhook_secret.removeprefix("whsec_").rstrip("=") not in text


@pytest.mark.parametrize(
    ("options", "beginning"),
    [
        (["-o", "x.md"], "# "),
        (["-o", "x.html"], "<!doctype html>"),
        (["-o", "x.HTM"], "<!doctype html>"),
        (["-o", "x.html", "--format", "markdown"], "# "),
        (["-o", "x.txt", "--format", "html"], "<!doctype html>"),
    ],
    ids=" ".join,
)
def test_to_a_file(options: list[str], beginning: str, cwd: Path, run: Run) -> None:
    done = run("runbook", "disconnect", *options)
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"wrote {options[1]}" in done.stderr
    assert (cwd / options[1]).read_text().startswith(beginning)
    assert [path.name for path in cwd.iterdir()] == [options[1]]


def test_after_disconnect_only_what_is_left_to_do(connection: Connection, run: Run) -> None:
    assert run("connections", "disconnect", connection.id, "--yes").exit_code == 0
    for name, runbook in RUNBOOKS.items():
        done = run("runbook", name, "--connection", connection.id)
        assert done.exit_code == (0 if runbook.after_disconnect else 2), name
        if not runbook.after_disconnect:
            assert done.stdout == ""
            assert f"'{connection.id}' is disconnected" in done.stderr


def test_the_vendor_and_region_that_were_not_asked_for_are_named(run: Run) -> None:
    done = run("runbook", "connect")
    assert "vendor: mailmark (the default)" in done.stderr
    assert "region: us-east-1" in done.stderr
