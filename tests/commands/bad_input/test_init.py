"""`byoaws init`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

_INIT = "init --name acme --title Acme --account-id 111122223333 --packs self-read"
_PACK = b"title: T\nstatements: [{sid: S, actions: [{action: 's3:*', reason: R}], resources: ['*']}]\n"

CASES: dict[str, dict[str, Any]] = {
    "init-nothing": {
        "args": "init",
        "words": ("--name", "--title", "--account-id (or --role-arn)", "--packs", "terminal"),
    },
    "init-empty": {"args": "init --name ''", "words": ("--name", "empty", "shell variable")},
    "init-three-mistakes": {
        "args": "init --name A --title x --account-id 1 --packs self-raed",
        "words": ("--name: 'A'", "--account-id: '1'", "did you mean 'self-read'?"),
    },
    "init-there-already": {"args": _INIT, "files": {"byoaws.yaml": b"mine"}, "words": ("is there already", "--force")},
    "init-into-nowhere": {"args": f"{_INIT} -o none/x.yaml", "words": ("cannot write", "no such file")},
    "init-two-principals": {
        "args": f"{_INIT} --principal role/x --role-arn arn:aws:iam::111122223333:role/x",
        "words": ("only one of the two",),
    },
    "init-block-of-users": {"args": f"{_INIT} --blocks user", "words": ("makes no role", "selfmx.yaml")},
    "init-few-bytes": {"args": f"{_INIT} --external-id-bytes 8", "words": ("8 is too few", "192 bits")},
    "init-escape": {"args": f"{_INIT} --role-name \x1b[2J", "words": ("--role-name",), "never": ("\x1b",)},
    "init-webhook-with-password": {
        "args": f"{_INIT} --sending-webhook https://me:hunter2@x.example/",
        "words": ("credentials",),
        "never": ("hunter2",),
    },
    "init-pack-above": {"args": f"{_INIT},../x.yaml", "words": ("'../x.yaml'", "nothing above")},
    "init-pack-not-there": {"args": f"{_INIT},./x.yaml", "words": ("'./x.yaml' cannot be read", "no such file")},
    "init-pack-with-wildcard": {
        "args": f"{_INIT},./own.yaml",
        "files": {"own.yaml": _PACK},
        "words": ("own.yaml:2:", "has a wildcard"),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
