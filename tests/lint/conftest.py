"""Templates on disk, and what the linter says of them."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from byoaws.lint.interface import LinkFacts
from byoaws.model import Finding

LINK = LinkFacts(prefilled=frozenset({"ExternalId", "WebhookSecret"}), external_id="ExternalId", secret="WebhookSecret")


@pytest.fixture
def link() -> LinkFacts:
    return LINK


@pytest.fixture
def lint_text(tmp_path: Path) -> Callable[..., list[Finding]]:
    """Lint a text as a file of its own; only our findings unless `stock` is set."""

    def run(text: str | bytes, *, name: str = "template.yaml", stock: bool = False, **options: object) -> list[Finding]:
        from byoaws.lint.engine import lint

        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = lint([path], **options)  # type: ignore[arg-type]
        return found if stock else [one for one in found if one.code[1:].startswith("91")]

    return run


# Processes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a process ended, and what it took."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    """Of processor time, its own and that of processes that it started."""


@pytest.fixture(scope="session")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Done]]:
    """Run `byoaws` or `cfn-lint` in a process of its own, forked where all has been imported: that takes a second."""
    place = tmp_path_factory.mktemp("forked")
    source = Path(__file__).parents[1] / "data" / "forking.py"
    forking = subprocess.Popen(
        [sys.executable, source],
        cwd=place,
        env={**os.environ, "HOME": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert forking.stdin is not None
    assert forking.stdout is not None

    def run(
        main: str,
        *arguments: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        warnings: str = "error",
        limits: Mapping[str, int] | None = None,
    ) -> Done:
        wish = {"main": main, "arguments": arguments, "cwd": str(cwd), "env": dict(os.environ if env is None else env)}
        files = {name: str(place / name) for name in ("stdout", "stderr")}
        print(json.dumps(wish | files | {"warnings": warnings, "limits": limits or {}}), file=forking.stdin, flush=True)
        if not select.select([forking.stdout], [], [], 60)[0]:
            os.killpg(forking.pid, signal.SIGKILL)
            pytest.fail(f"{main} {arguments} did not end")
        returncode, seconds = json.loads(forking.stdout.readline())
        stdout, stderr = (Path(files[name]).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return Done(returncode=returncode, stdout=stdout, stderr=stderr, seconds=seconds)

    yield run
    forking.stdin.close()
    forking.stdout.close()
    forking.wait()
