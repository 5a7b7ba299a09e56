"""Lambda sources run as Lambda runs them: from the text that a template embeds, with clients of our own."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from byoaws.templates.functions import inline


@dataclass(kw_only=True)
class Received:
    """One request, as it came over the network."""

    method: str
    path: str
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes


@dataclass(kw_only=True)
class Receiver:
    """A web server on loopback that answers what it is told to."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses of the next requests; 200 when used up, and 0 is no answer at all."""
    location: str = ""
    """Where a 3xx answer points."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.received.append(Received(method=self.command, path=self.path, headers=headers, body=body))
            status = state.answers.pop(0) if state.answers else 200
            if not status:
                release.wait(10)
                return
            self.send_response(status)
            if state.location:
                self.send_header("Location", state.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *arguments: object) -> None:
            pass

    release = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing waits for them
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Load a function's source: `load(name, ses=client, ...)`; its clients are those given, its pauses take no time."""

    def run(name: str, **clients: Any) -> Any:
        monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=clients.__getitem__))
        module = ModuleType(name)
        exec(compile(inline(name), f"{name}.py", "exec"), module.__dict__)  # noqa: S102  as Lambda does
        real = module.time
        module.pauses = []  # type: ignore[attr-defined]
        module.time = SimpleNamespace(sleep=module.pauses.append, time=real.time, monotonic=real.monotonic)  # type: ignore[attr-defined]
        return module

    return run
