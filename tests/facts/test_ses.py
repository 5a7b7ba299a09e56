"""SES's limits as facts: each with its source, and no number that only our memory knows."""

from byoaws.facts.ses import ses_facts


def test_the_sandbox_is_the_documented_one() -> None:
    sandbox = ses_facts().sandbox
    assert (sandbox.per_24_hours, sandbox.per_second) == (200, 1)
    assert "verified" in sandbox.recipients


def test_production_is_larger_and_promised_by_nobody() -> None:
    facts = ses_facts()
    assert (facts.production.per_24_hours, facts.production.per_second) == (50_000, 14)
    assert not facts.production.origin.source.startswith("https://docs.aws.amazon.com/")


def test_each_fact_has_its_source() -> None:
    facts = ses_facts()
    origins = [facts.sandbox.origin, facts.production.origin, facts.api_origin, facts.review_origin]
    for origin in [*origins, *(item.origin for item in facts.prerequisites)]:
        assert origin.source.startswith("https://")
        assert origin.read.year == 2026


def test_the_prerequisites_are_those_that_are_checked() -> None:
    words = ("verified", "DKIM", "SPF", "DMARC", "website")
    assert [word in item.need for word, item in zip(words, ses_facts().prerequisites, strict=True)] == [True] * 5
