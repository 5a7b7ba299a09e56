"""The count of files is for terminals, for those who wait longer than a second, and leaves nothing behind."""

import io
import sys
from collections.abc import Callable

import pytest

from byoaws.commands.lint_progress import lint_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def use(*times: float, raising: BaseException | None = None) -> None:
    """Five files; `times` are what the clock says at the start, and after each."""
    ticks = iter(times)
    with lint_progress(lambda: next(ticks)) as progress:
        if progress:
            for done in range(1, len(times)):
                progress(done, 5)
        if raising:
            raise raising


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Terminal]:
    """Use it on a terminal, and return that. Set in the test itself: between fixtures and test, pytest sets it too."""

    def run(*times: float, raising: BaseException | None = None) -> Terminal:
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        use(*times, raising=raising)
        return screen

    return run


def shown(screen: Terminal) -> str:
    """What is on the line at the end."""
    line = ""
    for part in screen.getvalue().split("\r"):
        line = part + line[len(part) :]
    return line.rstrip()


def test_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    use(0, 2, 4)
    assert capsys.readouterr() == ("", "")


def test_no_stderr_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    use(0, 2)


def test_silent_in_the_first_second(look: Callable[..., Terminal]) -> None:
    assert look(0, 0.3, 0.6, 0.9).getvalue() == ""


def test_counts_and_clears(look: Callable[..., Terminal]) -> None:
    screen = look(0, 0.5, 1.2, 1.6)
    assert "linting: 1 of 5 files" not in screen.getvalue()
    assert "linting: 2 of 5 files" in screen.getvalue()
    assert "linting: 3 of 5 files" in screen.getvalue()
    assert shown(screen) == ""


def test_clears_after_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with pytest.raises(KeyboardInterrupt):
        use(0, 2, raising=KeyboardInterrupt())
    assert "linting: 1 of 5 files" in screen.getvalue()
    assert shown(screen) == ""


def test_no_escape_is_sent_which_a_simple_terminal_would_show(look: Callable[..., Terminal]) -> None:
    assert "\x1b" not in look(0, 2).getvalue()
