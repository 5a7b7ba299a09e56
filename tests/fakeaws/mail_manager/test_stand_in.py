"""The stand-in of Mail Manager: AWS's wire, AWS's refusals, and callers whom MiniStack knows."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.serialize import create_serializer

from byoaws.fakeaws import arrange
from byoaws.fakeaws.interface import Account
from byoaws.fakeaws.mail_manager.resources import KINDS
from byoaws.fakeaws.mail_manager.wire import Wire, service_model
from byoaws.iam.compose import permission_policy, substitute

REGION = "eu-west-1"
DROP = [{"Name": "drop", "Actions": [{"Drop": {}}]}]
MAIL = b"From: Ann <ann@example.com>\r\nTo: bob@customer.example\r\nSubject: Invoice 7\r\n\r\nHello\r\n"


@pytest.fixture
def client_of(fake_aws: Any) -> Iterator[Callable[..., Any]]:
    """Clients of the stand-in, as an account's administrator or whoever else."""
    session, made = botocore.session.get_session(), []

    def make(who: Account, region: str = REGION) -> Any:
        made.append(
            session.create_client(
                "mailmanager",
                region_name=region,
                endpoint_url=fake_aws.mail_manager.endpoint,
                verify=str(fake_aws.ca_file),
                aws_access_key_id=who.access_key_id,
                aws_secret_access_key=who.secret_access_key,
                aws_session_token=who.session_token,
                config=Config(retries={"total_max_attempts": 1}),
            )
        )
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def mail(client_of: Callable[..., Any], aws_customer: Account) -> Any:
    return client_of(aws_customer)


def code(call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**given)
    return str(error.value.response["Error"]["Code"])


def ingress_point(mail: Any) -> dict[str, str]:
    """An ingress point with what it needs; the ids of all three."""
    rules = mail.create_rule_set(RuleSetName="rules", Rules=DROP)["RuleSetId"]
    policy = mail.create_traffic_policy(TrafficPolicyName="open", DefaultAction="ALLOW", PolicyStatements=[])
    ids = {"RuleSetId": rules, "TrafficPolicyId": policy["TrafficPolicyId"]}
    point = mail.create_ingress_point(IngressPointName="main", Type="OPEN", **ids)
    return {**ids, "IngressPointId": point["IngressPointId"]}


def test_an_ingress_point_is_active_after_a_while(mail: Any) -> None:
    ids = ingress_point(mail)
    states = [mail.get_ingress_point(IngressPointId=ids["IngressPointId"])["Status"] for _ in range(3)]
    assert states == ["PROVISIONING", "ACTIVE", "ACTIVE"]
    assert code(mail.delete_rule_set, RuleSetId=ids["RuleSetId"]) == "ConflictException"
    mail.update_ingress_point(IngressPointId=ids["IngressPointId"], StatusToUpdate="CLOSED")
    assert mail.list_ingress_points()["IngressPoints"][0]["Status"] == "CLOSED"


def test_a_rule_set_is_replaced_whole_and_says_when(mail: Any) -> None:
    made = mail.create_rule_set(RuleSetName="rules", Rules=DROP)["RuleSetId"]
    before = mail.get_rule_set(RuleSetId=made)
    rules = [{"Name": "keep", "Actions": [{"Archive": {"TargetArchive": "a-1"}}]}]
    mail.update_rule_set(RuleSetId=made, Rules=rules)
    after = mail.get_rule_set(RuleSetId=made)
    assert (before["Rules"], after["Rules"]) == (DROP, rules)
    assert after["LastModificationDate"] > before["LastModificationDate"]
    assert after["RuleSetName"] == "rules"


def test_other_accounts_and_regions_hold_their_own(
    mail: Any, client_of: Callable[..., Any], fake_aws: Any, aws_customer: Account
) -> None:
    made = mail.create_rule_set(RuleSetName="rules", Rules=[])["RuleSetId"]
    for other in (client_of(fake_aws.new_customer()), client_of(aws_customer, "us-east-1")):
        assert other.list_rule_sets()["RuleSets"] == []
        assert code(other.get_rule_set, RuleSetId=made) == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", KINDS)
def test_everything_can_be_made_listed_read_and_deleted(mail: Any, kind: str) -> None:
    subscription = mail.create_addon_subscription(AddonName="TRENDMICRO_VSAPI")["AddonSubscriptionId"]
    given: dict[str, dict[str, Any]] = {
        "RuleSet": {"RuleSetName": "x", "Rules": DROP},
        "TrafficPolicy": {"TrafficPolicyName": "xyz", "DefaultAction": "DENY", "PolicyStatements": []},
        "Relay": {"RelayName": "x", "ServerName": "x.y", "ServerPort": 25, "Authentication": {"NoAuthentication": {}}},
        "Archive": {"ArchiveName": "xy"},
        "AddressList": {"AddressListName": "x"},
        "AddonSubscription": {"AddonName": "SPAMHAUS_DBL"},
        "AddonInstance": {"AddonSubscriptionId": subscription},
    }
    snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in kind)
    plural = f"{snake[:-1]}ies" if snake.endswith("cy") else f"{snake}s"
    if kind == "IngressPoint":
        one = ingress_point(mail)["IngressPointId"]
    else:
        one = getattr(mail, f"create{snake}")(**given[kind])[f"{kind}Id"]
    found = getattr(mail, f"get{snake}")(**{f"{kind}Id": one})
    assert one.startswith(KINDS[kind].prefix)
    if f"{kind}Arn" in found:
        assert found[f"{kind}Arn"].endswith(f":{KINDS[kind].resource}/{one}")
    listed = next(value for value in getattr(mail, f"list{plural}")().values() if isinstance(value, list))
    assert one in {item[f"{kind}Id"] for item in listed}
    getattr(mail, f"delete{snake}")(**{f"{kind}Id": one})
    if kind == "Archive":
        assert mail.get_archive(ArchiveId=one)["ArchiveState"] == "PENDING_DELETION"
    else:
        assert code(getattr(mail, f"get{snake}"), **{f"{kind}Id": one}) == "ResourceNotFoundException"


def test_every_operation_of_the_api_is_answered(mail: Any) -> None:
    """None is unknown, and none breaks the server: what is not there is refused in the API's words."""
    known = {
        *("ResourceNotFoundException", "ValidationException", "ConflictException"),
    }
    for name in service_model().operation_names:
        operation = service_model().operation_model(name)
        given = {key: _any(shape) for key, shape in operation.input_shape.members.items() if key != "ClientToken"}
        method = "".join(f"_{char.lower()}" if char.isupper() else char for char in name)[1:]
        try:
            getattr(mail, method)(**given)
        except ClientError as error:
            assert error.response["Error"]["Code"] in known, name  # noqa: PT017


def _any(shape: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        members = dict(list(shape.members.items())[:1]) if getattr(shape, "is_tagged_union", 0) else shape.members
        return {key: _any(value) for key, value in members.items()}
    if kind == "list":
        return [_any(shape.member)] * min(1, shape.metadata.get("max", 1))
    if kind == "string":
        return shape.enum[0] if shape.enum else "x" * max(shape.metadata.get("min", 1), 1)
    return {"boolean": True, "timestamp": datetime(2026, 1, 1, tzinfo=UTC)}.get(kind, 1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"RuleSetName": "a b", "Rules": []}, "ruleSetName"),
        ({"RuleSetName": "x" * 101, "Rules": []}, "less than or equal to 100"),
        ({"RuleSetName": "x", "Rules": DROP * 41}, "less than or equal to 40"),
        (
            {
                "RuleSetName": "x",
                "Rules": [
                    {
                        "Conditions": [{"DmarcExpression": {"Operator": "EQUALS", "Values": ["PASS"]}}],
                        "Actions": [{"Drop": {}}],
                    }
                ],
            },
            "enum value set",
        ),
    ],
)
def test_what_the_model_forbids_is_refused(mail: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match=said) as error:
        mail.create_rule_set(**given)
    assert error.value.response["Error"]["Code"] == "ValidationException"


def test_two_in_a_union_and_what_is_missing_are_refused_also_to_a_client_that_does_not_look(
    mail: Any, aws_customer: Account
) -> None:
    both = [{"Actions": [{"Drop": {}, "Archive": {"TargetArchive": "x"}}]}]
    mail._serializer = create_serializer("json", include_validation=False)
    assert code(mail.create_rule_set, RuleSetName="x", Rules=both) in ("ValidationException", "SerializationException")
    assert code(mail.create_rule_set, RuleSetName="x") == "ValidationException"
    assert code(mail.get_rule_set) == "ValidationException"


# Who calls -----------------------------------------------------------------------------------------------------------


def test_nobody_gets_in_without_a_good_signature(
    fake_aws: Any, client_of: Callable[..., Any], aws_customer: Account
) -> None:
    wrong = client_of(replace(aws_customer, secret_access_key="wrong"))
    assert code(wrong.list_rule_sets) == "SignatureDoesNotMatch"
    nobody = client_of(replace(aws_customer, access_key_id="AKIAIOSFODNN7EXAMPLE"))
    assert code(nobody.list_rule_sets) in ("InvalidClientTokenId", "UnrecognizedClientException")
    with urllib3.PoolManager(ca_certs=str(fake_aws.ca_file)) as http:
        headers = {"X-Amz-Target": "MailManagerSvc.ListRuleSets", "Content-Type": "application/x-amz-json-1.0"}
        answer = http.request("POST", fake_aws.mail_manager.endpoint, body=b"{}", headers=headers)
        assert answer.status == 403
        assert json.loads(answer.data)["__type"].endswith("#MissingAuthenticationTokenException")


@pytest.fixture
def under_packs(fake_aws: Any, client_of: Callable[..., Any]) -> Callable[..., Any]:
    """A client under a role that has some packs, in the account of a customer."""

    def make(customer: Account, *packs: str) -> Any:
        values = {
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::AccountId": customer.account_id,
            "vendor:name": "acme",
            "vendor:role-path": "/byoaws/acme/",
        }
        arn = arrange.create_role(
            fake_aws,
            customer,
            f"acme-{len(packs)}-{packs[0]}",
            path="/byoaws/acme/",
            trust={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": fake_aws.vendor.principal_arn},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            permissions=permission_policy(packs, lambda text: substitute(text, values)),
        )
        sts = fake_aws.client(fake_aws.vendor, "sts", "us-east-1")
        held = sts.assume_role(RoleArn=arn, RoleSessionName="byoaws")["Credentials"]
        session = Account(
            account_id=customer.account_id,
            access_key_id=held["AccessKeyId"],
            secret_access_key=held["SecretAccessKey"],
            session_token=held["SessionToken"],
            principal_arn=arn,
        )
        return client_of(session)

    return make


def test_a_role_may_do_what_its_packs_say_and_no_more(mail: Any, under_packs: Any, aws_customer: Account) -> None:
    ids = ingress_point(mail)
    archive = mail.create_archive(ArchiveName="mail")["ArchiveId"]
    addresses = mail.create_address_list(AddressListName="blocked")["AddressListId"]
    now = datetime.now(UTC)
    span = {"ArchiveId": archive, "FromTimestamp": now - timedelta(days=1), "ToTimestamp": now}
    place = {"ExportDestinationConfiguration": {"S3": {"S3Location": "s3://acme-export-1/x"}}}
    own = f"s3://acme-export-{aws_customer.account_id}-1/x"
    into_own = {"ExportDestinationConfiguration": {"S3": {"S3Location": own}}}
    csv = {"AddressListId": addresses, "Name": "n", "ImportDataFormat": {"ImportDataType": "CSV"}}
    calls: dict[str, Callable[[Any], Any]] = {
        "mail-manager-read": lambda c: c.get_ingress_point(IngressPointId=ids["IngressPointId"]),
        "mail-manager-rules": lambda c: c.update_rule_set(RuleSetId=ids["RuleSetId"], Rules=DROP),
        "mail-manager-address-lists": lambda c: c.start_address_list_import_job(
            JobId=c.create_address_list_import_job(**csv)["JobId"]
        ),
        "mail-manager-archive-search": lambda c: c.get_archive_search(
            SearchId=c.start_archive_search(**span, MaxResults=1)["SearchId"]
        ),
        "mail-manager-archive-export": lambda c: c.get_archive_export(
            ExportId=c.start_archive_export(**span, **into_own)["ExportId"]
        ),
    }
    for pack in calls:
        client = under_packs(aws_customer, pack)
        for other, call in calls.items():
            if other == pack:
                call(client)
            else:
                assert code(lambda call=call, client=client: call(client)) == "AccessDeniedException"
        assert code(client.create_rule_set, RuleSetName="mine", Rules=[]) == "AccessDeniedException"
    exporting = under_packs(aws_customer, "mail-manager-archive-export", "mail-manager-read")
    assert code(lambda: exporting.start_archive_export(**span, **place)) == "AccessDeniedException"


def test_a_role_is_let_in_nowhere_else(fake_aws: Any, under_packs: Any, mail: Any, aws_customer: Account) -> None:
    """Neither in another account nor, since a pack names its region, in another region."""
    client = under_packs(aws_customer, "mail-manager-rules")
    made = mail.create_rule_set(RuleSetName="rules", Rules=[])["RuleSetId"]
    assert client.get_rule_set(RuleSetId=made)["RuleSetName"] == "rules"
    client.meta._client_config.region_name = "us-east-1"
    client._request_signer._region_name = "us-east-1"
    assert code(client.get_rule_set, RuleSetId=made) == "AccessDeniedException"


# Imports, searches, exports ------------------------------------------------------------------------------------------


def upload(fake_aws: Any, url: str, body: bytes) -> int:
    with urllib3.PoolManager(ca_certs=str(fake_aws.ca_file)) as http:
        return http.request("PUT", url, body=body).status


def test_an_import_takes_its_file_where_it_said(fake_aws: Any, mail: Any) -> None:
    one = mail.create_address_list(AddressListName="blocked")["AddressListId"]
    job = mail.create_address_list_import_job(AddressListId=one, Name="n", ImportDataFormat={"ImportDataType": "CSV"})
    assert upload(fake_aws, job["PreSignedUrl"].replace("/uploads/", "/uploads/x"), b"x") == 403
    assert upload(fake_aws, job["PreSignedUrl"].partition("?")[0], b"x") == 403
    assert upload(fake_aws, job["PreSignedUrl"], b"address\na@example.com\nnot one\n*@example.com\n") == 200
    mail.start_address_list_import_job(JobId=job["JobId"])
    done = mail.get_address_list_import_job(JobId=job["JobId"])
    assert (done["Status"], done["ImportedItemsCount"], done["FailedItemsCount"]) == ("COMPLETED", 2, 1)
    members = mail.list_members_of_address_list(AddressListId=one)["Addresses"]
    assert [member["Address"] for member in members] == ["*@example.com", "a@example.com"]
    assert upload(fake_aws, job["PreSignedUrl"], b"address\n") == 403
    assert code(mail.start_address_list_import_job, JobId=job["JobId"]) == "ConflictException"


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [("CSV", b"a@example.com\n", "header"), ("JSON", b"[]", "JSON format"), ("CSV", None, "No file")],
)
def test_an_import_of_no_such_file_fails(fake_aws: Any, mail: Any, kind: str, body: bytes | None, said: str) -> None:
    one = mail.create_address_list(AddressListName="blocked")["AddressListId"]
    job = mail.create_address_list_import_job(AddressListId=one, Name="n", ImportDataFormat={"ImportDataType": kind})
    if body is not None:
        assert upload(fake_aws, job["PreSignedUrl"], body) == 200
    mail.start_address_list_import_job(JobId=job["JobId"])
    done = mail.get_address_list_import_job(JobId=job["JobId"])
    assert (done["Status"], said in done["Error"]) == ("FAILED", True)


def test_an_import_can_be_stopped(fake_aws: Any, mail: Any) -> None:
    one = mail.create_address_list(AddressListName="blocked")["AddressListId"]
    job = mail.create_address_list_import_job(AddressListId=one, Name="n", ImportDataFormat={"ImportDataType": "JSON"})
    items = {"items": [{"address": f"a{number}@example.com"} for number in range(100)]}
    assert upload(fake_aws, job["PreSignedUrl"], json.dumps(items).encode()) == 200
    mail.start_address_list_import_job(JobId=job["JobId"])
    assert mail.get_address_list_import_job(JobId=job["JobId"])["ImportedItemsCount"] == 50
    mail.stop_address_list_import_job(JobId=job["JobId"])
    assert mail.get_address_list_import_job(JobId=job["JobId"])["Status"] == "STOPPED"


def test_a_search_finds_by_time_text_and_attachments(fake_aws: Any, mail: Any, aws_customer: Account) -> None:
    archive = mail.create_archive(ArchiveName="mail")["ArchiveId"]
    put = fake_aws.mail_manager.deliver
    put(aws_customer.account_id, REGION, archive, MAIL, ago=timedelta(hours=1))
    put(aws_customer.account_id, REGION, archive, MAIL.replace(b"Ann", b"Eve"), ago=timedelta(days=9))
    now = datetime.now(UTC)

    def found(days: int, **filters: Any) -> list[str]:
        one = mail.start_archive_search(
            ArchiveId=archive,
            FromTimestamp=now - timedelta(days=days),
            ToTimestamp=now,
            MaxResults=10,
            Filters=filters,
        )["SearchId"]
        while mail.get_archive_search(SearchId=one)["Status"]["State"] != "COMPLETED":
            assert code(mail.get_archive_search_results, SearchId=one) == "ConflictException"
        return [row["From"] for row in mail.get_archive_search_results(SearchId=one)["Rows"]]

    assert found(1) == ["Ann <ann@example.com>"]
    assert len(found(30)) == 2
    eve = {"StringExpression": {"Evaluate": {"Attribute": "FROM"}, "Operator": "CONTAINS", "Values": ["eve"]}}
    attached = {"BooleanExpression": {"Evaluate": {"Attribute": "HAS_ATTACHMENTS"}, "Operator": "IS_TRUE"}}
    assert found(30, Include=[eve]) == ["Eve <ann@example.com>"]
    assert found(30, Unless=[eve]) == ["Ann <ann@example.com>"]
    assert found(30, Include=[attached]) == []


SES_MAY_WRITE = {"Service": "ses.amazonaws.com"}


@pytest.mark.parametrize(
    ("bucket", "principal", "ends"),
    [
        ("exports", SES_MAY_WRITE, "COMPLETED"),
        ("exports", {"Service": "sns.amazonaws.com"}, "FAILED"),
        ("exports", None, "FAILED"),
        ("not-there", SES_MAY_WRITE, "FAILED"),
    ],
)
def test_an_export_writes_where_the_bucket_lets_it(
    fake_aws: Any, mail: Any, aws_customer: Account, bucket: str, principal: dict[str, str] | None, ends: str
) -> None:
    archive = mail.create_archive(ArchiveName="mail")["ArchiveId"]
    fake_aws.mail_manager.deliver(aws_customer.account_id, REGION, archive, MAIL, ago=timedelta(hours=1))
    s3 = fake_aws.client(aws_customer, "s3", REGION)
    name = f"{bucket}-{aws_customer.account_id}-{ends.lower()}-{'some' if principal else 'no'}"
    if bucket == "exports":
        arrange.create_bucket(s3, name, REGION)
        if principal:
            allow = {
                "Effect": "Allow",
                "Principal": principal,
                "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:GetObject"],
                "Resource": f"arn:aws:s3:::{name}/*",
            }
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    now = datetime.now(UTC)
    one = mail.start_archive_export(
        ArchiveId=archive,
        FromTimestamp=now - timedelta(days=1),
        ToTimestamp=now,
        ExportDestinationConfiguration={"S3": {"S3Location": f"s3://{name}/some/where"}},
        IncludeMetadata=True,
    )["ExportId"]
    states = [mail.get_archive_export(ExportId=one)["Status"] for _ in range(4)]
    assert [state["State"] for state in states] == ["QUEUED", "PREPROCESSING", "PROCESSING", ends]
    if ends == "COMPLETED":
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=name)["Contents"]]
        assert [key.rpartition(".")[2] for key in keys] == ["eml", "json"]
        assert s3.get_object(Bucket=name, Key=keys[0])["Body"].read() == MAIL
    else:
        assert "Access denied" in states[-1]["ErrorMessage"]


# The wire ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["json", "smithy-rpc-v2-cbor"])
def test_both_protocols_of_the_service_are_spoken(protocol: str) -> None:
    model = service_model()
    wire, operation = Wire(model), model.operation_model("UpdateRuleSet")
    given = {"RuleSetId": "rs-1", "Rules": [{"Name": "ü", "Actions": [{"Drop": {}}]}]}
    sent = create_serializer(protocol).serialize_to_request(given, operation)
    headers = {name.lower(): value for name, value in sent["headers"].items()}
    name = wire.operation_name(sent["url_path"], headers)
    body = sent["body"] if isinstance(sent["body"], bytes) else sent["body"].encode()
    assert wire.read(name, headers, body).parameters == given
    answered = wire.write(
        wire.read("GetRuleSet", headers, create_body(protocol, model.operation_model("GetRuleSet"))),
        {"RuleSetId": "rs-1", "LastModificationDate": datetime(2026, 1, 1, tzinfo=UTC), "Rules": given["Rules"]},
        headers,
    )
    from botocore.parsers import create_parser

    response = {"body": answered.body, "headers": dict(answered.headers), "status_code": answered.status}
    parsed = create_parser(protocol).parse(response, model.operation_model("GetRuleSet").output_shape)
    assert (parsed["RuleSetId"], parsed["Rules"]) == ("rs-1", given["Rules"])
    assert parsed["LastModificationDate"].timestamp() == datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def create_body(protocol: str, operation: OperationModel) -> bytes:
    body = create_serializer(protocol).serialize_to_request({"RuleSetId": "rs-1"}, operation)["body"]
    return body if isinstance(body, bytes) else body.encode()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xff", b'{"RuleSetId": {"a": 1}}', b"null"], ids=repr)
def test_a_body_that_is_none_does_not_end_the_server(
    fake_aws: Any, client_of: Callable[..., Any], aws_customer: Account, body: bytes
) -> None:
    client = client_of(aws_customer)
    client.meta.events.register(
        "before-sign.mailmanager.GetRuleSet", lambda request, **_: setattr(request, "data", body)
    )
    assert code(client.get_rule_set, RuleSetId="x") in (
        *("SerializationException", "ValidationException", "ResourceNotFoundException"),
    )
    assert client.list_rule_sets()["RuleSets"] == []
