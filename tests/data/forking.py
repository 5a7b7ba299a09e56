"""Runs command lines, each in a process of its own that was forked here once everything heavy had been imported.

A wish is a line of JSON on standard input: which `main` (`byoaws` or `cfn-lint`), `arguments`, `cwd`, `env`, what
`warnings` do, `limits` as in `setrlimit`, and files for `stdout` and `stderr`. The answer is a line: exit code, and
seconds of processor time of the process and those that it started. This process has a single thread, and lints nothing.
"""

import gc
import json
import os
import resource
import sys
import warnings
from typing import Any

from cfnlint.runner.cli import main as cfn_lint

import byoaws.commands.lint  # noqa: F401
from byoaws.cli import main as byoaws_main
from byoaws.lint.stock import Configuration, load_rules

MAIN = {"byoaws": byoaws_main, "cfn-lint": cfn_lint}


def load() -> None:
    """Load the rules as the first lint of a process does."""
    load_rules(Configuration())
    gc.collect()
    gc.freeze()


def wishes() -> dict[str, Any]:
    """Fork for each wish; returns in the child only."""
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            answers.close()
            return dict(json.loads(line))
        _, status, used = os.wait4(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]), file=answers, flush=True)
    os._exit(0)


def become(wish: dict[str, Any]) -> None:
    """Take on everything that a process of its own would have been given."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(wish[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.chdir(wish["cwd"])
    os.environ.clear()
    os.environ.update(wish["env"])
    sys.argv = [wish["main"], *wish["arguments"]]
    sys.warnoptions[:] = [wish["warnings"]]
    warnings.resetwarnings()
    warnings.simplefilter(wish["warnings"])
    for name, most in wish["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))


load()
wish = wishes()
become(wish)
MAIN[wish["main"]]()
