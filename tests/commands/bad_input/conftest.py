"""Whatever is asked wrongly: one message with a way out, the documented exit code, nothing printed, nothing written."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.model import Connection


@pytest.fixture
def refused(
    cwd: Path,
    connection: Connection,
    vendor_env: Mapping[str, str],
    run: Callable[..., Result],
    everything: Callable[[], dict[str, str]],
) -> Callable[..., None]:
    """Run a wrong command line, and hold what it says and does against what it must.

    `args` are words, `''` an empty one; `words` is what stderr must say, and `never` what it must not. `files` are made
    in the working directory; None is a directory. In `args` and `env`, `{cwd}` and `{connection}` are filled in.
    """

    def fill(text: str) -> str:
        return text.format(cwd=cwd, connection=connection.id)

    def check(
        args: str,
        words: tuple[str, ...],
        code: int = 2,
        env: Mapping[str, str] | None = None,
        files: Mapping[str, bytes | None] | None = None,
        never: tuple[str, ...] = (),
    ) -> None:
        for name, content in (files or {}).items():
            (cwd / name).mkdir() if content is None else (cwd / name).write_bytes(content)
        given = [fill(word) if word != "''" else "" for word in args.split(" ")]
        before = everything()
        done = run(*given, env={name: fill(value) for name, value in (env or {}).items()})

        said = done.stderr
        assert done.exit_code == code, said
        assert done.stdout == ""
        lines = said.splitlines()
        assert sum(line.startswith("error: ") for line in lines) == 1, said
        assert sum(line.startswith("hint:  ") for line in lines) == 1, said
        assert "Traceback" not in said
        for word in words:
            assert word in said
        for secret in never:
            assert secret not in said
        assert everything() == before

    return check
