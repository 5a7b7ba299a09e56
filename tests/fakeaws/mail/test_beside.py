"""The mail services beside MiniStack: on demand, for each account and region, and gone when the embedded AWS ends."""

import json
import smtplib
import socket
import ssl
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from byoaws.errors import FakeAwsError, WebhookUndecided
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.embedded import EmbeddedAws
from byoaws.fakeaws.interface import Account
from byoaws.fakeaws.mail.beside import Mail

REGION = "eu-west-1"


@pytest.fixture
def mail(fake_aws: EmbeddedAws) -> Iterator[Mail]:
    clients = Clients(fake_aws.endpoint, fake_aws.ca_file)
    found = Mail(fake_aws.server, clients)
    yield found
    found.stop()
    clients.close()


def listening(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def test_one_for_each_account_and_region(mail: Mail) -> None:
    first = mail.smtp("111122223333", REGION)
    assert mail.smtp("111122223333", REGION) == first
    others = {mail.smtp("111122223333", "us-east-1"), mail.smtp("444455556666", REGION)}
    assert len(others | {first}) == 3


def test_it_is_named_as_the_regions_own(mail: Mail) -> None:
    with smtplib.SMTP() as client:
        assert client.connect(*mail.smtp("111122223333", REGION))[1].startswith(
            b"inbound-smtp.eu-west-1.amazonaws.com "
        )


@pytest.mark.parametrize("region", ["eu-central-2", "us-gov-west-1", "mars-1"])
def test_where_ses_does_not_receive(mail: Mail, region: str) -> None:
    with pytest.raises(FakeAwsError, match=region):
        mail.smtp("111122223333", region)


def test_without_aiosmtpd_it_says_what_to_install(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("byoaws.fakeaws.mail.smtp_server", "byoaws.fakeaws.mail.smtp_ingress"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    with pytest.raises(FakeAwsError) as refused:
        mail.smtp("111122223333", REGION)
    assert "byoaws[demo]" in str(refused.value.hint)


def test_all_of_it_ends(mail: Mail) -> None:
    place = urlsplit(mail.ses_endpoint)
    addresses = [mail.smtp("111122223333", REGION), mail.sns_server.address, (place.hostname, place.port)]
    assert all(listening(*address) for address in addresses)
    mail.stop()
    mail.stop()
    assert not any(listening(*address) for address in addresses)


# SNS's own host ------------------------------------------------------------------------------------------------------


def test_the_signing_certificate_is_at_snss_host_in_any_region(mail: Mail) -> None:
    path = mail._sns[0]._signer.path
    for region in (REGION, "us-east-1"):
        assert mail.sns_server.fetch(f"https://sns.{region}.amazonaws.com{path}").startswith(b"-----BEGIN CERTIFICATE")


def test_another_host_has_no_certificate_there(mail: Mail) -> None:
    with pytest.raises(WebhookUndecided):
        mail.sns_server.fetch("https://sns.us-east-1.amazonaws.com.evil.example/x.pem")


@pytest.mark.parametrize(
    "query",
    ["", "Action=Publish", "Action=ConfirmSubscription", "Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=x"],
    ids=["nothing", "another action", "no token", "a wrong token"],
)
def test_what_sns_refuses(mail: Mail, query: str) -> None:
    with pytest.raises(WebhookUndecided, match="400"):
        mail.sns_server.fetch(f"https://sns.{REGION}.amazonaws.com/?{query}")


def test_a_token_is_of_one_topic(mail: Mail, fake_aws: EmbeddedAws, aws_customer: Account) -> None:
    """Nobody listens at the endpoint; the token is found where it is kept."""
    sns = fake_aws.client(aws_customer, "sns", REGION)
    arn, other = (sns.create_topic(Name=name)["TopicArn"] for name in ("one", "two"))
    sns.subscribe(TopicArn=arn, Protocol="https", Endpoint="https://127.0.0.1:1/x")
    (delivery,) = mail.sns.ask(arn)
    assert (delivery.outcome, delivery.done) == ("ConnectionRefusedError", False)
    ((token, subscription),) = mail.sns._tokens.items()
    ask = f"https://sns.{REGION}.amazonaws.com/?Action=ConfirmSubscription&Token={token}&TopicArn="
    with pytest.raises(WebhookUndecided):
        mail.sns_server.fetch(ask + other)
    assert not mail.sns.is_confirmed(subscription)
    assert subscription.encode() in mail.sns_server.fetch(ask + arn)
    assert mail.sns.is_confirmed(subscription)
    assert mail.sns.ask(arn) == []


# In front of SES -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ses(mail: Mail, fake_aws: EmbeddedAws) -> Iterator[Clients]:
    clients = Clients(mail.ses_endpoint, fake_aws.ca_file)
    yield clients
    clients.close()


def test_ses_is_handed_on_whole(ses: Clients, aws_customer: Account) -> None:
    v2, v1 = (ses.open(aws_customer, service, REGION) for service in ("sesv2", "ses"))
    v2.create_email_identity(EmailIdentity="x.example")
    assert v2.get_email_identity(EmailIdentity="x.example")["VerifiedForSendingStatus"]
    assert v2.list_email_identities()["EmailIdentities"]
    v2.delete_email_identity(EmailIdentity="x.example")
    with pytest.raises(v2.exceptions.NotFoundException):
        v2.get_email_identity(EmailIdentity="x.example")
    assert v1.get_account_sending_enabled()["Enabled"]


def test_who_may_not_send_sends_nothing(ses: Clients, nobody: Account) -> None:
    with pytest.raises(ClientError) as refused:
        ses.open(nobody, "sesv2", REGION).send_email(
            FromEmailAddress="a@x.example",
            Destination={"ToAddresses": ["bounce@simulator.amazonses.com"]},
            Content={"Raw": {"Data": b"x"}},
        )
    assert refused.value.response["Error"]["Code"].startswith("AccessDenied")


def test_a_request_that_is_too_large(mail: Mail, fake_aws: EmbeddedAws) -> None:
    import http.client

    place = urlsplit(mail.ses_endpoint)
    context = ssl.create_default_context(cafile=str(fake_aws.ca_file))
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=context, timeout=10)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(65 * 2**20))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_events_that_cannot_be_published_stop_nothing(
    ses: Clients, fake_aws: EmbeddedAws, aws_customer: Account
) -> None:
    """The topic of the event destination is gone; mail is sent all the same."""
    client = ses.open(aws_customer, "sesv2", REGION)
    client.create_email_identity(EmailIdentity="x.example")
    client.create_configuration_set(ConfigurationSetName="set")
    topic: Any = fake_aws.client(aws_customer, "sns", REGION).create_topic(Name="gone")["TopicArn"]
    client.create_configuration_set_event_destination(
        ConfigurationSetName="set",
        EventDestinationName="gone",
        EventDestination={"Enabled": True, "MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": topic}},
    )
    fake_aws.client(aws_customer, "sns", REGION).delete_topic(TopicArn=topic)
    for _ in range(3):
        answer = client.send_email(
            FromEmailAddress="a@x.example",
            Destination={"ToAddresses": ["b@y.example"]},
            Content={"Raw": {"Data": b"From: a@x.example\r\n\r\nx"}},
            ConfigurationSetName="set",
        )
        assert answer["MessageId"]


def test_queues_hear_of_events_by_ministack_itself(ses: Clients, fake_aws: EmbeddedAws, aws_customer: Account) -> None:
    sns, sqs = (fake_aws.client(aws_customer, service, REGION) for service in ("sns", "sqs"))
    topic, url = sns.create_topic(Name="events")["TopicArn"], sqs.create_queue(QueueName="events")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)
    client = ses.open(aws_customer, "sesv2", REGION)
    client.create_email_identity(EmailIdentity="x.example")
    client.create_configuration_set(ConfigurationSetName="set")
    client.create_configuration_set_event_destination(
        ConfigurationSetName="set",
        EventDestinationName="events",
        EventDestination={"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": topic}},
    )
    raw = b"From: a@x.example\r\nTo: bounce@simulator.amazonses.com\r\n\r\nx"
    sent = client.send_email(Content={"Raw": {"Data": raw}}, ConfigurationSetName="set", FromEmailAddress="a@x.example")
    (heard,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert sent["MessageId"] in json.loads(heard["Body"])["Message"]
