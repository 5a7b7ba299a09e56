"""`mail-manager`, on the stand-in of its API beside the embedded AWS: with one's own credentials and under a role."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from click.testing import Result

from byoaws import factory
from byoaws.fakeaws.arrange import create_bucket, create_role
from byoaws.fakeaws.interface import Account
from byoaws.iam.compose import permission_policy, substitute
from byoaws.iam.trust import trust_policy
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import open_store
from byoaws.verify.clock import Clock

REGION = "eu-west-1"
MINE = ("--region", REGION)
DROP = [{"Name": "drop", "Actions": [{"Drop": {}}]}]
MAIL = (
    b"From: Ann <ann@example.com>\r\nTo: bob@customer.example\r\n"
    b"Subject: =?utf-8?q?Invoice_=1b[31mred=E2=80=AE?=\r\n\r\nHello\r\n"
)
Run = Callable[..., Result]


@dataclass
class Mail:
    """Mail Manager of one new account: its client, and what is in it."""

    client: Any
    account_id: str
    stand_in: Any
    rule_set: str
    archive: str

    def names(self) -> list[str]:
        return [rule["Name"] for rule in self.client.get_rule_set(RuleSetId=self.rule_set)["Rules"]]

    def change(self, *names: str) -> None:
        rules = [{"Name": name, "Actions": [{"Drop": {}}]} for name in names]
        self.client.update_rule_set(RuleSetId=self.rule_set, Rules=rules)

    def deliver(self, raw: bytes = MAIL, **ago: int) -> None:
        self.stand_in.deliver(self.account_id, REGION, self.archive, raw, ago=timedelta(**(ago or {"hours": 1})))


@pytest.fixture
def mail(fake_aws: Any, aws_customer: Account) -> Iterator[Mail]:
    client = botocore.session.get_session().create_client(
        "mailmanager",
        region_name=REGION,
        endpoint_url=fake_aws.mail_manager.endpoint,
        verify=str(fake_aws.ca_file),
        aws_access_key_id=aws_customer.access_key_id,
        aws_secret_access_key=aws_customer.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
    rules = client.create_rule_set(RuleSetName="inbound", Rules=DROP)["RuleSetId"]
    archive = client.create_archive(ArchiveName="mail")["ArchiveId"]
    client.create_address_list(AddressListName="blocked")
    yield Mail(client, aws_customer.account_id, fake_aws.mail_manager, rules, archive)
    client.close()


@pytest.fixture
def own(fake_aws: Any, aws_customer: Account, mail: Mail) -> dict[str, str]:
    """The environment of the customer's own administrator."""
    endpoint = {"AWS_ENDPOINT_URL_MAILMANAGER": fake_aws.mail_manager.endpoint}
    return {**fake_aws.environment(aws_customer), **endpoint, "COLUMNS": "100"}


class Paused:
    """What is done at each pause instead of sleeping."""

    def __init__(self) -> None:
        self.time = 0.0
        self.then: list[Callable[[], None]] = []

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        if self.then:
            self.then.pop(0)()


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> Paused:
    made = Paused()
    monkeypatch.setattr(factory, "clock", lambda: Clock(lambda: made.time, made.sleep))
    return made


@pytest.fixture
def mm(run: Run, own: Mapping[str, str], paused: Paused) -> Run:
    """`mail-manager ...` with one's own credentials."""

    def invoke(*words: object, input: str | None = None, env: Mapping[str, str] | None = None) -> Result:
        return run("mail-manager", *words, *MINE, env={**own, **(env or {})}, input=input)

    return invoke


def interrupt() -> None:
    raise KeyboardInterrupt


# wait ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def ingress_point(mail: Mail) -> str:
    policy = mail.client.create_traffic_policy(TrafficPolicyName="all", DefaultAction="ALLOW", PolicyStatements=[])
    made = mail.client.create_ingress_point(
        IngressPointName="main", Type="OPEN", RuleSetId=mail.rule_set, TrafficPolicyId=policy["TrafficPolicyId"]
    )
    return str(made["IngressPointId"])


def test_wait_shows_the_record_once_it_is_active(mm: Run, ingress_point: str) -> None:
    early = mm("wait", "--timeout", "0")
    assert early.exit_code == 3
    assert "amazonaws.com" not in early.output
    done = mm("wait", "--ingress-point", ingress_point)
    assert done.exit_code == 0
    assert re.search(rf"MX record  10 {ingress_point}\.mail-manager-smtp\.{REGION}\.amazonaws\.com\n", done.stdout)
    assert "\x1b" not in done.output


@pytest.mark.parametrize("status", ["CLOSED", "FAILED", "DEPROVISIONING"])
def test_wait_ends_at_one_that_will_not_be(
    mm: Run, mail: Mail, ingress_point: str, aws_customer: Account, status: str
) -> None:
    mail.stand_in.held(aws_customer.account_id, REGION)[0].items["IngressPoint"][ingress_point] |= {
        "Status": status,
        "_polls": 0,
    }
    done = mm("wait", "--format", "json")
    said = json.loads(done.stdout)
    assert (done.exit_code, said["ingress_points"][0]["status"], said["ingress_points"][0]["mx"]) == (1, status, None)
    assert "amazonaws.com" not in done.output


def test_wait_for_one_that_is_not_there(mm: Run) -> None:
    done = mm("wait", "--ingress-point", "inp-none")
    assert (done.exit_code, "ResourceNotFoundException" in done.stdout) == (1, True)


def test_wait_prints_nothing_that_a_terminal_would_obey(
    mm: Run, mail: Mail, ingress_point: str, aws_customer: Account
) -> None:
    mail.stand_in.held(aws_customer.account_id, REGION)[0].items["IngressPoint"][ingress_point] |= {
        "ARecord": "\x1b]0;owned\x07evil.example\n10 more.example",
        "_polls": 0,
        "Status": "ACTIVE",
    }
    done = mm("wait")
    assert "\x1b" not in done.output
    assert "\n10 more" not in done.output


# import-list ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(cwd: Path) -> Callable[..., Path]:
    def write(*rows: str, name: str = "list.csv") -> Path:
        (cwd / name).write_text("\n".join(["address", *rows, ""]))
        return cwd / name

    return write


def members(mail: Mail) -> list[str]:
    (found,) = mail.client.list_address_lists()["AddressLists"]
    listed = mail.client.list_members_of_address_list(AddressListId=found["AddressListId"])["Addresses"]
    return [item["Address"] for item in listed]


def test_an_import(mm: Run, mail: Mail, addresses: Callable[..., Path]) -> None:
    path = addresses("a@example.com", "*@spam.example", "*.bad.example")
    done = mm("import-list", path, "--list", "blocked", "--format", "json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert (said["imported"], said["failed"], said["status"]) == (3, 0, "COMPLETED")
    assert members(mail) == ["*.bad.example", "*@spam.example", "a@example.com"]
    assert "Signature" not in done.output


def test_an_import_of_json(mm: Run, mail: Mail, cwd: Path) -> None:
    (cwd / "list").write_text('{"items": [{"address": "a@example.com"}]}')
    assert mm("import-list", "list", "--data-format", "json", "--list", "blocked").exit_code == 0
    assert members(mail) == ["a@example.com"]


def test_bad_rows_refuse_it_all_and_are_told_without_their_addresses(
    mm: Run, mail: Mail, addresses: Callable[..., Path], cwd: Path
) -> None:
    path = addresses("good@example.com", "secret bad@example.com", *["=cmd()"] * 30)
    done = mm("import-list", path, "--list", "blocked", "--rejected", "bad.csv")
    assert done.exit_code == 1
    assert members(mail) == []
    assert "line 3 holds a space" in done.stderr
    assert "and 11 more rows" in done.stderr
    assert "secret" not in done.output
    table = (cwd / "bad.csv").read_text()
    assert len(table.splitlines()) == 32
    assert "secret bad@example.com" in table
    assert ',"\'=cmd()"' in table
    assert mm("import-list", path, "--list", "blocked", "--skip-bad-rows").exit_code == 0
    assert members(mail) == ["good@example.com"]


def test_a_dry_run_asks_nobody(run: Run, addresses: Callable[..., Path]) -> None:
    done = run("mail-manager", "import-list", addresses("a@example.com"), "--list", "x", "--dry-run")
    assert (done.exit_code, "1 addresses would be imported" in done.stdout) == (0, True)


def test_ctrl_c_stops_the_import(
    mm: Run, mail: Mail, addresses: Callable[..., Path], aws_customer: Account, paused: Paused
) -> None:
    paused.then = [interrupt]
    done = mm("import-list", addresses(*(f"a{n}@example.com" for n in range(100))), "--list", "blocked")
    assert done.exit_code == 130
    assert "was stopped" in done.stderr
    (job,) = mail.stand_in.held(aws_customer.account_id, REGION)[1].jobs.values()
    assert job["Status"] == "STOPPED"


def test_a_pre_signed_url_elsewhere_is_not_gone_to(
    mm: Run, mail: Mail, addresses: Callable[..., Path], aws_customer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = mail.stand_in.held(aws_customer.account_id, REGION)[1]
    monkeypatch.setattr(lists, "_endpoint", lambda: "https://evil.example")
    done = mm("import-list", addresses("a@example.com"), "--list", "blocked")
    assert (done.exit_code, "nothing was sent" in done.stdout) == (1, True)
    assert "evil" not in done.output
    assert [job["_body"] for job in lists.jobs.values()] == [None]
    assert [job["Status"] for job in lists.jobs.values()] == ["CREATED"]


def test_what_aws_refuses_of_the_rows_is_told(
    mm: Run, mail: Mail, addresses: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("byoaws.fakeaws.mail_manager.lists._ENTRY", re.compile("a@example.com"))
    done = mm("import-list", addresses("a@example.com", "b@example.com"), "--list", "blocked")
    assert (done.exit_code, "AWS refused 1" in done.stdout) == (1, True)


# archive -------------------------------------------------------------------------------------------------------------


def test_a_search(mm: Run, mail: Mail) -> None:
    mail.deliver()
    mail.deliver(MAIL.replace(b"Ann", b"Eve"), days=3)
    done = mm("archive", "search", "--since", "7d")
    assert done.exit_code == 0
    assert "2 messages found" in done.stdout
    assert "\\x1b[31mred\\u202e" in done.stdout
    assert not any(char in done.output for char in "\x1b\u202e")
    found = json.loads(mm("archive", "search", "--since", "7d", "--sender", "EVE", "--format", "json").stdout)
    assert [message["from"] for message in found["messages"]] == ["Eve <ann@example.com>"]
    unless = json.loads(mm("archive", "search", "--since", "7d", "--unless", "sender=eve", "--format", "json").stdout)
    assert [message["from"] for message in unless["messages"]] == ["Ann <ann@example.com>"]
    limited = json.loads(mm("archive", "search", "--since", "7d", "--limit", "1", "--format", "json").stdout)
    assert (len(limited["messages"]), limited["may_be_more"]) == (1, True)
    assert (
        json.loads(mm("archive", "search", "--since", "1h", "--until", "1h", "--format", "json").stdout or "null")
        is None
    )


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_the_table_fits_the_terminal(mm: Run, mail: Mail, columns: str) -> None:
    mail.deliver(MAIL.replace(b"bob@", b"b" * 200 + b"@"))
    text = mm("archive", "search", "--since", "7d", env={"COLUMNS": columns}).stdout
    assert max(map(len, text.splitlines())) <= int(columns)


def test_a_search_is_begun_and_taken_up_again(mm: Run, mail: Mail) -> None:
    mail.deliver()
    begun = json.loads(mm("archive", "search", "--since", "1d", "--no-wait", "--format", "json").stdout)
    late = mm("archive", "search", "--resume", begun["search_id"], "--timeout", "0")
    assert (late.exit_code, f"--resume {begun['search_id']}" in late.stderr) == (3, True)
    done = mm("archive", "search", "--resume", begun["search_id"])
    assert (done.exit_code, "1 message found" in done.stdout) == (0, True)
    assert mm("archive", "search", "--resume", "none").exit_code == 1


@pytest.mark.parametrize(("options", "state"), [((), "RUNNING"), (("--stop-on-interrupt",), "CANCELLED")])
def test_ctrl_c_stops_a_search_only_if_told(
    mm: Run, mail: Mail, aws_customer: Account, paused: Paused, options: tuple[str, ...], state: str
) -> None:
    paused.then = [lambda: None, interrupt]
    done = mm("archive", "search", "--since", "1d", *options)
    assert done.exit_code == 130
    (job,) = mail.stand_in.held(aws_customer.account_id, REGION)[2].jobs.values()
    assert job["Status"]["State"] == state
    assert ("was stopped" if options else "goes on in AWS") in done.stderr


def test_an_export(mm: Run, mail: Mail, fake_aws: Any, aws_customer: Account) -> None:
    mail.deliver()
    s3, bucket = fake_aws.client(aws_customer, "s3", REGION), f"acme-export-{aws_customer.account_id}"
    create_bucket(s3, bucket, REGION)
    place = f"s3://{bucket}/2026"
    failed = mm("archive", "export", "--since", "7d", "--to", place)
    assert (failed.exit_code, "Access denied" in failed.stdout) == (1, True)
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:GetObject"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    done = mm("archive", "export", "--since", "7d", "--to", place, "--metadata", "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["destination"]) == (0, place)
    assert len(s3.list_objects_v2(Bucket=bucket, Prefix="2026/")["Contents"]) == 2


# rules ---------------------------------------------------------------------------------------------------------------


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture
def fetched(mm: Run, cwd: Path) -> Path:
    assert mm("rules", "fetch", "rules.yaml").exit_code == 0
    return cwd / "rules.yaml"


def test_fetch_diff_update(mm: Run, mail: Mail, fetched: Path) -> None:
    assert mm("rules", "diff", "rules.yaml").exit_code == 0
    edit(fetched, "Name: drop", "Name: all # everything")
    differs = mm("rules", "diff", "rules.yaml")
    assert (differs.exit_code, "+  - Name: all\n" in differs.stdout) == (1, True)
    done = mm("rules", "update", "rules.yaml", "--yes")
    assert (done.exit_code, "updated: 1 rule" in done.stdout) == (0, True)
    assert mail.names() == ["all"]
    # The file goes on from there, its comments too.
    assert "# everything" in fetched.read_text()
    edit(fetched, "Name: all", "Name: every")
    assert mm("rules", "update", "rules.yaml", "--yes").exit_code == 0
    assert mail.names() == ["every"]


def test_an_update_asks_and_a_no_changes_nothing(mm: Run, mail: Mail, fetched: Path) -> None:
    edit(fetched, "Name: drop", "Name: all")
    assert mm("rules", "update", "rules.yaml", input="n\n").exit_code == 1
    assert mail.names() == ["drop"]
    assert mm("rules", "update", "rules.yaml", input="y\n").exit_code == 0
    assert mail.names() == ["all"]


def test_what_was_changed_elsewhere_is_shown_and_not_overwritten(mm: Run, mail: Mail, fetched: Path) -> None:
    edit(fetched, "Name: drop", "Name: mine")
    mail.change("theirs")
    before = fetched.read_text()
    done = mm("rules", "update", "rules.yaml", "--yes")
    assert done.exit_code == 1
    assert "changed elsewhere" in done.stdout
    assert "+  - Name: theirs" in done.stderr
    assert "mine" not in done.stderr
    assert mail.names() == ["theirs"]
    assert fetched.read_text() == before


def test_a_change_while_we_ask_is_seen_too(mm: Run, mail: Mail, fetched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(fetched, "Name: drop", "Name: mine")

    def yes(*args: object, **options: object) -> bool:
        mail.change("theirs")
        return True

    monkeypatch.setattr("click.confirm", yes)
    assert mm("rules", "update", "rules.yaml").exit_code == 1
    assert mail.names() == ["theirs"]


def test_no_rule_left_needs_two_words(mm: Run, mail: Mail, fetched: Path) -> None:
    edit(fetched, "Rules:\n  - Name: drop\n    Actions:\n      - Drop: {}", "Rules: []")
    assert mm("rules", "update", "rules.yaml", "--yes").exit_code == 1
    assert mail.names() == ["drop"]
    assert mm("rules", "update", "rules.yaml", "--yes", "--allow-empty").exit_code == 0
    assert mail.names() == []


def test_every_mistake_is_told_with_its_place_before_anybody_is_asked(run: Run, mm: Run, fetched: Path) -> None:
    edit(fetched, "- Drop: {}", "- Drop: {}\n        Bounce: {}\n      - Dorp: {}")
    done = run("mail-manager", "rules", "update", "rules.yaml", *MINE, "--yes")
    assert (done.exit_code, done.stdout) == (2, "")
    places = re.findall(r"rules\.yaml:(\d+):(\d+): ", done.stderr)
    assert len(places) >= 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"account=\d+", "account=999999999999", "is about account '999999999999'"),
        ("region=eu-west-1", "region=eu-west-2", "is about region 'eu-west-2'"),
    ],
)
def test_a_file_of_somebody_else_is_refused(mm: Run, fetched: Path, old: str, new: str, said: str) -> None:
    fetched.write_text(re.sub(old, new, fetched.read_text()))
    for command in ("diff", "update"):
        done = mm("rules", command, "rules.yaml")
        assert (done.exit_code, said in done.stderr) == (2, True)
    assert mm("rules", "diff", "rules.yaml", "--rule-set", "rs-other").exit_code == 2


def test_a_file_that_was_edited_is_not_replaced(mm: Run, mail: Mail, fetched: Path, cwd: Path) -> None:
    mail.change("later")
    assert mm("rules", "fetch", "rules.yaml").exit_code == 0
    edit(fetched, "Name: later", "Name: mine")
    before = fetched.read_text()
    assert mm("rules", "fetch", "rules.yaml").exit_code == 2
    assert fetched.read_text() == before
    assert mm("rules", "fetch", "rules.yaml", "--force").exit_code == 0
    (cwd / "notes.txt").write_text("precious")
    assert mm("rules", "fetch", "notes.txt").exit_code == 2
    assert (cwd / "notes.txt").read_text() == "precious"
    assert sorted(path.name for path in cwd.iterdir()) == ["notes.txt", "rules.yaml"]


def test_which_rule_set_is_meant(mm: Run, mail: Mail) -> None:
    mail.client.create_rule_set(RuleSetName="second", Rules=[])
    done = mm("rules", "fetch", "rules.yaml")
    assert (done.exit_code, "say which by --rule-set" in done.stderr) == (2, True)
    assert mm("rules", "fetch", "rules.yaml", "--rule-set", "second").exit_code == 0
    assert mm("rules", "fetch", "rules.yaml", "--rule-set", "third").exit_code == 2


def editor(cwd: Path, script: str) -> dict[str, str]:
    program = cwd.parent / "editor"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"EDITOR": str(program), "VISUAL": str(program), "PATH": os.environ["PATH"]}


def test_edit_in_an_editor(mm: Run, mail: Mail, cwd: Path) -> None:
    env = editor(cwd, 'sed -i "s/Name: drop/Name: edited/" "$1"')
    assert mm("rules", "edit", "--yes", env=env).exit_code == 0
    assert mail.names() == ["edited"]
    assert list(cwd.iterdir()) == []
    untouched = mm("rules", "edit", env=editor(cwd, "true"))
    assert (untouched.exit_code, "nothing changed" in untouched.stdout) == (0, True)


def test_what_was_typed_is_kept_where_it_cannot_be_used(mm: Run, mail: Mail, cwd: Path) -> None:
    env = editor(cwd, 'sed -i "s/- Drop/- Dorp/" "$1"')
    assert mm("rules", "edit", "--yes", env=env).exit_code == 2
    assert "Dorp" in (cwd / "inbound.rules.yaml").read_text()
    assert mm("rules", "edit", input="n\n", env=editor(cwd, 'sed -i "s/drop/no/" "$1"')).exit_code == 1
    assert "Name: no" in (cwd / "inbound.rules-2.yaml").read_text()
    assert mail.names() == ["drop"]


# Whose account -------------------------------------------------------------------------------------------------------

PACKS = ("mail-manager-read", "mail-manager-rules")


@pytest.fixture
def connected(
    fake_aws: Any, aws_customer: Account, mail: Mail, connection: Connection, cwd: Path, vendor_env: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """A verified connection whose role has some packs, and the environment of the vendor."""
    values = {
        "AWS::Partition": "aws",
        "AWS::Region": REGION,
        "AWS::AccountId": aws_customer.account_id,
        "vendor:name": "mailmark",
        "vendor:role-path": "/byoaws/mailmark/",
    }
    arn = create_role(
        fake_aws,
        aws_customer,
        "mailmark",
        path="/byoaws/mailmark/",
        trust=trust_policy(principal=fake_aws.vendor.principal_arn, external_id=connection.external_id),
        permissions=permission_policy(PACKS, lambda text: substitute(text, values)),
    )
    data = cwd.parent / "data"
    store = open_store(f"sqlite:///{data}/byoaws.sqlite3", key=None, key_file=data / "key")
    store.update(
        replace(
            store.get(connection.id),
            role_arn=arn,
            status=ConnectionStatus.VERIFIED,
            account_id=aws_customer.account_id,
        )
    )
    store.close()
    env = {**fake_aws.environment(fake_aws.vendor), "AWS_ENDPOINT_URL_MAILMANAGER": fake_aws.mail_manager.endpoint}
    return connection.id, env


def test_through_a_connection_s_role(run: Run, mail: Mail, connected: tuple[str, dict[str, str]], cwd: Path) -> None:
    identifier, env = connected
    assert run("mail-manager", "rules", "fetch", "r.yaml", "--connection", identifier, env=env).exit_code == 0
    edit(cwd / "r.yaml", "Name: drop", "Name: vendor")
    done = run("mail-manager", "rules", "update", "r.yaml", "--yes", "--connection", identifier, env=env)
    assert done.exit_code == 0, done.output
    assert mail.names() == ["vendor"]


def test_what_the_role_may_not_is_told_with_the_pack(
    run: Run, mail: Mail, connected: tuple[str, dict[str, str]], addresses: Callable[..., Path]
) -> None:
    identifier, env = connected
    path = addresses("a@example.com")
    done = run("mail-manager", "import-list", path, "--list", "blocked", "--connection", identifier, env=env)
    assert done.exit_code == 3
    assert "'mail-manager-address-lists'" in done.stderr
    assert "ses:ListAddressLists" in done.stderr


def test_a_region_without_mail_manager(run: Run) -> None:
    done = run("mail-manager", "wait", "--region", "eusc-de-east-1")
    assert (done.exit_code, "no Mail Manager in region" in done.stderr) == (2, True)
