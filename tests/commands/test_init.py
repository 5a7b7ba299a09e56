"""`byoaws init`: from options, from answers on a terminal, and never over a file that is there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.commands import options, questions
from byoaws.flows.init.make import OFFERED_BLOCKS, offered_packs
from byoaws.vendors.file import load_vendor

Run = Callable[..., Result]
ACME = ("--name", "acme", "--title", "Acme Mail", "--account-id", "111122223333", "--principal", "role/mailer")
PACKS = ("--packs", "ses-send,ses-account-read,self-read")
METRICS = """\
title: Read metrics
statements:
  - sid: ReadMetrics
    actions:
      - {action: "cloudwatch:GetMetricData", reason: Draw the graphs.}
    resources: ["*"]
"""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who can be asked."""
    monkeypatch.setattr(options, "on_terminal", lambda: True)


@pytest.fixture
def metrics(cwd: Path) -> Path:
    (cwd / "packs").mkdir()
    (cwd / "packs" / "metrics-read.yaml").write_text(METRICS)
    return cwd / "packs" / "metrics-read.yaml"


# From options --------------------------------------------------------------------------------------------------------


def test_everything_by_options(run: Run, cwd: Path) -> None:
    done = run(
        *("init", *ACME[:6], "--role-arn", "arn:aws:iam::111122223333:role/x", *PACKS, "--blocks", "forwarder"),
        *("--inbound-webhook", "https://acme.example/in", "--sending-webhook", "https://acme.example/out"),
        *("--webhook-secret", "parameter", "--external-id-prefix", "acme:", "--external-id-bytes", "32"),
        *("--role-name", "Acme", "--template-url", "https://acme.s3.amazonaws.com/t.yaml", "-o", "new.yaml"),
    )
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    vendor = load_vendor(str(cwd / "new.yaml"), {})
    assert vendor.stack.blocks == ("sending", "notifications", "inbound", "forwarder", "access")
    assert vendor.account.role_arn == "arn:aws:iam::111122223333:role/x"
    assert (vendor.external_id_prefix, vendor.external_id_bytes, vendor.role_name) == ("acme:", 32, "Acme")
    for told in ("added block 'inbound'", "added block 'access'", "wrote new.yaml", "W103 secret-in-link", "W104"):
        assert told in done.stderr
    assert [path.name for path in cwd.iterdir()] == ["new.yaml"]


def test_the_result_is_what_every_other_command_takes(run: Run, cwd: Path) -> None:
    assert run("init", *ACME, *PACKS).exit_code == 0
    assert run("generate", "-o", "stack.yaml").exit_code == 0
    assert run("lint", "stack.yaml", "--vendor", "./byoaws.yaml").exit_code == 0
    for command in (["policy", "permissions"], ["policy", "deployer"], ["vendor", "show"], ["vendor", "check"]):
        assert run(*command).exit_code == 0
    doctor = run("doctor")
    assert "PASS     D101" in doctor.stdout
    assert "PASS     D103" in doctor.stdout
    link = run("link", "--template-url", "https://acme.s3.us-east-1.amazonaws.com/t.yaml", "--region", "us-east-1")
    assert link.exit_code == 0, link.stderr


def test_packs_of_its_own(run: Run, cwd: Path, metrics: Path) -> None:
    done = run("init", *ACME, "--packs", "self-read, ./packs/metrics-read.yaml")
    assert done.exit_code == 0, done.stderr
    vendor = load_vendor(str(cwd / "byoaws.yaml"), {})
    assert (vendor.packs, vendor.stack.blocks) == (("self-read", "metrics-read"), ("access",))
    assert "ses" not in "".join(vendor.probes)


def test_packs_are_beside_the_file_that_is_written(run: Run, cwd: Path, metrics: Path) -> None:
    (cwd / "there").mkdir()
    done = run("init", *ACME, "--packs", "./packs/metrics-read.yaml", "-o", "there/byoaws.yaml")
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr
    assert list((cwd / "there").iterdir()) == []


def test_mistakes_of_a_pack_are_told_with_their_places(run: Run, cwd: Path, metrics: Path) -> None:
    metrics.write_text(METRICS.replace("GetMetricData", "*").replace("ReadMetrics", "a b"))
    done = run("init", *ACME, "--packs", "./packs/metrics-read.yaml")
    assert done.exit_code == 2
    assert "packs/metrics-read.yaml:3:" in done.stderr
    assert "packs/metrics-read.yaml:5:" in done.stderr
    assert not (cwd / "byoaws.yaml").exists()


def test_what_is_missing_is_told_at_once(run: Run, cwd: Path) -> None:
    done = run("init")
    assert done.exit_code == 2
    for name in ("--name", "--title", "--account-id (or --role-arn)", "--packs"):
        assert name in done.stderr
    done = run("init", "--title", "x", "--packs", "ses-send", "--blocks", "forwarder,notifications")
    for name in ("--name", "--account-id", "--inbound-webhook", "--sending-webhook"):
        assert name in done.stderr
    assert "--title," not in done.stderr
    assert list(cwd.iterdir()) == []


def test_a_secret_in_a_url_is_not_repeated(run: Run) -> None:
    done = run("init", *ACME, *PACKS, "--sending-webhook", "https://me:hunter2@acme.example/")
    assert done.exit_code == 2
    assert "--sending-webhook" in done.stderr
    assert "hunter2" not in done.stderr


# A file that is there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["file", "directory", "link to nowhere", "link to a file"])
def test_what_is_there_stays(what: str, run: Run, cwd: Path, everything: Callable[[], dict[str, str]]) -> None:
    path = cwd / "byoaws.yaml"
    if what == "file":
        path.write_text("mine")
    elif what == "directory":
        path.mkdir()
    else:
        path.symlink_to(cwd.parent / "elsewhere")
        if what == "link to a file":
            (cwd.parent / "elsewhere").write_text("mine")
    before = everything()
    done = run("init", *ACME, *PACKS)
    assert done.exit_code == 2
    assert everything() == before


def test_force_replaces_it(run: Run, cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text("mine")
    assert run("init", *ACME, *PACKS, "--force").exit_code == 0
    assert load_vendor(str(cwd / "byoaws.yaml"), {}).name == "acme"


def test_a_mistake_leaves_even_a_forced_file_as_it_was(run: Run, cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text("mine")
    assert run("init", *ACME, "--packs", "selfmx-domain", "--force").exit_code == 2
    assert (cwd / "byoaws.yaml").read_text() == "mine"


def test_a_file_that_comes_meanwhile_stays(
    run: Run, cwd: Path, terminal: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look and the writing are a dozen questions."""
    ask = questions.ask

    def slowly(*args: object) -> object:
        (cwd / "byoaws.yaml").write_text("mine")
        return ask(*args)

    monkeypatch.setattr(questions, "ask", slowly)
    done = run("init", *ACME, *PACKS, input="\n")
    assert done.exit_code == 2
    assert "cannot write 'byoaws.yaml': file exists" in done.stderr
    assert [(path.name, path.read_text()) for path in cwd.iterdir()] == [("byoaws.yaml", "mine")]


def test_a_folder_that_is_not_there(run: Run, cwd: Path) -> None:
    done = run("init", *ACME, *PACKS, "-o", "nowhere/byoaws.yaml")
    assert done.exit_code == 2
    assert "cannot write" in done.stderr
    assert list(cwd.iterdir()) == []


# On a terminal -------------------------------------------------------------------------------------------------------


def answers(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_enter_takes_what_is_proposed(run: Run, cwd: Path, terminal: None) -> None:
    done = run("init", input=answers("acme-mail", "", "", "", "", ""))
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    vendor = load_vendor(str(cwd / "byoaws.yaml"), {})
    assert (vendor.name, vendor.title, vendor.account.account_id) == ("acme-mail", "Acme Mail", None)
    assert vendor.packs == ("ses-send", "ses-account-read", "self-read")
    assert vendor.stack.blocks == ("sending", "access")
    assert "set aws.account_id, or ACME_MAIL_AWS_ACCOUNT_ID" in done.stderr
    assert "added" not in done.stderr


def test_everything_that_can_be_chosen_is_shown_with_its_reasons(run: Run, cwd: Path, terminal: None) -> None:
    done = run("init", input=answers("acme", "", "", "", "", ""), env={"COLUMNS": "500"})
    shown = " ".join(done.stderr.split())
    for pack in offered_packs():
        assert pack.title in shown
        assert all(grant.reason in shown for statement in pack.statements for grant in statement.grants)
    assert all(name in shown and words in shown for name, words in OFFERED_BLOCKS.items())
    assert "needed: block 'sending': pack 'ses-send'" in shown


def test_what_an_option_gives_is_not_asked(run: Run, cwd: Path, terminal: None) -> None:
    done = run("init", *ACME, *PACKS, "--blocks", "access")
    assert done.exit_code == 0, done.stderr
    assert "Packs, by number" not in done.stderr


def test_a_bad_answer_is_asked_again(run: Run, cwd: Path, terminal: None, metrics: Path) -> None:
    (cwd / "packs" / "bad.yaml").write_text(METRICS.replace("GetMetricData", "*"))
    self_read = 1 + [pack.name for pack in offered_packs()].index("self-read")
    said = [
        *("Acme", "", "acme", "", "12", "111122223333", "role/a b", "arn:aws:iam::999999999999:role/x", "role/mailer"),
        *("99", "0", "nope", "selfmx-domain", "./packs/bad.yaml", "./packs/none.yaml", ","),
        *(f"{self_read} ./packs/metrics-read.yaml", "5", "nothing"),
        *("4", "http://acme.example/", "https://acme.example/in", "maybe", "generated"),
    ]  # fmt: skip
    done = run("init", input=answers(*said))
    assert done.exit_code == 0, done.stderr
    vendor = load_vendor(str(cwd / "byoaws.yaml"), {})
    assert vendor.packs == ("self-read", "metrics-read", "webhook-secret-read")
    assert vendor.stack.blocks == ("inbound", "forwarder", "access")
    assert vendor.account.principal == "role/mailer"
    for told in (
        "is not a vendor name",
        "12 digits",
        "that role is not in account",
        "not a number from 1",
        "has a wildcard",
    ):
        assert told in done.stderr


def test_one_role_by_its_arn(run: Run, cwd: Path, terminal: None) -> None:
    done = run("init", input=answers("acme", "", "111122223333", "arn:aws:iam::111122223333:role/x", "self-read", ""))
    assert done.exit_code == 0, done.stderr
    vendor = load_vendor(str(cwd / "byoaws.yaml"), {})
    assert (vendor.account.role_arn, vendor.account.principal) == ("arn:aws:iam::111122223333:role/x", None)
    assert vendor.stack.blocks == ("access",)


def test_answers_that_end_early_write_nothing(run: Run, cwd: Path, terminal: None) -> None:
    done = run("init", input=answers("acme", ""))
    assert done.exit_code != 0
    assert list(cwd.iterdir()) == []


def test_a_file_that_is_there_is_told_of_before_anything_is_asked(run: Run, cwd: Path, terminal: None) -> None:
    (cwd / "byoaws.yaml").write_text("mine")
    done = run("init", input="")
    assert done.exit_code == 2
    assert "is there already" in done.stderr
    assert "Name" not in done.stderr


def test_on_a_real_terminal(cwd: Path) -> None:
    import pty

    controller, terminal = pty.openpty()
    os.write(controller, answers("acme", "", "111122223333", "role/mailer", "self-read", "").encode())
    done = subprocess.run(
        [sys.executable, "-m", "byoaws.cli", "init"],
        stdin=terminal,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )
    os.close(terminal)
    os.close(controller)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "\x1b" not in done.stderr
    assert load_vendor(str(cwd / "byoaws.yaml"), {}).packs == ("self-read",)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_questions_fit_the_terminal(columns: int, run: Run, terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    done = run("init", input=answers("acme", "", "", "", "", ""))
    shown = done.stderr.partition("What may the role do?")[2].partition("Blocks, by number")[0]
    assert max(len(line) for line in shown.splitlines() if line.startswith("  ")) <= columns
