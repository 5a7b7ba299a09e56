"""Runbooks as markdown. Values are only ever values: no text of theirs is compiled as a template."""

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined

from byoaws.facts.failures import Failure, failures
from byoaws.runbooks import escape
from byoaws.runbooks.catalogue import Runbook
from byoaws.runbooks.facts import KEEP_THE_BUCKET, REVOKE, Facts
from byoaws.runbooks.sections import SECTIONS, section_of
from byoaws.vendor_model import Access, Vendor
from byoaws.vendors.names import BLOCK_OF, ON_REQUEST


@functools.cache
def environment() -> Environment:
    """The pages, with the filters without which they may print nothing."""
    made = Environment(
        loader=PackageLoader("byoaws.runbooks", "pages"),
        undefined=StrictUndefined,
        autoescape=True,  # so that macros, too, return marked text
        finalize=escape.finished,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters = {
        **made.filters,
        "text": escape.text,
        "spans": escape.spans,
        "code": escape.code,
        "cell": escape.cell,
        "sh": escape.sh,
        "fenced": escape.fenced,
        "link": escape.link,
        "json": escape.as_json,
    }
    return made


def markdown(runbook: Runbook, facts: Facts) -> str:
    """Return the runbook as GitHub-flavoured markdown that ends with a newline."""
    page = environment().get_template(f"{runbook.name}.md.j2")
    filled = page.render(
        f=facts,
        v=facts.vendor,
        c=facts.subject,
        **_spoken(facts),
        runbook=runbook,
        diagnoses=diagnoses(facts.vendor),
        failures=[one for one in failures() if concerns(one, facts)],
        section_of=section_of,
        revoke=REVOKE,
        keep_the_bucket=KEEP_THE_BUCKET,
    )
    return _tidied(filled)


def _spoken(facts: Facts) -> dict[str, escape.Markdown]:
    """Parts of command lines that every page has need of, ready quoted."""
    vendor, identifier, region = (
        escape.sh(name) for name in (facts.vendor.option, facts.subject.id, facts.subject.region)
    )
    by_key = f"--vendor {vendor} --profile '<PROFILE>' --region {region}"
    subject = f"--vendor {vendor}" if facts.user else f"--connection {identifier} --vendor {vendor}"
    return {
        "begin": escape.code("byoaws link" if facts.user else "byoaws connect"),
        "subject": escape.Markdown(subject),
        "verify_again": escape.Markdown("byoaws verify " + (by_key if facts.user else subject)),
    }


def concerns(failure: Failure, facts: Facts) -> bool:
    """Tell whether a vendor can meet a failure: not that of a role, or of a bucket, where there is none."""
    if facts.user and any(operation.startswith("sts:Assume") for operation in failure.operations):
        return False
    return bool(facts.block("inbound")) or not all(operation.startswith("s3:") for operation in failure.operations)


def diagnoses(vendor: Vendor) -> list[str]:
    """The pages of the probes that the vendor's file names or can be asked beside them, and whose part its
    stack has, in the order of the codes."""
    further = ON_REQUEST if vendor.access is Access.ROLE else ()
    asked = {name for name in (*vendor.probes, *further) if BLOCK_OF.get(name) in (None, *vendor.stack.blocks)}
    return [f"diagnoses/{anchor}.md.j2" for anchor in SECTIONS.values() if anchor.partition("-")[2] in asked]


def _tidied(filled: str) -> str:
    """Parts that were left out leave no holes: steps are numbered anew, and no two empty lines follow each other."""
    lines: list[str] = []
    step, in_code = 0, False
    for line in map(str.rstrip, filled.split("\n")):
        in_code ^= line.lstrip().startswith("```")
        if line.startswith("#") and not in_code:
            step = 0
        elif line.startswith("1. ") and not in_code:
            step += 1
            line = f"{step}. {line[3:]}"
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n") + "\n"
