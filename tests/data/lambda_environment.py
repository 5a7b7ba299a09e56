"""Environments of Lambda: processes under AWS's own runtime client, forked here where boto3 has been imported.

A wish is a line of JSON on standard input: `folder`, `environment` and `space`, bytes of address space; the answer is a
line with a process's number. Those who wish end it. What is read here only once, botocore's models, a function of a
customer's would read itself: they count in its memory all the same. This process has a single thread.
"""

import contextlib
import json
import os
import resource
import runpy
import sys
from typing import Any

import boto3
import botocore.loaders
import botocore.session

CLIENTS = ("s3", "secretsmanager", "ses", "cloudformation")


def share_models() -> None:
    """Have every session take botocore's models from one loader, which has read them."""
    loader = botocore.loaders.create_loader()
    botocore.session.create_loader = lambda *_: loader
    for name in CLIENTS:
        boto3.client(name, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


def wishes() -> dict[str, Any]:
    """Fork for each wish; returns in the child only."""
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        child = os.fork()
        if not child:
            answers.close()
            return dict(json.loads(line))
        print(child, file=answers, flush=True)
    with contextlib.suppress(ChildProcessError):
        while os.wait():
            pass
    os._exit(0)


def become(wish: dict[str, Any]) -> None:
    """Take on all that Lambda would have given it, before the runtime client is loaded, which reads whom to ask."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(os.path.join(wish["folder"], "log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    os.close(nothing)
    os.close(log)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.path[0] = ""
    sys.argv = ["awslambdaric", "index.handler"]
    resource.setrlimit(resource.RLIMIT_AS, (wish["space"], wish["space"]))


share_models()
become(wishes())
runpy.run_module("awslambdaric", run_name="__main__")
