"""`cost`: shape, exit codes, tables of one's own; what is counted is tested with its flow."""

import json
from collections.abc import Callable
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from click.testing import Result

SHIPPED = resources.files("byoaws.facts").joinpath("prices.yaml").read_text(encoding="utf-8")


def test_the_json_has_its_shape_and_adds_up(json_of: Callable[..., dict]) -> None:
    found = json_of("cost", "--emails", 100_000, "--inbound", 10_000)
    assert list(found) == ["currency", "as_of", "total", "lines", "region", "assumed", "not_counted"]
    assert (found["currency"], found["region"]) == ("USD", "us-east-1")
    for line in found["lines"]:
        assert list(line) == ["what", "quantity", "unit_price", "amount"]
        assert not any("E" in line[key] for key in ("quantity", "unit_price", "amount"))
    assert sum(Decimal(line["amount"]) for line in found["lines"]) == Decimal(found["total"]) > 16


def test_the_text_shows_each_line_the_total_and_what_is_missing(output_of: Callable[..., str]) -> None:
    text = output_of("cost", "--emails", 100_000, "--inbound", 10_000, env={"COLUMNS": "100", "NO_COLOR": "1"})
    assert "SES, e-mail sent (plan Essentials)" in text
    assert "100,000 e-mails " in text
    assert "1 secret-month " in text
    assert " GB " in text
    assert "0.00016" in text
    for heading in ("A month", "Assumed", "Not counted", "as of 2026-09-20"):
        assert heading in text
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "\x1b" not in text


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_it_fits_the_terminal(output_of: Callable[..., str], columns: str) -> None:
    text = output_of("cost", "--emails", 10**9, env={"COLUMNS": columns})
    assert max(map(len, text.splitlines())) <= min(int(columns), 110)


def test_plans_and_free_tier(json_of: Callable[..., dict]) -> None:
    command = ("cost", "--emails", 1000, "--inbound", 1000, "--average-kb", 0)
    totals = [
        Decimal(json_of(*command, *further)["total"])
        for further in ((), ("--plan", "a-la-carte"), ("--plan", "a-la-carte", "--free-tier"))
    ]
    assert totals == sorted(totals, reverse=True)
    assert len(set(totals)) == 3


def test_a_table_of_ones_own(json_of: Callable[..., dict], cwd: Path) -> None:
    (cwd / "ours.yaml").write_text(SHIPPED.replace("currency: USD", "currency: EUR").replace("price: 0.16", "price: 1"))
    found = json_of("cost", "--emails", 1000, "--average-kb", 0, "--prices", "ours.yaml")
    assert found["currency"] == "EUR"
    assert found["lines"][0]["amount"] == "1"


def test_it_calls_nothing_and_writes_nothing(run: Callable[..., Result], everything: Callable[[], dict]) -> None:
    before = everything()
    done = run("cost", "--emails", 1, "--format", "json", env={"HTTPS_PROXY": "http://127.0.0.1:1"})
    assert done.exit_code == 0
    assert done.stderr == "vendor: mailmark (the default)\n"
    assert json.loads(done.stdout)
    assert everything() == before


def test_a_vendor_without_inbound_has_no_such_lines(json_of: Callable[..., dict], cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text(
        "name: acme\ntitle: Acme\naws:\n  account_id: ''\npacks: [ses-send]\n"
        "stack: {name: acme, version: 1.0.0, blocks: [sending, access]}\n"
        "probes: [role-arn, vendor-identity, external-id-required, external-id-checked, assume-role, caller-identity]\n"
    )
    found = json_of("cost", "--emails", 1000, "--inbound", 7)
    assert {line["what"].split(",")[0] for line in found["lines"]} == {"SES"}
    assert any("the 7 e-mails received" in item for item in found["not_counted"])
