"""Every artefact generated for vendor mailmark, held against the files in `mailmark/` beside this one."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from byoaws.flows import policy, stack
from byoaws.flows.links import link
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

EXTERNAL_ID = "0123456789abcdef" * 3
SECRET = "whsec_" + base64.b64encode(b"an example and not a secret: 32.").decode()
ENV = {
    "MAILMARK_AWS_ACCOUNT_ID": "111122223333",
    "MAILMARK_CFN_TEMPLATE_URL": "https://byoaws-example.s3.us-east-1.amazonaws.com/templates/mailmark.yaml",
}
HERE = policy.Where(region="eu-west-1", account_id="444455556666")


def offer(vendor: Vendor) -> link.Offer:
    minted = link.Minted(external_id=EXTERNAL_ID, webhook_secret=SECRET)
    return link.offer(vendor, minted, region="eu-west-1", parameters={"InboundRecipients": "a.example,b.example"})


def pretty(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"


ARTEFACTS: dict[str, Callable[[Vendor], str]] = {
    "template.yaml": lambda vendor: stack.generate(vendor, "yaml"),
    "template.json": lambda vendor: stack.generate(vendor, "json"),
    "trust.json": lambda vendor: pretty(policy.trust(vendor, EXTERNAL_ID, HERE)),
    "permissions.json": lambda vendor: pretty(policy.permissions(vendor, policy.Where())),
    "permissions-here.json": lambda vendor: pretty(policy.permissions(vendor, HERE)),
    "deployer.json": lambda vendor: pretty(policy.deployer(vendor, policy.Where())),
    "deployer-here.json": lambda vendor: pretty(policy.deployer(vendor, HERE)),
    "link.url": lambda vendor: offer(vendor).url + "\n",
    "link.json": lambda vendor: pretty(offer(vendor).as_json()),
    "link.sh": lambda vendor: offer(vendor).cli + "\n",
    "link.tf": lambda vendor: offer(vendor).terraform + "\n",
}
FOLDER = Path(__file__).parent / "mailmark"


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return load_vendor("mailmark", ENV)


@pytest.mark.parametrize("name", ARTEFACTS)
def test_artefact(name: str, vendor: Vendor, golden: Callable[[str, str], None]) -> None:
    golden(f"mailmark/{name}", ARTEFACTS[name](vendor))


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(ARTEFACTS)


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (None, "golden file 'x.txt' is missing: run 'pytest --update-golden'"),
        ("old\n", "golden file 'x.txt' is stale: run 'pytest --update-golden'"),
        ("new", "golden file 'x.txt' is stale"),
    ],
    ids=["missing", "stale", "without its final newline"],
)
def test_a_golden_file_that_is_not_right_fails_and_says_what_to_do(
    golden: Callable[[str, str], None], tmp_path: Path, found: str | None, complaint: str
) -> None:
    check = type(golden)(folder=tmp_path, update=False)  # type: ignore[call-arg]
    if found is not None:
        (tmp_path / "x.txt").write_text(found)
    with pytest.raises(pytest.fail.Exception) as failed:
        check("x.txt", "new\n")
    assert str(failed.value).startswith(complaint)


def test_update_writes_what_then_passes(golden: Callable[[str, str], None], tmp_path: Path) -> None:
    type(golden)(folder=tmp_path, update=True)("a/x.txt", "new\n")  # type: ignore[call-arg]
    type(golden)(folder=tmp_path, update=False)("a/x.txt", "new\n")  # type: ignore[call-arg]
    assert (tmp_path / "a" / "x.txt").read_text() == "new\n"


COMMANDS = ("generate", "policy deployer")
RUN = """
import sys
from byoaws.cli import main
for command in sys.argv[1:]:
    sys.argv[1:] = command.split()
    try:
        main()
    except SystemExit as end:
        assert not end.code, end
    print("----")
"""


def test_generation_does_not_depend_on_the_process() -> None:
    """Sets and hashes have another order in every process; what is generated has not."""

    def printed(seed: str) -> list[str]:
        env = {**ENV, "PATH": os.environ["PATH"], "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", RUN, *COMMANDS]
        done = subprocess.run(command, env=env, capture_output=True, check=True, text=True)
        return done.stdout.split("----\n")

    first, second = printed("1"), printed("2")
    assert first == second
    assert [bool(text) for text in first] == [True] * len(COMMANDS) + [False]
