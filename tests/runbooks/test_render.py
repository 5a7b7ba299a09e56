"""Every runbook for every kind of vendor: whole, true to its vendor, without secrets, and deaf to what values say."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markdown_it import MarkdownIt

from byoaws.errors import UnknownName
from byoaws.model import Connection, ProbeResult, Status
from byoaws.registry import PROBES
from byoaws.runbooks import render
from byoaws.runbooks.catalogue import RUNBOOKS, find
from byoaws.runbooks.page import anchor, html
from byoaws.runbooks.sections import SECTIONS, section_of
from byoaws.vendor_model import Access, Vendor

PAGES = Path(inspect.getfile(render)).parent / "pages"
READER = MarkdownIt("commonmark").enable("table")
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
ATTACK = (
    "<script>x</script> `rm` ``` {{7*7}} {% raw %} $(rm) '; rm #\n"
    "## Own heading\n```\nrm -rf / | & ![i](//e.example) [l](javascript:x)"
)


def prose(text: str) -> str:
    return FENCE.sub("", text)


def headings(text: str, level: int = 2) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", prose(text), re.MULTILINE)


# Every page -----------------------------------------------------------------------------------------------------------


def test_every_page_has_its_line_and_the_reverse() -> None:
    parts = {"change_set", "execute", "outputs", "page", "trust", "values"}
    files = {path.name.partition(".")[0] for path in PAGES.glob("*.j2")}
    assert files == set(RUNBOOKS) | parts
    assert {path.name.partition(".")[0] for path in (PAGES / "diagnoses").iterdir()} == set(SECTIONS.values())


def test_a_page_begins_with_for_whom_and_ends_with_how_to_tell(
    written: Callable[..., str], name: str, kind: str
) -> None:
    text = written(name, kind)
    title, _, rest = text.partition("\n")
    assert title.startswith("# ")
    rows = re.findall(r"^\| (.+?) \| .+ \|$", rest.partition("## ")[0], re.MULTILINE)
    assert rows == ["---", "for", "when", "takes", "you need"]
    assert headings(text)[-1] == "How to tell it worked"
    assert re.search(r"^1\. ", text, re.MULTILINE)


def test_a_page_is_tidy(written: Callable[..., str], name: str, kind: str) -> None:
    text = written(name, kind)
    assert text.endswith("\n")
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]$|None\b(?!`)|\{\{|\{%|&#|&lt;", prose(text).replace("`None`", ""), re.MULTILINE)
    # Within a code span a backslash stands for itself.
    assert not [span for span in re.findall(r"`([^`\n]+)`", prose(text)) if re.search(r"\\[<>_&*]", span)]
    anchors = [anchor(heading) for level in (1, 2, 3) for heading in headings(text, level)]
    assert len(set(anchors)) == len(anchors)


def test_steps_are_numbered_from_one_and_code_is_closed(written: Callable[..., str], name: str, kind: str) -> None:
    step = 0
    for line in prose(written(name, kind)).split("\n"):
        if line.startswith("#"):
            step = 0
        if number := re.match(r"(\d+)\. ", line):
            step += 1
            assert int(number[1]) == step
            assert step < 10  # two digits would need another indent
    assert len(re.findall(r"^ *```", written(name, kind), re.MULTILINE)) % 2 == 0


def test_steps_hold_their_code(written: Callable[..., str], name: str, kind: str) -> None:
    """A fence that is not indented like its step would end the list."""
    tokens = READER.parse(written(name, kind))
    for token in tokens:
        if token.type == "fence":
            assert not re.search(r"^\s*```", token.content, re.MULTILINE)
            assert token.info in ("sh", "text", "json", "hcl")
    tables = [token for token in tokens if token.type == "paragraph_open" or token.type == "inline"]
    assert not [token.content for token in tables if re.match(r"\|.*\|\n\|", token.content)]


def test_every_step_says_what_it_prints(written: Callable[..., str], name: str, kind: str) -> None:
    """After a command comes what it prints, before the next one or the next heading."""
    text = written(name, kind)
    said = re.compile(
        r"[Pp]rint|notes what|Must|must|[Ee]nds with|Tries for|after that|it says|To stop|Then |mend what", re.DOTALL
    )
    for match in re.finditer(r"^( *)```sh\n.*?^ *```$(?P<after>.*?)(?=^ *```sh|^#|\Z)", text, re.MULTILINE | re.DOTALL):
        before = text[max(0, match.start() - 300) : match.start()]
        assert said.search(match["after"]) or said.search(before), match[0]


def test_links_within_a_page_lead_somewhere(written: Callable[..., str], name: str, kind: str) -> None:
    text = written(name, kind)
    anchors = {anchor(heading) for level in (1, 2, 3) for heading in headings(text, level)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


# What a vendor has not, its runbooks do not speak of ------------------------------------------------------------------

ABSENT = {
    "role only": r"bucket|receipt|MX|inbound|Forwarder|webhook|SNS|configuration set|Secrets Manager",
    "keys": r"ExternalId|AssumeRole|RoleArn|bucket|receipt|MX |Forwarder|webhook|SNS|byoaws connect\b|--connection con",
}


@pytest.mark.parametrize("kind", ABSENT)
@pytest.mark.parametrize("name", RUNBOOKS)
def test_parts_that_a_vendor_has_not_are_left_out(
    written: Callable[..., str], vendors: dict[str, Callable[[], Vendor]], name: str, kind: str
) -> None:
    if find(name).needs_external_id and vendors[kind]().access is Access.USER:
        return
    text = written(name, kind)
    # The bucket of the templates is the operator's, and a MAIL FROM domain has an MX of its own.
    theirs = (
        r"TEMPLATE_BUCKET|bucket (private|keeps)|open the bucket|in a \*\*new\*\* bucket|MX and TXT of `"
        r"|.*(put-public-access|list-object-v|D202|byoaws publish).*"
    )
    text = re.sub(theirs, "", text)
    assert [line for line in text.split("\n") if re.search(ABSENT[kind], line)] == []


def test_privacy_is_shown_where_there_is_a_table(written: Callable[..., str]) -> None:
    assert "| Recipient address | Never |" in written("connect", "role only")
    assert "## What Mailmark stores" not in written("connect", "mailmark")


def test_every_permission_has_its_reason(written: Callable[..., str], vendors: dict[str, Callable[[], Vendor]]) -> None:
    from byoaws.iam.compose import actions

    text = written("connect")
    for action, reason in actions(vendors["mailmark"]().packs).items():
        assert re.search(rf"^\| `{re.escape(action)}` \| {re.escape(reason[:20])}", text, re.MULTILINE)


# A connection's values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUNBOOKS)
def test_with_a_connection_its_values_are_filled_in(
    written: Callable[..., str], connection: Callable[..., Connection], name: str
) -> None:
    text = written(name, with_=connection())
    for value in ("con_0123456789abcdefghij", "mailmark-byo-aws-efghij", "eu-west-1", "444455556666", "111122223333"):
        assert value in text
    known = r"<(CONNECTION_ID|ALIAS|EXTERNAL_ID|ROLE_ARN|ROLE_NAME|ACCOUNT_ID|BUCKET_NAME|TEMPLATE_URL|Mailmark\w+)>"
    assert not re.search(known, text)


@pytest.mark.parametrize("name", RUNBOOKS)
def test_without_one_placeholders_are_marked_and_explained(written: Callable[..., str], name: str) -> None:
    text = written(name)
    assert "made without a connection" in text
    # In a shell, a bare <NAME> would be a redirection: what was forgotten must be refused, not run.
    for block in re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        assert not re.search(r"(?<![\w'\"/:{<.])<[A-Z_]+>(?!['\"@])", re.sub(r"'[^']*'", "''", block)), block


@pytest.mark.parametrize("as_html", [False, True], ids=["markdown", "html"])
def test_no_runbook_holds_the_webhook_secret(
    written: Callable[..., str], connection: Callable[..., Connection], report: Callable, secret: str, as_html: bool
) -> None:
    from urllib.parse import quote

    for name in RUNBOOKS:
        text = written(name, with_=connection(), last=report())
        text = html(text) if as_html else text
        for form in (secret, quote(secret, safe=""), secret.removeprefix("whsec_").rstrip("=")):
            assert form not in text, name


PRESIGNED = "https://byoaws-example.s3.us-east-1.amazonaws.com/t.yaml?X-Amz-Signature=0123abcd&X-Amz-Credential=AKIA"


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_presigned_template_url_is_not_shown(
    written: Callable[..., str], connection: Callable[..., Connection], name: str
) -> None:
    text = written(name, with_=connection(template_url=PRESIGNED))
    assert "0123abcd" not in text
    assert "AKIA" not in text


def test_a_version_of_a_template_is_kept(written: Callable[..., str], connection: Callable[..., Connection]) -> None:
    url = "https://byoaws-example.s3.us-east-1.amazonaws.com/t.yaml?versionId=abc.1"
    assert f"--template-url '{url}'" in written("connect", with_=connection(template_url=url))


def test_an_upgrade_is_to_what_the_vendor_publishes_now(
    written: Callable[..., str], connection: Callable[..., Connection]
) -> None:
    old = "https://byoaws-example.s3.us-east-1.amazonaws.com/templates/old.yaml"
    text = written("upgrade-stack", with_=connection(template_url=old))
    assert "--template-url https://byoaws-example.s3.us-east-1.amazonaws.com/templates/mailmark.yaml" in text
    assert f"--template-url {old}" not in text
    assert "--template-url '<NEW_TEMPLATE_URL>'" in written("upgrade-stack", "no account")


def test_the_last_report_leads_to_its_sections(
    written: Callable[..., str], connection: Callable[..., Connection], report: Callable
) -> None:
    text = written("verification-failed", with_=connection(), last=report())
    assert "| FAIL V203 | AWS refused AssumeRole | [assume-role](#v203-assume-role) |" in text
    assert "V101 | fine" not in text


def test_a_role_that_is_not_verified_is_the_one_that_was_asked(
    written: Callable[..., str], connection: Callable[..., Connection], report: Callable
) -> None:
    text = written("verification-failed", with_=connection(role_arn=None), last=report())
    assert "--role-name mailmark-AccessRole-1ABC" in text


# Diagnoses ------------------------------------------------------------------------------------------------------------


def test_every_probe_has_its_section_and_the_reverse() -> None:
    real = {probe.code: f"{probe.code.lower()}-{probe.name}" for probe in map(PROBES.load, PROBES.builtins)}
    assert real == SECTIONS


@pytest.mark.parametrize("code", SECTIONS)
def test_a_section_is_where_section_of_says(written: Callable[..., str], code: str) -> None:
    found = {
        anchor(heading) for kind in ("generated", "keys") for heading in headings(written("verification-failed", kind))
    }
    page, _, place = section_of(code).partition("#")
    assert page == "verification-failed"
    assert place in found


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("V999", "verification-failed"),
        ("D201", "operator-incident#what-doctor-says"),
        ("P101", "ses-sandbox#what-aws-looks-at"),
        ("", "verification-failed"),
    ],
)
def test_other_codes_have_a_place(written: Callable[..., str], code: str, where: str) -> None:
    assert section_of(code) == where
    page, _, place = where.partition("#")
    assert not place or place in {anchor(heading) for heading in headings(written(page))}


def test_every_status_that_a_probe_can_have_is_spoken_of(written: Callable[..., str]) -> None:
    """Which there are is said by the pages of the probes, and by nothing else that could be read here."""
    pages = Path(PAGES).parents[2] / "docs" / "probes.md"
    parts = re.split(r"^## `?(V\d{3})`? .*$", pages.read_text(encoding="utf-8"), flags=re.MULTILINE)
    documented = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert documented
    for code, body in documented.items():
        page = (PAGES / "diagnoses" / f"{SECTIONS[code]}.md.j2").read_text(encoding="utf-8")
        statuses = set(re.findall(r"^\| (FAIL|WARN|UNKNOWN) \|", body, re.MULTILINE))
        assert statuses <= set(re.findall(r"^### (FAIL|WARN|UNKNOWN):", page, re.MULTILINE)), code


def test_every_check_of_doctor_has_its_row_and_the_reverse(written: Callable[..., str]) -> None:
    flows = PAGES.parents[1] / "flows"
    sources = "".join(path.read_text(encoding="utf-8") for path in flows.rglob("*.py"))
    real = re.findall(r'Answers\("(D\d{3})", "([a-z-]+)"\)', sources)
    assert sorted(re.findall(r"^\| (D\d{3}) `([a-z-]+)` \|", written("operator-incident"), re.MULTILINE)) == sorted(
        real
    )


def test_access_denied_has_its_six_causes(written: Callable[..., str]) -> None:
    section = written("verification-failed").partition("## V203")[2].partition("\n## ")[0]
    six = section.partition("six causes")[2].partition("###")[0]
    assert re.findall(r"^(\d)\. ", six, re.MULTILINE) == list("123456")


# Attacks --------------------------------------------------------------------------------------------------------------


def attacked(connection: Callable[..., Connection]) -> Connection:
    return connection(
        alias=ATTACK,
        customer=ATTACK,
        stack_name=ATTACK,
        template_url=f"https://{ATTACK}",
        role_arn=f"arn:aws:iam::444455556666:role/{ATTACK}",
        account_id="444455556666",
        bucket_name=ATTACK,
    )


def shape(text: str) -> list[str]:
    """Of a page's markdown all but the words."""
    found: list[str] = []
    for token in READER.parse(text):
        found.append(token.type)
        found += [
            child.type for child in token.children or [] if child.type not in ("text", "text_special", "softbreak")
        ]
    return found


@pytest.mark.parametrize("name", RUNBOOKS)
def test_what_values_say_changes_no_page(
    written: Callable[..., str], connection: Callable[..., Connection], report: Callable, name: str
) -> None:
    results = [
        ProbeResult(code=code, name="n", status=Status.FAIL, summary=ATTACK) for code in ("V203", "V999", ATTACK)
    ]
    mild = [ProbeResult(code=code, name="n", status=Status.FAIL, summary="x") for code in ("V203", "V999", "x")]
    harmless = connection(
        stack_name="not a name", template_url="https://x.example/t", role_arn="arn:aws:iam::444455556666:role/r s"
    )
    bad = written(name, with_=attacked(connection), last=report(*results))
    assert shape(bad) == shape(written(name, with_=harmless, last=report(*mild)))
    assert "49" not in bad.replace("949", "")
    assert "## Own heading" not in bad.split("\n")
    assert "rm -rf / | &" not in bad.split("\n")


@pytest.mark.parametrize("name", RUNBOOKS)
def test_what_values_say_is_text_on_the_page(
    written: Callable[..., str], connection: Callable[..., Connection], name: str
) -> None:
    page = html(written(name, with_=attacked(connection)))
    body = page.partition("</style>")[2]
    assert "<script" not in body
    assert "<img" not in body
    assert 'href="javascript' not in body
    assert not re.search(r"\son\w+=", re.sub(r"<code>.*?</code>|<pre>.*?</pre>", "", body, flags=re.DOTALL))


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render.environment().from_string("{{ f.nothing | text }}").render(f=object())


@pytest.mark.parametrize("source", ["{{ x }}", "{{ x ~ 'a' }}", "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}"])
def test_a_page_that_forgets_a_filter_prints_nothing(source: str) -> None:
    with pytest.raises(TypeError, match="without a filter"):
        render.environment().from_string(source).render(x="<b>")


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.md.j2")), ids=lambda path: path.name)
def test_pages_join_no_filtered_text(path: Path) -> None:
    """`~` with one filtered side would mark the other as filtered, too."""
    for expression in re.findall(r"\{\{(.*?)\}\}", path.read_text(encoding="utf-8"), re.DOTALL):
        if "~" in expression:
            assert re.fullmatch(r"\s*\((?:[^|()]|\([^|()]*\))*\)\s*\|\s*(?:\w+)(?:\(.*\))?\s*", expression), expression
        assert "safe" not in expression


def test_an_unknown_runbook_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        find("nothing")
    assert caught.value.known == tuple(sorted(RUNBOOKS))
