"""Findings as JUnit XML, as CI systems read it: a test case per finding, and one for each file without any.

An error or a warning is a failure; a file of which nothing could be told is an error.
"""

from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree

from byoaws.formats.interface import Look
from byoaws.formats.junit import clean
from byoaws.formats.lint_places import relative
from byoaws.lint.interface import COULD_NOT_TELL, Linted
from byoaws.model import Finding


def render(linted: Linted, look: Look) -> str:
    """Return one test suite per file, in one document."""
    suites = ElementTree.Element("testsuites", name="byoaws lint")
    for path in dict.fromkeys([*linted.files, *(item.path for item in linted.findings)]):
        name = clean(relative(path, linted.folder))
        suites.append(_suite(name, [item for item in linted.findings if item.path == path]))
    for count in ("tests", "failures", "errors"):
        suites.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _suite(name: str, found: list[Finding]) -> ElementTree.Element:
    kinds = Counter(map(_kind, found))
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(max(len(found), 1)),
        failures=str(kinds["failure"]),
        errors=str(kinds["error"]),
        skipped="0",
        time="0",
    )
    for title, item in _named(found):
        case = ElementTree.SubElement(suite, "testcase", classname=name, name=clean(title), time="0")
        text = clean(_told(item, name))
        if kind := _kind(item):
            ElementTree.SubElement(case, kind, type=item.code, message=clean(item.message)).text = text
        else:
            ElementTree.SubElement(case, "system-out").text = text
    if not found:
        ElementTree.SubElement(suite, "testcase", classname=name, name="no findings", time="0")
    return suite


def _named(found: list[Finding]) -> Iterator[tuple[str, Finding]]:
    """Names that differ: of two cases with the same, some systems show one."""
    seen: Counter[str] = Counter()
    for item in found:
        title = f"{item.code} at {item.line}:{item.column}"
        seen[title] += 1
        yield title if seen[title] == 1 else f"{title} ({seen[title]})", item


def _kind(item: Finding) -> str:
    if item.code == COULD_NOT_TELL:
        return "error"
    return "" if item.severity == "info" else "failure"


def _told(item: Finding, name: str) -> str:
    lines = [f"{name}:{item.line}:{item.column}: {item.severity} {item.code}: {item.message}"]
    return "\n".join([*lines, *([f"fix: {item.fix}"] if item.fix else [])])
