"""Finding vendor files: names, paths, and what is no vendor file."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from byoaws.errors import UnknownName, UsageError, VendorFileError
from byoaws.vendor_model import SecretMode
from byoaws.vendors import file
from byoaws.vendors.file import MAX_BYTES, builtin_vendors, load_vendor

ACCOUNT = "012345678901"


def test_every_built_in_vendor_loads_with_an_empty_environment():
    assert "mailmark" in builtin_vendors()
    for name in builtin_vendors():
        assert load_vendor(name, {}).name == name


def test_mailmark_without_environment():
    vendor = load_vendor("mailmark", {})
    assert (vendor.account.account_id, vendor.account.role_arn, vendor.template_url) == (None, None, None)
    assert vendor.inbound_webhook_url == "https://api.mailmark.dev/v1/aws/inbound"
    assert vendor.sending_webhook_url == "https://api.mailmark.dev/v1/aws/sending"
    assert vendor.webhook_secret is SecretMode.PARAMETER
    assert vendor.parameters.vendor_account_id == "MailmarkAwsAccountId"
    assert (vendor.session_duration, vendor.external_id_bytes, vendor.role_path) == (900, 24, "/byoaws/mailmark/")


def test_mailmark_with_environment():
    url = "https://acme-templates.s3.eu-west-1.amazonaws.com/mailmark.yaml?versionId=a.b"
    vendor = load_vendor(
        "mailmark",
        {
            "MAILMARK_AWS_ACCOUNT_ID": ACCOUNT,
            "MAILMARK_AWS_PRINCIPAL": "role/mailer-*",
            "MAILMARK_CFN_TEMPLATE_URL": url,
            "MAILMARK_INBOUND_WEBHOOK_URL": "https://hooks.test/in",
            "MAILMARK_SENDING_WEBHOOK_URL": "https://hooks.test/out",
        },
    )
    assert (vendor.account.account_id, vendor.account.principal) == (ACCOUNT, "role/mailer-*")
    assert (vendor.template_url, vendor.inbound_webhook_url) == (url, "https://hooks.test/in")
    assert vendor.sending_webhook_url == "https://hooks.test/out"


def test_mailmark_with_a_role():
    arn = f"arn:aws:iam::{ACCOUNT}:role/mailer"
    account = load_vendor("mailmark", {"MAILMARK_AWS_ROLE_ARN": arn}).account
    assert (account.account_id, account.role_arn) == (ACCOUNT, arn)


@pytest.mark.parametrize("name", ["acme.yaml", "acme.yml", "ACME.YAML"])
def test_a_path_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: str, name: str):
    (tmp_path / name).write_text(small)
    monkeypatch.chdir(tmp_path)
    for path in (name, f"./{name}", str(tmp_path / name)):
        assert load_vendor(path, {}).source == path


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path, small: str):
    path = tmp_path / "acme.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + small.encode())
    assert load_vendor(str(path), {}).name == "acme"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mailmrk", "did you mean 'mailmark'?"),
        ("Mailmark", "did you mean 'mailmark'?"),
        ("zzz", "known:"),
        ("", "known:"),
    ],
)
def test_unknown_name(name: str, hint: str):
    with pytest.raises(UnknownName) as caught:
        load_vendor(name, {})
    assert caught.value.hint.startswith(hint)
    assert "./byoaws.yaml" in caught.value.hint


def test_a_name_is_never_a_way_out_of_the_directory():
    with pytest.raises(UsageError):
        load_vendor("../policies/self-read", {})


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.yaml", "no such file"),
        (".", None),
        ("./", "is a directory"),
        ("a\0.yaml", "null byte"),
        ("x" * 5000 + ".yaml", "too long"),
        ("./\ud800.yaml", "cannot be read"),
    ],
    ids=["missing", "dot", "directory", "nul", "long", "surrogate"],
)
def test_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, message: str | None):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_vendor(path, {})
    assert message is None or message in str(caught.value)
    assert caught.value.hint
    str(caught.value).encode()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(UsageError, match="not a regular file"):
        load_vendor(str(tmp_path / "pipe.yaml"), {})


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: str):
    path = tmp_path / "acme.yaml"
    path.write_text(small)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(file, "open", refuse, raising=False)
    with pytest.raises(UsageError, match="permission denied"):
        load_vendor(str(path), {})


def test_size_limit(tmp_path: Path, small: str):
    path = tmp_path / "acme.yaml"
    path.write_text(small + "#" * (MAX_BYTES - len(small)))
    assert load_vendor(str(path), {}).name == "acme"
    path.write_text(small + "#" * (MAX_BYTES - len(small) + 1))
    with pytest.raises(UsageError, match="larger than 256 KiB"):
        load_vendor(str(path), {})


def test_not_utf_8(tmp_path: Path):
    path = tmp_path / "acme.yaml"
    path.write_bytes(b"name: acme\ntitle: Caf\xe9\n")
    with pytest.raises(VendorFileError) as caught:
        load_vendor(str(path), {})
    [problem] = caught.value.problems
    assert (problem.line, problem.message) == (2, "not UTF-8: byte 0xe9; save the file as UTF-8")


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: str) -> Path:
    """A distribution that adds `acme`, offers a `mailmark` of its own, and two vendors that are broken."""
    package = tmp_path / "acme_byoaws_vendor"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "acme.yaml").write_text(small)
    (package / "mailmark.yaml").write_text(small)
    (package / "other.yaml").write_text(small)
    info = tmp_path / "acme_byoaws_vendor-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-byoaws-vendor\nVersion: 1\n")
    names = ["acme", "mailmark", "other", "absent", "../acme"]
    lines = [f"{name} = acme_byoaws_vendor\n" for name in names]
    (info / "entry_points.txt").write_text(f"[byoaws.vendors]\n{''.join(lines)}gone = no_such_package_here\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert importlib.metadata.entry_points(group="byoaws.vendors")
    return package


@pytest.mark.usefixtures("plugged")
def test_other_distributions_add_names_and_replace_none():
    assert builtin_vendors() == ["absent", "acme", "gone", "mailmark", "other", "selfmx", "sendfleet"]
    assert load_vendor("acme", {}).source == "acme_byoaws_vendor/acme.yaml"
    assert load_vendor("mailmark", {}).title == "Mailmark"


@pytest.mark.usefixtures("plugged")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("other", "'acme' is not the name that the file is offered under, 'other'"),
        ("absent", "no readable"),
        ("gone", "no readable"),
    ],
)
def test_broken_additions(name: str, message: str):
    with pytest.raises(UsageError, match=message):
        load_vendor(name, {})


def test_importing_the_reader_loads_neither_pydantic_nor_yaml():
    code = "import sys, byoaws.vendors.file; print([name for name in ('pydantic_core', 'yaml') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
