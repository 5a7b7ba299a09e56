"""`production-access`: by one's own credentials and through a connection, on the embedded AWS and a real name server.

The embedded AWS grants every request at once; what AWS may say instead is tested with the flow.
"""

import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dns.message
import dns.rdatatype
import dns.rrset
import pytest
from click.testing import Result

from byoaws.fakeaws.arrange import create_role, set_sandbox
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.iam.trust import trust_policy
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import open_store

REGION = "eu-west-1"
SAID = {
    "--domain": "mail.example.com",
    "--website": "https://www.example.com",
    "--mail-type": "transactional",
    "--volume": "500",
    "--mails": "Password resets and receipts that our users ask for",
    "--recipients": "Users sign up on our website and confirm their address by a link",
    "--bounces": "Our webhook takes bouncing and complaining addresses off at once",
    "--unsubscribe": "Each mail answers an action of the user, so there is no list to leave",
}
RECORDS = {
    ("mail.example.com.", "TXT"): '"v=spf1 include:amazonses.com ~all"',
    ("_dmarc.example.com.", "TXT"): '"v=DMARC1; p=quarantine"',
    ("www.example.com.", "A"): "127.0.0.1",
}


@pytest.fixture
def name_server() -> Iterator[str]:
    """A name server of example.com, as `HOST:PORT`; the website is at an address that is not public."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            query = dns.message.from_wire(data)
            reply = dns.message.make_response(query)
            name, kind = query.question[0].name.to_text(), dns.rdatatype.to_text(query.question[0].rdtype)
            if text := RECORDS.get((name, kind)):
                reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, text))
            sock.sendto(reply.to_wire(), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def ses(fake_aws: FakeAws, aws_customer: Account) -> Any:
    """SES of a new account, in the sandbox."""
    set_sandbox(fake_aws, aws_customer, REGION, sandboxed=True)
    client = fake_aws.client(aws_customer, "sesv2", REGION)
    client.create_email_identity(EmailIdentity="mail.example.com")
    return client


@pytest.fixture
def own(fake_aws: FakeAws, aws_customer: Account, ses: Any) -> dict[str, str]:
    """The environment of the customer's own administrator."""
    return {**fake_aws.environment(aws_customer), "COLUMNS": "100"}


@pytest.fixture
def ask(run: Callable[..., Result], own: Mapping[str, str], name_server: str) -> Callable[..., Result]:
    """`request` with every answer given, unless told otherwise; None leaves one out."""

    def invoke(
        *further: str, said: Mapping[str, str | None] = {}, input: str | None = None, whose: str = f"--region {REGION}"
    ) -> Result:
        words = [word for name, value in {**SAID, **said}.items() if value is not None for word in (name, value)]
        command = ("production-access", "request", *whose.split(), "--dns-server", name_server, *words, *further)
        return run(*command, env=own, input=input)

    return invoke


# Status --------------------------------------------------------------------------------------------------------------


def test_status_of_the_sandbox(run: Callable[..., Result], own: Mapping[str, str], aws_customer: Account) -> None:
    done = run("production-access", "status", "--region", REGION, env=own)
    assert (done.exit_code, done.stderr) == (1, "")
    assert f"{aws_customer.account_id}, {REGION}" in done.stdout
    assert "SANDBOX" in done.stdout
    shown = run("production-access", "status", "--region", REGION, "--format", "json", env=own)
    assert shown.exit_code == 1
    state = json.loads(shown.stdout)
    assert (state["standing"], state["sandbox"], state["review_status"]) == ("sandbox", True, None)
    assert list(state) == [
        *("account_id", "region", "standing", "sandbox", "review_status", "case_id", "sending_enabled"),
        *("enforcement_status", "max_24_hour_send", "max_send_rate", "sent_last_24_hours", "meaning", "todo"),
    ]


def test_status_of_an_account_that_may_send(
    run: Callable[..., Result], own: Mapping[str, str], fake_aws: FakeAws, aws_customer: Account
) -> None:
    set_sandbox(fake_aws, aws_customer, REGION, sandboxed=False)
    done = run("production-access", "status", "--region", REGION, env=own)
    assert (done.exit_code, "GRANTED" in done.stdout) == (0, True)


@pytest.mark.parametrize("columns", ["60", "80"])
def test_status_fits_the_terminal(run: Callable[..., Result], own: Mapping[str, str], columns: str) -> None:
    text = run("production-access", "status", "--region", REGION, env={**own, "COLUMNS": columns}).stdout
    assert max(map(len, text.splitlines())) <= int(columns)


def test_status_with_credentials_that_do_not_work(run: Callable[..., Result]) -> None:
    done = run("production-access", "status", "--region", REGION)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "hint:" in done.stderr


# Request -------------------------------------------------------------------------------------------------------------


def sandboxed(ses: Any) -> bool:
    return not ses.get_account()["ProductionAccessEnabled"]


def test_a_failed_prerequisite_stops_it(ask: Callable[..., Result], ses: Any) -> None:
    done = ask("--yes")
    assert done.exit_code == 1
    assert sandboxed(ses)
    found = dict(re.findall(r"^\S (\w+) +P\d{3} +([a-z-]+)", done.stdout, re.MULTILINE)[::-1])
    assert set(found) == {"PASS", "FAIL"}
    assert "'mail.example.com' lets SES send" in done.stdout
    assert "'_dmarc.example.com' has the policy 'quarantine'" in done.stdout
    assert "is at an address that is not public" in done.stdout
    assert "--ignore-failed" in done.stderr


def test_yes_sends_what_was_shown(ask: Callable[..., Result], ses: Any) -> None:
    done = ask("--yes", "--ignore-failed", "--contact", "me@example.com")
    assert done.exit_code == 0, done.stderr
    details = ses.get_account()["Details"]
    assert details["ContactLanguage"] == "EN"
    assert details["AdditionalContactEmailAddresses"] == ["me@example.com"]
    for answer in ("--mails", "--recipients", "--bounces", "--unsubscribe"):
        assert SAID[answer] in details["UseCaseDescription"]
    shown = " ".join(done.stdout.split())
    assert " ".join(details["UseCaseDescription"].split()) in shown
    assert not sandboxed(ses)


@pytest.mark.parametrize(("answer", "code", "sent"), [("y\n", 0, True), ("n\n", 1, False), ("\n", 1, False)])
def test_the_question_decides(ask: Callable[..., Result], ses: Any, answer: str, code: int, sent: bool) -> None:
    done = ask("--ignore-failed", input=answer)
    assert done.exit_code == code
    assert f"in {REGION}?" in done.stderr
    assert sandboxed(ses) is not sent


def test_without_an_answer_nothing_is_sent(ask: Callable[..., Result], ses: Any) -> None:
    done = ask("--ignore-failed", input="")
    assert done.exit_code == 2
    assert "a question was asked" in done.stderr
    assert sandboxed(ses)


def test_granted_already_is_fine_and_sends_nothing(
    ask: Callable[..., Result], ses: Any, fake_aws: FakeAws, aws_customer: Account
) -> None:
    set_sandbox(fake_aws, aws_customer, REGION, sandboxed=False)
    done = ask("--yes", "--ignore-failed")
    assert done.exit_code == 0
    assert "nothing to ask for" in done.stdout
    assert "UseCaseDescription" not in ses.get_account()["Details"]


def test_a_use_case_of_three_words_is_refused(ask: Callable[..., Result], ses: Any) -> None:
    done = ask("--yes", "--ignore-failed", said={"--mails": "we send mail"})
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--mails: 'we send mail' is too thin; say what is sent" in done.stderr
    assert sandboxed(ses)


def test_what_is_missing_is_named(ask: Callable[..., Result]) -> None:
    done = ask(said={"--mails": None, "--volume": None, "--mail-type": None})
    assert (done.exit_code, done.stdout) == (2, "")
    assert "missing: --mail-type, --volume, --mails" in done.stderr


def test_what_is_missing_is_asked_for_on_a_terminal(
    ask: Callable[..., Result], ses: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("byoaws.commands.options.on_terminal", lambda: True)
    done = ask(
        "--ignore-failed",
        said={"--volume": None, "--mails": None},
        input=f"many\n500\n{SAID['--mails']}\ny\n",
    )
    assert done.exit_code == 0, done.stderr
    assert "E-mails a day, at most" in done.stderr
    assert SAID["--mails"] in ses.get_account()["Details"]["UseCaseDescription"]


def test_json_is_one_object(ask: Callable[..., Result]) -> None:
    done = ask("--yes", "--format", "json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert list(found) == ["sent", "message", "todo", "state", "prerequisites", "request"]
    assert found["sent"] is False
    assert [item["name"] for item in found["prerequisites"]] == ["identity-verified", "dkim", "spf", "dmarc", "website"]
    assert found["request"]["mail_type"] == "TRANSACTIONAL"


# Through a connection ------------------------------------------------------------------------------------------------


@pytest.fixture
def connected(
    fake_aws: FakeAws, aws_customer: Account, connection: Connection, cwd: Path
) -> Callable[..., dict[str, str]]:
    """Give the stored connection a role with these actions, and return the vendor's environment."""

    def make(*actions: str, status: ConnectionStatus = ConnectionStatus.VERIFIED) -> dict[str, str]:
        vendor = fake_aws.vendor.account_id
        role = create_role(
            fake_aws,
            aws_customer,
            "mail",
            trust=trust_policy(principal=f"arn:aws:iam::{vendor}:root", external_id=connection.external_id),
            permissions={
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": [*actions], "Resource": "*"}],
            },
        )
        data = cwd.parent / "data"
        store = open_store(f"sqlite:///{data}/byoaws.sqlite3", key=None, key_file=data / "key")
        store.update(replace(connection, status=status, role_arn=role, account_id=aws_customer.account_id))
        store.close()
        return {**fake_aws.environment(fake_aws.vendor), "MAILMARK_AWS_ACCOUNT_ID": vendor}

    return make


PACK = ("ses:PutAccountDetails", "ses:GetAccount", "ses:GetEmailIdentity")


def test_status_through_the_role(
    run: Callable[..., Result],
    connected: Callable[..., dict[str, str]],
    connection: Connection,
    aws_customer: Account,
    ses: Any,
) -> None:
    done = run("production-access", "status", "--connection", connection.id, env=connected(*PACK))
    assert done.exit_code == 1, done.stderr
    assert f"{aws_customer.account_id}, {REGION}" in done.stdout


def test_request_through_the_role(
    run: Callable[..., Result],
    connected: Callable[..., dict[str, str]],
    connection: Connection,
    ses: Any,
    name_server: str,
) -> None:
    words = [word for pair in SAID.items() for word in pair]
    command = ("production-access", "request", "--connection", connection.id, "--dns-server", name_server, *words)
    done = run(*command, "--yes", "--ignore-failed", env=connected(*PACK))
    assert done.exit_code == 0, done.stderr
    assert not sandboxed(ses)


def test_a_role_without_the_permission_says_which_and_how_else(
    run: Callable[..., Result],
    connected: Callable[..., dict[str, str]],
    connection: Connection,
    ses: Any,
    name_server: str,
) -> None:
    """The packs of no shipped vendor hold it."""
    words = [word for pair in SAID.items() for word in pair]
    command = ("production-access", "request", "--connection", connection.id, "--dns-server", name_server, *words)
    done = run(*command, "--yes", "--ignore-failed", env=connected("ses:GetAccount"))
    assert done.exit_code == 1, done.stderr
    assert "may not call ses:PutAccountDetails" in done.stdout
    assert f"SES console of {REGION}" in done.stderr
    assert "'ses-production-access'" in done.stderr
    shown = " ".join(done.stdout.split())
    assert "these credentials may not ask SES for 'mail.example.com' (ses:GetEmailIdentity)" in shown
    assert SAID["--mails"] in shown
    assert sandboxed(ses)


def test_a_role_that_may_not_even_look(
    run: Callable[..., Result], connected: Callable[..., dict[str, str]], connection: Connection
) -> None:
    done = run("production-access", "status", "--connection", connection.id, env=connected("iam:GetRole"))
    assert (done.exit_code, done.stdout) == (3, "")
    assert "allow ses:GetAccount" in done.stderr


@pytest.mark.parametrize("status", [ConnectionStatus.INSECURE, ConnectionStatus.PENDING, ConnectionStatus.FAILED])
def test_only_a_verified_connection_acts_for_the_customer(
    run: Callable[..., Result],
    connected: Callable[..., dict[str, str]],
    connection: Connection,
    status: ConnectionStatus,
) -> None:
    done = run("production-access", "status", "--connection", connection.id, env=connected(*PACK, status=status))
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"is {status.value}" in done.stderr


# The page ------------------------------------------------------------------------------------------------------------


def test_every_prerequisite_has_its_row_and_the_reverse() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs/commands.md").read_text(encoding="utf-8")
    source = (root / "byoaws/flows/production_access/prerequisites.py").read_text(encoding="utf-8")
    checks = re.findall(r'Answers\("(P\d{3})", "([a-z-]+)"\)', source)
    assert checks
    assert re.findall(r"^\| (P\d{3}) `([a-z-]+)` \|", page, re.MULTILINE) == checks
