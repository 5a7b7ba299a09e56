"""Runs command lines, each in a process of its own that was forked here once what all of them need had been imported.

Arguments: the path of a socket to listen on, and `heavy` if cfn-lint and its rules are to be loaded; else nothing is
but what the program itself begins with. A wish is a space, with which come two open files, for standard output and
error, and JSON: which `main` (`byoaws` or `cfn-lint`), `arguments`, `cwd`, `env`, what `warnings` do, `limits` as in
`setrlimit`, and if it is to `tell` of the modules that it has loaded in the end, as the last line of standard error.
The answer is JSON: exit code, and seconds of processor time of the process and those that it started. This process has
a single thread, lints nothing, and ends when its standard input does.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import resource
import select
import socket
import sys
import threading
import warnings
from typing import Any, NoReturn

MAIN = {"byoaws": "byoaws.cli", "cfn-lint": "cfnlint.runner.cli"}


def load() -> None:
    """Load the rules as the first lint of a process does, and as cfn-lint itself does."""
    import cfnlint.helpers
    import cfnlint.runner.cli
    from cfnlint.config import ConfigMixIn

    import byoaws.formats
    import byoaws.lint
    from byoaws.lint.stock import Configuration, load_rules

    for package in (byoaws.lint, byoaws.formats):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith("byoaws.lint.rules."):  # cfn-lint loads these
                importlib.import_module(found.name)
    for name in ("commands.lint", "commands.lint_progress", "factory", "flows.lint"):
        importlib.import_module(f"byoaws.{name}")
    configuration = Configuration()
    load_rules(configuration)
    cfnlint.helpers.load_plugins = functools.cache(cfnlint.helpers.load_plugins)
    for folder in {*configuration.append_rules, *ConfigMixIn().append_rules}:
        cfnlint.helpers.load_plugins(folder)


def wishes(listener: socket.socket) -> dict[str, Any]:
    """Fork for each wish; returns in the child only."""
    while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
        caller, _ = listener.accept()
        _, files, _, _ = socket.recv_fds(caller, 1, 2)
        with caller.makefile("rb") as said:
            wish = said.read()
        child = os.fork()
        if not child:
            caller.close()
            listener.close()
            return {**json.loads(wish), "files": files}
        for file in files:
            os.close(file)
        _, status, used = os.wait4(child, 0)
        with caller:
            caller.send(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]).encode())
    os._exit(0)


def become(wish: dict[str, Any]) -> None:
    """Take on everything that a process of its own would have been given."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, *wish["files"])):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    os.chdir(wish["cwd"])
    os.environ.clear()
    os.environ.update(wish["env"])
    sys.argv = [wish["main"], *wish["arguments"]]
    sys.warnoptions[:] = [wish["warnings"]]
    warnings.resetwarnings()
    warnings.simplefilter(wish["warnings"])
    for name, most in wish["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))


def run(main: str) -> int:
    """Run the command; returns its exit code, and prints what Python would have printed of an error."""
    if main == "cfn-lint":
        validators = importlib.import_module("cfnlint.jsonschema.validators")
        validators.create = validators.create.__wrapped__  # as it is without us
    try:
        importlib.import_module(MAIN[main]).main()
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        print(ended.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def end(code: int, *, tell: bool) -> NoReturn:
    """End as Python does, but leave memory to the system: to take apart what was forked costs a tenth of a second."""
    gc.collect()  # what has not been closed is told of
    threading._shutdown()
    atexit._run_exitfuncs()
    if tell:
        print(json.dumps(sorted(sys.modules)), file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


importlib.import_module(MAIN["byoaws"])
if "heavy" in sys.argv[2:]:
    load()
gc.collect()
gc.freeze()
with socket.socket(socket.AF_UNIX) as door:
    door.bind(sys.argv[1])
    door.listen()
    print("ready", flush=True)
    wish = wishes(door)
become(wish)
end(run(wish["main"]), tell=wish["tell"])
