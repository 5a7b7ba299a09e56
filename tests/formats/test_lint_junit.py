"""Findings as JUnit XML: a case per finding, one for a clean file, and nothing that an XML reader chokes on."""

from collections.abc import Callable
from xml.etree import ElementTree

from byoaws.formats.interface import Look
from byoaws.formats.lint_junit import render
from byoaws.lint.interface import Linted
from byoaws.model import Finding

LOOK = Look(width=80, color=True)
# Source: Jenkins' xunit plug-in, junit-10.xsd: what each element may have.
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "disabled", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
    "testcase": {"name", "classname", "time", "assertions", "status"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
}
Make = Callable[..., Finding]
Lint = Callable[..., Linted]


def read(text: str) -> ElementTree.Element:
    """Parse, and hold against the schema and its own sums."""
    root = ElementTree.fromstring(text.encode())  # noqa: S314  our own
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
    for element in [root, *root.iter("testsuite")]:
        cases = list(element.iter("testcase"))
        for count, tag in (("tests", None), ("failures", "failure"), ("errors", "error")):
            assert int(element.get(count, "-1")) == sum(tag is None or case.find(tag) is not None for case in cases)
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)
    return root


def test_a_case_per_finding_and_one_for_a_clean_file(finding: Make, linted: Lint) -> None:
    root = read(render(linted(finding(), finding("warning", code="W1"), files=("t.yaml", "clean.yaml")), LOOK))
    cases = [(case.get("classname"), case.get("name"), [part.tag for part in case]) for case in root.iter("testcase")]
    assert cases == [
        ("t.yaml", "E9101 at 3:7", ["failure"]),
        ("t.yaml", "W1 at 3:7", ["failure"]),
        ("clean.yaml", "no findings", []),
    ]
    failure = next(root.iter("failure"))
    assert failure.attrib == {"type": "E9101", "message": "no ExternalId"}
    assert failure.text == "t.yaml:3:7: error E9101: no ExternalId\nfix: add one"


def test_an_info_is_no_failure_and_what_could_not_be_told_is_an_error(finding: Make, linted: Lint) -> None:
    root = read(render(linted(finding("info"), finding(code="E0002")), LOOK))
    assert [[part.tag for part in case] for case in root.iter("testcase")] == [["system-out"], ["error"]]
    assert (root.get("failures"), root.get("errors")) == ("0", "1")


def test_two_findings_at_one_place_have_names_of_their_own(finding: Make, linted: Lint) -> None:
    root = read(render(linted(finding(), finding(message="another"), finding(message="third")), LOOK))
    assert [case.get("name") for case in root.iter("testcase")] == [
        "E9101 at 3:7",
        "E9101 at 3:7 (2)",
        "E9101 at 3:7 (3)",
    ]


def test_what_a_template_says_is_text(hostile: str, finding: Make, linted: Lint) -> None:
    item = finding(message=hostile, fix=hostile, path=f"a{hostile.replace('/', '')}.yaml", code="E1")
    root = read(render(linted(item), LOOK))
    assert next(root.iter("failure")).get("message", "").count("<b>") == 1


def test_no_file_at_all(linted: Lint) -> None:
    assert read(render(linted(files=()), LOOK)).get("tests") == "0"
