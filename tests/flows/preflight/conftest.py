"""An account that is a table: what each call answers, or the error that it raises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from byoaws.errors import NotFound
from byoaws.flows.preflight.run import preflight
from byoaws.lifecycle.port import READING
from byoaws.lifecycle.preflight import Preflight
from byoaws.model import ProbeResult
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

ACCOUNT = "444455556666"
EMPTY: dict[str, Any] = {
    "sts:get_caller_identity": {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/admin"},
    "cloudformation:describe_stacks": [],
    "iam:get_role": NotFound("no such role"),
    "iam:get_user": NotFound("no such user"),
    "iam:get_account_summary": {"SummaryMap": {"Roles": 10, "RolesQuota": 1000}},
    "sesv2:get_account": {"ProductionAccessEnabled": True, "SendingEnabled": True, "EnforcementStatus": "HEALTHY"},
    "sesv2:list_configuration_sets": [],
    "sesv2:list_email_identities": [],
    "ses:describe_active_receipt_rule_set": {},
    "ses:list_receipt_rule_sets": [],
    "s3:list_buckets": [],
    "lambda:get_account_settings": {"AccountLimit": {"UnreservedConcurrentExecutions": 1000}},
    "mailmanager:list_ingress_points": [],
    "iam:simulate_principal_policy": "allowed",
}


@dataclass
class Table:
    """A `Reader`."""

    answers: Mapping[str, Any]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def ask(self, service: str, operation: str, **parameters: Any) -> Any:
        assert operation.startswith(READING)
        self.asked.append((f"{service}:{operation}", parameters))
        answer = self.answers[f"{service}:{operation}"]
        if isinstance(answer, Exception):
            raise answer
        return answer(**parameters) if callable(answer) else answer

    def every(self, service: str, operation: str, key: str, **parameters: Any) -> Any:
        answer = self.ask(service, operation, **parameters)
        if isinstance(answer, str):
            return [{"EvalActionName": name, "EvalDecision": answer} for name in parameters["ActionNames"]]
        return answer

    def function_code(self, name: str) -> Mapping[str, bytes]:
        raise AssertionError("a preflight reads no code")


@dataclass
class Looked:
    found: Preflight
    table: Table

    def __getitem__(self, code: str) -> ProbeResult:
        return next(check for check in self.found.checks if check.code == code)

    @property
    def advice(self) -> dict[str, str | None]:
        return {one.parameter: one.value for one in self.found.advice}


@pytest.fixture
def mailmark() -> Vendor:
    return load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})


@pytest.fixture
def look(mailmark: Vendor) -> Callable[..., Looked]:
    """Run a preflight on an empty account, but for what is given."""

    def run(given: Mapping[str, Any] | None = None, *, vendor: Vendor = mailmark, **options: Any) -> Looked:
        table = Table({**EMPTY, **(given or {})})
        return Looked(preflight(vendor, lambda: table, **{"region": "eu-west-1", **options}), table)

    return run
