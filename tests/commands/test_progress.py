"""Progress is for terminals: nothing is said where there is none, and nothing stays where there is one."""

import io
import sys

import pytest

from byoaws.commands.progress import job_progress, verify_progress
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
