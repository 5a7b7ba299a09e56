"""`lint`: the exact shape, the exit codes, and what a broken file is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

SHAPE = ["code", "severity", "message", "fix", "path", "line", "column", "end_line", "end_column", "title", "source"]
# Anyone who can make the vendor assume a role can use this one.
OPEN_DOOR = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: sts:AssumeRole
"""


@pytest.fixture
def findings(run: Callable[..., Result]) -> Callable[..., list[dict]]:
    """Findings of a lint that ends with exit code 1."""

    def lint(*args: object) -> list[dict]:
        done = run("lint", *args, "--format", "json")
        assert done.exit_code == 1, done.stderr
        assert done.stderr == ""
        data = json.loads(done.stdout)
        assert list(data) == ["findings"]
        return data["findings"]

    return lint


def test_our_own_template_is_clean(run: Callable[..., Result], output_of: Callable[..., str]) -> None:
    run("generate", "-o", "t.yaml")
    assert output_of("lint", "t.yaml") == "no findings\n"
    assert json.loads(output_of("lint", "t.yaml", "--format", "json")) == {"findings": []}


def test_an_info_is_told_and_is_no_failure(run: Callable[..., Result]) -> None:
    run("generate", "-o", "t.yaml")
    done = run("lint", "t.yaml", "--vendor", "mailmark", "--format", "json")
    assert done.exit_code == 0
    assert {item["severity"] for item in json.loads(done.stdout)["findings"]} == {"info"}


def test_shape_of_a_finding(cwd: Path, findings: Callable[..., list[dict]]) -> None:
    (cwd / "t.yaml").write_text(OPEN_DOOR)
    found = findings("t.yaml")
    assert found
    for item in found:
        assert list(item) == SHAPE
        assert item["severity"] in ("error", "warning", "info")
        assert item["path"] == "t.yaml"
        assert item["line"] > 0
        assert item["column"] > 0
        assert item["message"]
        assert item["fix"]
    assert "E9101" in {item["code"] for item in found}


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "the file is empty"), (b"\x00\x01", "the file is binary"), (b"\xff\xfe", "not UTF-8"), (b"{", "")],
    ids=["empty", "binary", "latin-1", "half"],
)
def test_a_file_that_is_no_template_is_a_finding(
    content: bytes, message: str, cwd: Path, findings: Callable[..., list[dict]]
) -> None:
    (cwd / "t.yaml").write_bytes(content)
    (only,) = findings("t.yaml")
    assert (only["code"], only["severity"], only["path"]) == ("E0000", "error", "t.yaml")
    assert message in only["message"]


def test_a_directory_is_searched(cwd: Path, findings: Callable[..., list[dict]]) -> None:
    (cwd / "infra").mkdir()
    (cwd / "infra" / "bad.yaml").write_text(OPEN_DOOR)
    (cwd / "infra" / "notes.yaml").write_text("hello: world\n")
    assert {item["path"] for item in findings(".")} == {"infra/bad.yaml"}


def test_text_has_the_place_first_and_the_way_out_below(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").touch()
    done = run("lint", "t.yaml")
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.splitlines()[:2] == ["t.yaml", "  1:1  error  E0000  the file is empty"]
    assert done.stdout.splitlines()[2].strip().startswith("fix: ")
    assert done.stdout.splitlines()[-1] == "1 error"


@pytest.mark.parametrize(
    ("env", "colored"), [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({}, False)]
)
def test_colour(env: dict[str, str], colored: bool, cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").touch()
    assert ("\x1b[" in run("lint", "t.yaml", env=env).stdout) == colored


V1_POLICY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["ses:SendEmail", "ses:GetSendQuota"],
      "Resource": "*"
    }
  ]
}
"""


def test_a_policy_for_the_wrong_api_is_an_error_for_a_vendor_and_a_warning_for_nobody(
    cwd: Path, run: Callable[..., Result], findings: Callable[..., list[dict]]
) -> None:
    (cwd / "p.json").write_text(V1_POLICY)
    (unknown,) = findings("p.json")
    (mailmark,) = findings("p.json", "--vendor", "mailmark")
    assert (unknown["code"], unknown["severity"], unknown["line"]) == ("E9107", "warning", 6)
    assert (mailmark["code"], mailmark["severity"], mailmark["line"]) == ("E9107", "error", 6)
    assert mailmark["fix"] == "grant 'ses:GetAccount' in place of 'ses:GetSendQuota'"
    assert run("lint", "p.json", "--vendor", "sendfleet").exit_code == 0


@pytest.mark.parametrize("vendor", ["mailmark", "sendfleet", "selfmx"])
def test_the_policy_that_is_printed_for_a_vendor_is_right_for_it(
    vendor: str, cwd: Path, output_of: Callable[..., str]
) -> None:
    (cwd / "p.json").write_text(output_of("policy", "permissions", "--vendor", vendor))
    assert output_of("lint", "p.json", "--vendor", vendor) == "no findings\n"


def test_a_trust_policy_that_lets_anybody_in_is_an_error(cwd: Path, findings: Callable[..., list[dict]]) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    (cwd / "trust.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2))
    (found,) = findings("trust.json")
    assert (found["code"], found["severity"], found["line"]) == ("E9101", "error", 4)


@pytest.mark.parametrize("vendor", ["mailmark", "sendfleet", "selfmx"])
def test_the_stack_of_each_vendor_is_right_for_it(vendor: str, run: Callable[..., Result]) -> None:
    run("generate", "--vendor", vendor, "-o", "t.yaml")
    done = run("lint", "t.yaml", "--vendor", vendor, "--format", "json")
    assert done.exit_code == 0, done.stdout
    assert {item["severity"] for item in json.loads(done.stdout)["findings"]} <= {"info"}


# Formats --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format_name", "part"),
    [
        ("text", "  1:1  error  E0000  the file is empty"),
        ("json", '"code": "E0000"'),
        ("junit", '<failure type="E0000" message="the file is empty">'),
        ("sarif", '"ruleId": "E0000"'),
        ("github", "::error file=t.yaml,line=1,col=1,title=E0000 Not a template::the file is empty%0Afix: "),
    ],
)
def test_every_format(format_name: str, part: str, cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").touch()
    done = run("lint", "t.yaml", "--format", format_name)
    assert (done.exit_code, done.stderr) == (1, "")
    assert part in done.stdout


@pytest.mark.parametrize("columns", ["40", "80", "120", "300"])
def test_text_fits_the_terminal(columns: str, cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").write_text(OPEN_DOOR)
    lines = run("lint", "t.yaml", env={"COLUMNS": columns}).stdout.splitlines()
    assert max(len(line) for line in lines if "://" not in line) <= max(60, min(int(columns), 110))


# Exit codes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """cfn-lint crashes over every template whose name begins with `odd`."""
    from byoaws.lint import stock

    real = stock.run

    def run_or_crash(template: Path, *rest: object) -> object:
        if template.name.startswith("odd"):
            raise ValueError("made up")
        return real(template, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(stock, "run", run_or_crash)


@pytest.mark.usefixtures("crashing")
@pytest.mark.parametrize(
    ("files", "code"),
    [({"odd.yaml": "ok"}, 3), ({"odd.yaml": "ok", "a.yaml": "ok"}, 3), ({"odd.yaml": "ok", "a.yaml": "wrong"}, 1)],
    ids=["alone", "beside a sound one", "beside a broken one"],
)
def test_what_could_not_be_told_has_not_passed(
    files: dict[str, str], code: int, cwd: Path, run: Callable[..., Result], output_of: Callable[..., str]
) -> None:
    for name, kind in files.items():
        (cwd / name).write_text(OPEN_DOOR if kind == "wrong" else "Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    done = run("lint", *files)
    assert (done.exit_code, done.stderr) == (code, "")
    assert "E0002" in done.stdout
    again = run("lint", *files)
    assert (again.exit_code, again.stdout) == (done.exit_code, done.stdout)


# The cache ------------------------------------------------------------------------------------------------------------


def cached(cwd: Path) -> list[Path]:
    return sorted((cwd.parent / "home" / ".cache" / "byoaws" / "lint").glob("*"))


def test_results_are_kept_in_the_user_s_cache(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").write_text(OPEN_DOOR)
    first = run("lint", "t.yaml")
    assert len(cached(cwd)) == 1
    assert run("lint", "t.yaml").stdout == first.stdout


def test_xdg_says_where(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").write_text(OPEN_DOOR)
    run("lint", "t.yaml", env={"XDG_CACHE_HOME": str(cwd.parent / "elsewhere")})
    assert cached(cwd) == []
    assert len(list((cwd.parent / "elsewhere" / "byoaws" / "lint").iterdir())) == 1


def test_no_cache_keeps_nothing(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").write_text(OPEN_DOOR)
    run("lint", "t.yaml", "--no-cache")
    assert cached(cwd) == []


def test_a_vendor_s_results_are_not_everybody_s(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").write_text("Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    assert run("lint", "t.yaml").exit_code == 0
    assert run("lint", "t.yaml", "--vendor", "mailmark").exit_code == 1
    assert run("lint", "t.yaml").exit_code == 0


# --link, --explain, --only-templates, --jobs --------------------------------------------------------------------------

LINK = (
    "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/create/review"
    "?templateURL=https%3A%2F%2Fb.s3.us-east-1.amazonaws.com%2Ft.yaml&stackName=s&param_Missing=1"
)


def test_a_link_is_enough_to_know_what_is_pre_filled(cwd: Path, findings: Callable[..., list[dict]]) -> None:
    (cwd / "t.yaml").write_text("Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    found = findings("t.yaml", "--link", LINK)
    assert any(one["code"] == "E9103" and "'Missing'" in one["message"] for one in found)


def test_with_a_vendor_the_link_says_what_is_pre_filled(cwd: Path, findings: Callable[..., list[dict]]) -> None:
    (cwd / "t.yaml").write_text("Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    told = [
        one["message"] for one in findings("t.yaml", "--link", LINK, "--vendor", "mailmark") if one["code"] == "E9103"
    ]
    assert len(told) == 1
    assert "'Missing'" in told[0]


def test_explain_prints_the_page(output_of: Callable[..., str]) -> None:
    assert output_of("lint", "--explain", "e9101").startswith("# E9101: ")
    assert output_of("lint", "--explain", "E3002").splitlines()[-1].startswith("Source: https://")


def test_only_templates(cwd: Path, output_of: Callable[..., str]) -> None:
    (cwd / "compose.yaml").write_text("services: {}\n")
    assert output_of("lint", "compose.yaml", "--only-templates") == "no findings in 0 files\n"


def test_jobs_change_nothing(cwd: Path, run: Callable[..., Result]) -> None:
    for number in range(3):
        (cwd / f"{number}.yaml").write_text(OPEN_DOOR)
    one, two = (run("lint", "--no-cache", "--jobs", jobs, ".").stdout for jobs in ("1", "2"))
    assert one == two
