"""Progress is for terminals: nothing is said where there is none, and nothing stays where there is one."""

import io
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from byoaws.commands import options
from byoaws.commands.progress import asking, fleet_progress, job_progress, verify_progress
from byoaws.model import ProbeResult, Status
from byoaws.registry import PROBES

PROBE = PROBES.load("role-arn")
RESULT = ProbeResult(code="V101", name="role-arn", status=Status.PASS, summary="fine")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def use() -> None:
    with verify_progress() as progress:
        progress.started(PROBE)
        progress.waiting(2.4)
        progress.finished(RESULT)


def test_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    use()
    assert capsys.readouterr() == ("", "")


def test_shows_and_clears_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    use()
    shown = screen.getvalue()
    assert "refused; IAM may still be spreading the role: trying again in 2 s" in shown
    assert shown.endswith("\x1b[2K")  # the line is erased,
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # and the cursor is back
    assert capsys.readouterr().out == ""


def test_that_something_goes_on_is_shown_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with asking("counting"):
        pass
    assert capsys.readouterr() == ("", "")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with asking("counting"):
        pass
    assert "counting" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")
    assert capsys.readouterr().out == ""


def test_shows_what_everybody_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("rich.status.Status.update", lambda self, text: said.append(text))
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    first, second = PROBE, PROBES.load("ses-account")
    with verify_progress() as progress:
        progress.started(first)
        progress.started(second)
        progress.finished(RESULT)
        progress.finished(replace(RESULT, name="ses-account"))
    assert said == [first.title, f"{first.title} (+1)", second.title]


def test_the_cursor_comes_back_after_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(KeyboardInterrupt), verify_progress():
        raise KeyboardInterrupt
    assert screen.getvalue().count("\x1b[?25h") == 1


def test_no_stderr_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    use()


def work(total: int | None) -> None:
    with job_progress(total) as progress:
        progress("PROCESSING [red]", 3)


@pytest.mark.parametrize("total", [None, 10])
def test_a_job_is_silent_without_a_terminal(total: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    work(total)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("total", "count"), [(None, False), (10, True)])
def test_a_job_shows_its_state_and_clears_it(
    total: int | None, count: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    work(total)
    shown = screen.getvalue()
    assert "PROCESSING [red]" in shown  # AWS's words are no markup
    assert ("3/10" in shown) is count
    assert shown.endswith("\x1b[2K")
    assert capsys.readouterr().out == ""


def over_a_fleet() -> None:
    with fleet_progress("checking") as progress:
        progress.planned(1000)
        progress.checked(250)
        progress.waiting(datetime(2026, 11, 21, 12, 30, tzinfo=UTC))
        progress.waiting(None)
        progress.checked(250)


def test_a_fleet_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    over_a_fleet()
    assert capsys.readouterr() == ("", "")


def test_a_fleet_shows_how_many_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    over_a_fleet()
    shown = screen.getvalue()
    assert " 500/1000" in shown
    assert shown.endswith("\x1b[2K")


def test_a_note_is_a_line_of_its_own_above_the_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    with fleet_progress("checking") as progress:
        progress.planned(1000)
        before = len(screen.getvalue())
        options.note("stopping")
        said = screen.getvalue()[before:]
        progress.over()
        over = len(screen.getvalue())
        progress.checked(1000)
        options.warn("once it is over")
    assert "\x1b[2Kstopping\n" in said  # the bar's line is erased first,
    assert "checking" in said.partition("stopping\n")[2]  # and drawn again below
    assert "1000/1000" not in screen.getvalue()[over:]
    assert screen.getvalue().endswith("once it is over\n")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("columns", [80, 120])
def test_no_figure_is_cut_off(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    with fleet_progress("checking") as progress:
        progress.planned(1_000_000)
        progress.checked(120_000)
        progress.waiting(datetime(2026, 11, 21, 12, 30, tzinfo=UTC))
    (last,) = (line for line in re.split(r"\x1b\[\w+|[\r\n]", screen.getvalue()) if "120000/1000000" in line)
    assert re.search(r" another worker has the rest until \d\d:\d\d:00$", last.rstrip())
    assert len(last) <= columns
