"""Mail Manager by boto3: what is asked, held against botocore's whole model; what is answered; and where files go."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest

from byoaws.aws.mail_manager import BotoMailManager
from byoaws.aws.upload import put
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, NotFound, Throttled, Unreachable
from byoaws.fakeaws.mail_manager.model import mistakes
from byoaws.mail_manager.port import ArchiveQuery, ImportTicket

MODEL = botocore.session.get_session().get_service_model("mailmanager")
REGION = "eu-west-1"
QUERY = ArchiveQuery(
    archive_id="a-0123456789",
    since=datetime(2026, 11, 1, tzinfo=UTC),
    until=datetime(2026, 11, 21, tzinfo=UTC),
    filters={
        "Include": [
            {"StringExpression": {"Evaluate": {"Attribute": "SUBJECT"}, "Operator": "CONTAINS", "Values": ["invoice"]}}
        ]
    },
    most=100,
)
RULE_SET = {
    "RuleSetId": "rs-1",
    "RuleSetArn": "arn:aws:ses:eu-west-1:444455556666:mailmanager-rule-set/rs-1",
    "RuleSetName": "inbound",
    "CreatedDate": 1.7e9,
    "LastModificationDate": 1.7e9,
    "Rules": [{"Name": "all", "Actions": [{"Drop": {}}]}],
}
STATUS = {"SubmissionTimestamp": 1.7e9, "State": "RUNNING"}
ANSWERS: dict[str, dict[str, Any]] = {
    "ListIngressPoints": {
        "IngressPoints": [{"IngressPointId": "inp-1", "IngressPointName": "one", "Status": "ACTIVE"}]
    },
    "GetIngressPoint": {"IngressPointId": "inp-1", "IngressPointName": "one", "Status": "ACTIVE", "ARecord": "a.b"},
    "ListAddressLists": {"AddressLists": [{"AddressListId": "al-1", "AddressListName": "blocked"}]},
    "CreateAddressListImportJob": {"JobId": "job-1", "PreSignedUrl": "https://b.s3.eu-west-1.amazonaws.com/k?X=1"},
    "StartAddressListImportJob": {},
    "GetAddressListImportJob": {"JobId": "job-1", "Status": "PROCESSING", "ImportedItemsCount": 3},
    "StopAddressListImportJob": {},
    "ListArchives": {
        "Archives": [
            {"ArchiveId": "a-1", "ArchiveName": "mail", "ArchiveState": "ACTIVE"},
            {"ArchiveId": "a-2", "ArchiveName": "old", "ArchiveState": "PENDING_DELETION"},
        ]
    },
    "StartArchiveSearch": {"SearchId": "s-1"},
    "GetArchiveSearch": {"ArchiveId": "a-1", "MaxResults": 100, "Status": STATUS},
    "GetArchiveSearchResults": {
        "Rows": [{"ArchivedMessageId": "m", "ReceivedTimestamp": 1.7e9, "From": "x", "Envelope": {"To": ["a@b.c"]}}]
    },
    "StopArchiveSearch": {},
    "StartArchiveExport": {"ExportId": "e-1"},
    "GetArchiveExport": {
        "ArchiveId": "a-1",
        "Status": STATUS,
        "ExportDestinationConfiguration": {"S3": {"S3Location": "s3://bucket/x"}},
    },
    "StopArchiveExport": {},
    "ListRuleSets": {"RuleSets": [{"RuleSetId": "rs-1", "RuleSetName": "inbound"}]},
    "GetRuleSet": RULE_SET,
    "UpdateRuleSet": {},
}
TICKET = ImportTicket(job_id="job-1", upload_url="https://x.invalid/")
CALLS: dict[str, Callable[[BotoMailManager], Any]] = {
    "ListIngressPoints": lambda aws: aws.ingress_points(),
    "GetIngressPoint": lambda aws: aws.ingress_point("inp-1"),
    "ListAddressLists": lambda aws: aws.address_lists(),
    "CreateAddressListImportJob": lambda aws: aws.create_import("al-1", "byoaws-20261121T093000", "json"),
    "StartAddressListImportJob": lambda aws: aws.start_import("job-1"),
    "GetAddressListImportJob": lambda aws: aws.import_job("job-1"),
    "StopAddressListImportJob": lambda aws: aws.stop_import("job-1"),
    "ListArchives": lambda aws: aws.archives(),
    "StartArchiveSearch": lambda aws: aws.start_search(QUERY),
    "GetArchiveSearch": lambda aws: aws.search("s-1"),
    "GetArchiveSearchResults": lambda aws: aws.search_results("s-1"),
    "StopArchiveSearch": lambda aws: aws.stop_search("s-1"),
    "StartArchiveExport": lambda aws: aws.start_export(QUERY, "s3://bucket/x", metadata=True),
    "GetArchiveExport": lambda aws: aws.export("e-1"),
    "StopArchiveExport": lambda aws: aws.stop_export("e-1"),
    "ListRuleSets": lambda aws: aws.rule_sets(),
    "GetRuleSet": lambda aws: aws.rule_set("rs-1"),
    "UpdateRuleSet": lambda aws: aws.update_rule_set("rs-1", "inbound", RULE_SET["Rules"]),
}


@pytest.fixture
def aws(vendor_environment: Any, wire: Any, reply: Any, quick: Any) -> BotoMailManager:
    """An account whose API is a table; every operation is `POST /`."""

    def answer(sent: Any) -> Any:
        name = sent.headers["x-amz-target"].partition(".")[2]
        wire.targets.append((name, json.loads(sent.body)))
        found = wire.said.get(name, ANSWERS[name])
        return reply(body=json.dumps(found)) if isinstance(found, dict) else found

    wire.targets, wire.said = [], {}
    wire.replies["POST /"] = answer
    return BotoMailManager.of_profile(None, REGION, limits=quick)


@pytest.fixture
def refusal(reply: Any) -> Callable[..., Any]:
    """An error as the API words it."""
    return lambda code, status=400: reply(body=json.dumps({"__type": code, "message": "no"}), status=status)


def test_every_operation_is_tried() -> None:
    assert set(CALLS) == set(ANSWERS)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_asked_is_what_the_model_takes(aws: BotoMailManager, wire: Any, name: str) -> None:
    """Enums, patterns, lengths and unions too, which botocore sends on as they are."""
    CALLS[name](aws)
    asked = [parameters for operation, parameters in wire.targets if operation == name]
    shape = MODEL.operation_model(name).input_shape
    assert asked
    for parameters in asked:
        for moment in ("FromTimestamp", "ToTimestamp"):
            if moment in parameters:
                parameters[moment] = datetime.fromtimestamp(parameters[moment], UTC)
        assert mistakes(parameters, shape) == []


def test_the_judge_of_requests_finds_what_botocore_lets_pass() -> None:
    shape = MODEL.operation_model("UpdateRuleSet").input_shape
    assert mistakes({"RuleSetId": "x" * 101, "Rules": []}, shape)
    assert mistakes({"RuleSetId": "x", "RuleSetName": "a b", "Rules": []}, shape)
    assert mistakes({"RuleSetId": "x", "Rules": [{"Actions": [{"Drop": {}}]}] * 41}, shape)
    assert mistakes(
        {"RuleSetId": "x", "Rules": [{"Actions": [{"Drop": {}, "Archive": {"TargetArchive": "a"}}]}]}, shape
    )
    assert not mistakes({"RuleSetId": "x", "Rules": []}, shape)


def test_answers_become_values(aws: BotoMailManager) -> None:
    assert aws.ingress_point("inp-1").a_record == "a.b"
    assert [found.id for found in aws.archives()] == ["a-1"]
    assert aws.import_job("job-1").imported == 3
    assert aws.search("s-1").most == 100
    assert aws.export("e-1").destination == "s3://bucket/x"
    assert aws.search_results("s-1")[0].envelope_recipients == ("a@b.c",)
    found = aws.rule_set("rs-1")
    assert (found.rules, found.unknown) == (RULE_SET["Rules"], ())
    assert "X=1" not in repr(aws.create_import("al-1", "n", "csv"))


def test_lists_go_on_to_their_last_page_and_not_round_in_circles(aws: BotoMailManager, wire: Any) -> None:
    wire.said["ListRuleSets"] = {**ANSWERS["ListRuleSets"], "NextToken": "again"}
    with pytest.raises(Unreachable, match="100 pages"):
        aws.rule_sets()
    assert [parameters for _, parameters in wire.targets][:2] == [{}, {"NextToken": "again"}]


@pytest.mark.parametrize(
    ("rules", "places"),
    [
        ([{"Actions": [{"Drop": {}}], "Priority": 1}], ("Rules[0].Priority",)),
        ([{"Actions": [{"Quarantine": {"Days": 3}}]}], ("Rules[0].Actions[0].Quarantine",)),
        ([{"Actions": [{"Drop": {"Quietly": True}}]}], ("Rules[0].Actions[0].Drop.Quietly",)),
        ([{"Actions": [{"Drop": {}}], "Name": None}], ()),
    ],
    ids=["field", "member of a union", "field of an action", "null"],
)
def test_what_boto3_does_not_know_is_told(
    aws: BotoMailManager, wire: Any, rules: list[dict[str, Any]], places: tuple[str, ...]
) -> None:
    """botocore drops it without a word, and an update would take it out of the rule set."""
    wire.said["GetRuleSet"] = {**RULE_SET, "Rules": rules}
    assert aws.rule_set("rs-1").unknown == places


@pytest.mark.parametrize(
    "answer",
    [
        {"GetRuleSet": {**RULE_SET, "LastModificationDate": None}},
        {"GetRuleSet": {}},
        {"GetIngressPoint": {}},
        {"GetIngressPoint": {"IngressPointId": "x", "ARecord": 5}},
        {"CreateAddressListImportJob": {"JobId": "job-1"}},
        {"GetAddressListImportJob": {"JobId": "job-1", "Status": "COMPLETED", "ImportedItemsCount": "many"}},
        {"GetArchiveSearch": {"Status": {}}},
        {"StartArchiveSearch": {}},
        {"GetArchiveSearchResults": {"Rows": {"a": 1}}},
        {"ListRuleSets": {"RuleSets": [{"RuleSetName": "x"}]}},
    ],
    ids=str,
)
def test_an_odd_answer_is_no_answer(aws: BotoMailManager, wire: Any, answer: dict[str, Any]) -> None:
    wire.said |= answer
    with pytest.raises(Unreachable):
        CALLS[next(iter(answer))](aws)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDeniedException", 400, AccessDenied),
        ("ResourceNotFoundException", 400, NotFound),
        ("ValidationException", 400, InvalidRequest),
        ("ConflictException", 400, AwsError),
        ("ThrottlingException", 400, Throttled),
        ("InternalServerException", 500, Unreachable),
    ],
)
def test_what_aws_refuses(
    aws: BotoMailManager, wire: Any, refusal: Callable[..., Any], code: str, status: int, kind: type[AwsError]
) -> None:
    wire.said = dict.fromkeys(ANSWERS, refusal(code, status))
    with pytest.raises(kind) as error:
        aws.rule_set("rs-1")
    assert (type(error.value), error.value.code) == (kind, code)


PACKS = {
    "mail-manager-read": ("ListIngressPoints", "GetIngressPoint"),
    "mail-manager-rules": ("ListRuleSets", "GetRuleSet", "UpdateRuleSet"),
    "mail-manager-address-lists": tuple(name for name in CALLS if "AddressList" in name),
    "mail-manager-archive-search": (*(name for name in CALLS if "Search" in name), "ListArchives"),
    "mail-manager-archive-export": tuple(name for name in CALLS if "Export" in name),
}


@pytest.mark.parametrize("pack", PACKS)
def test_where_aws_denies_it_the_pack_that_has_it_is_named(
    aws: BotoMailManager, wire: Any, refusal: Callable[..., Any], pack: str
) -> None:
    from byoaws.iam.compose import actions

    for name in PACKS[pack]:
        assert f"ses:{name}" in actions([pack])
        wire.said = {name: refusal("AccessDeniedException")}
        with pytest.raises(AccessDenied) as error:
            CALLS[name](aws)
        assert f"'{pack}'" in error.value.hint
        assert f"'ses:{name}'" in error.value.hint


def test_every_operation_is_in_a_pack() -> None:
    assert {name for names in PACKS.values() for name in names} == set(CALLS)


# Where files go ------------------------------------------------------------------------------------------------------

SECRET = "X-Amz-Signature=0123456789abcdef"
AWS_ENDPOINT = "https://mail-manager.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://bucket.s3.eu-west-1.amazonaws.com/k",
        "https://evil.example/k",
        "https://s3.eu-west-1.amazonaws.com.evil.example/k",
        "https://evil.example#.s3.eu-west-1.amazonaws.com/k",
        "https://user@bucket.s3.eu-west-1.amazonaws.com/k",
        "https://bucket.s3.eu-west-1.amazonaws.com@evil.example/k",
        "https://bucket.s3.eu-west-1.amazonaws.com:8443/k",
        "https://bucket.s3.cn-north-1.amazonaws.com.cn/k",
        "https://lambda.eu-west-1.amazonaws.com/k",
        "https://bucket.nots3.eu-west-1.amazonaws.com/k",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/k",
        "https://bucket.s3.eu-west-1.amazonaws.com:x/k",
        "file:///etc/passwd",
        "https://bucket.s3.eu-west-1.amazonaws.com/" + "k" * 9000,
        "",
    ],
)
def test_a_file_goes_to_aws_and_nowhere_else(url: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        put(botocore.session.Session(), f"{url}?{SECRET}", b"x", region=REGION, endpoint=AWS_ENDPOINT)
    assert "nothing was sent" in error.value.message
    assert "Signature" not in f"{error.value}{error.value.hint}{error.value!r}"


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket.s3.eu-west-1.amazonaws.com/k",
        "https://bucket.s3.amazonaws.com/k",
        "https://bucket.with.dots.s3.us-east-1.amazonaws.com/k",
        "https://s3.eu-west-1.amazonaws.com/bucket/k",
        "https://bucket.s3.dualstack.eu-west-1.amazonaws.com/k",
        "https://bucket.s3-accelerate.amazonaws.com/k",
    ],
)
def test_a_place_of_s3_is_gone_to_and_where_it_does_not_answer_no_secret_is_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(Unreachable) as error:
        put(botocore.session.Session(), f"{url}?{SECRET}", b"x", region=REGION, endpoint=AWS_ENDPOINT)
    assert "0123456789abcdef" not in f"{error.value}{error.value.hint}{error.value!r}"
    assert (error.value.__cause__, error.value.__context__) == (None, None)
