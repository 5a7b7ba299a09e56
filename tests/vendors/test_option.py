"""What `--vendor` takes in the commands that we print: a name only where it is offered by name."""

from pathlib import Path

from byoaws.flows.runbook.facts import facts_of
from byoaws.runbooks.catalogue import find
from byoaws.runbooks.render import markdown
from byoaws.vendors.file import load_vendor


def test_a_built_in_vendor_is_named() -> None:
    assert load_vendor("sendfleet", {}).option == "sendfleet"


def test_a_file_is_named_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "byoaws.yaml"
    built_in = Path(__file__).parents[2] / "byoaws" / "vendors" / "sendfleet.yaml"
    file.write_text(built_in.read_text().replace("name: sendfleet", "name: acme", 1))
    vendor = load_vendor(str(file), {})
    assert vendor.option == str(file)
    text = markdown(find("upgrade-stack"), facts_of(vendor, None, None, region="us-east-1"))
    assert f"--vendor {file}" in text
    assert "--vendor acme" not in text
