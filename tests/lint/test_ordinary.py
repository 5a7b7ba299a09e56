"""Templates that ordinary people write with troposphere: our rules have nothing to say of them."""

from collections.abc import Callable

import pytest

from byoaws.lint.interface import LinkFacts
from byoaws.model import Finding


def _functions_and_bucket() -> str:
    from troposphere import GetAtt, Output, Parameter, Ref, Sub, Template
    from troposphere.awslambda import Code, Environment, Function
    from troposphere.iam import Policy, Role
    from troposphere.s3 import Bucket

    template = Template()
    stage = template.add_parameter(Parameter("Stage", Type="String", Default="dev", AllowedValues=["dev", "prod"]))
    role = template.add_resource(
        Role(
            "FunctionRole",
            AssumeRolePolicyDocument=_trust({"Service": [Sub("lambda.${AWS::URLSuffix}"), "edgelambda.amazonaws.com"]}),
            Policies=[Policy(PolicyName="logs", PolicyDocument=_logs())],
        )
    )
    bucket = template.add_resource(Bucket("Bucket", DeletionPolicy="Retain", UpdateReplacePolicy="Retain"))
    function = Function(
        "Function",
        Runtime="python3.13",
        Handler="index.handler",
        Role=GetAtt(role, "Arn"),
        Code=Code(ZipFile="def handler(event, context):\n    return event\n"),
        Environment=Environment(Variables={"BUCKET": Ref(bucket), "STAGE": Ref(stage)}),
    )
    template.add_resource(function)
    template.add_output(Output("BucketName", Value=Ref(bucket)))
    template.add_output(Output("FunctionArn", Value=GetAtt(function, "Arn")))
    return str(template.to_yaml())


def _own_account() -> str:
    from troposphere import AccountId, GetAtt, Ref, Sub, Template
    from troposphere.iam import OIDCProvider, Role, User

    template = Template()
    user = template.add_resource(User("Deployer"))
    provider = template.add_resource(OIDCProvider("GitHub", Url="https://token.actions.githubusercontent.com"))
    root = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
    for name, principal in {
        "ByRoot": {"AWS": root},
        "ById": {"AWS": AccountId},
        "ByUser": {"AWS": [GetAtt(user, "Arn")]},
        "ByMany": {"AWS": [root, GetAtt(user, "Arn")], "Service": "codebuild.amazonaws.com"},
    }.items():
        template.add_resource(Role(name, AssumeRolePolicyDocument=_trust(principal)))
    web = _trust({"Federated": Ref(provider)}, "sts:AssumeRoleWithWebIdentity")
    web["Statement"][0]["Condition"] = {
        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/app:*"},
    }
    template.add_resource(Role("ByWorkflow", AssumeRolePolicyDocument=web))
    return str(template.to_yaml())


def _mail() -> str:
    from troposphere import GetAtt, Output, Ref, Template
    from troposphere.secretsmanager import GenerateSecretString, Secret
    from troposphere.ses import (
        Action,
        ConfigurationSet,
        ConfigurationSetEventDestination,
        EventDestination,
        ReceiptRule,
        ReceiptRuleSet,
        Rule,
        SnsDestination,
        StopAction,
    )
    from troposphere.sns import Topic

    template = Template()
    topic, rules = template.add_resource(Topic("Topic")), template.add_resource(ReceiptRuleSet("Rules"))
    settings = template.add_resource(ConfigurationSet("Settings"))
    rule = Rule(Enabled=True, ScanEnabled=True, Actions=[Action(StopAction=StopAction(Scope="RuleSet"))])
    template.add_resource(ReceiptRule("Rule", RuleSetName=Ref(rules), Rule=rule))
    events = EventDestination(
        Enabled=True, MatchingEventTypes=["bounce"], SnsDestination=SnsDestination(TopicARN=Ref(topic))
    )
    template.add_resource(
        ConfigurationSetEventDestination("Events", ConfigurationSetName=Ref(settings), EventDestination=events)
    )
    secret = template.add_resource(Secret("Token", GenerateSecretString=GenerateSecretString(PasswordLength=40)))
    template.add_output(Output("TokenArn", Value=Ref(secret)))
    template.add_output(Output("TopicName", Value=GetAtt(topic, "TopicName")))
    return str(template.to_yaml())


def _trust(principal: dict[str, object], action: str = "sts:AssumeRole") -> dict[str, list[dict[str, object]]]:
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": action}]}


def _logs() -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize("make", [_functions_and_bucket, _own_account, _mail])
def test_ordinary_templates_are_left_alone(make: Callable[[], str], lint_text: Callable[..., list[Finding]]) -> None:
    nothing_in_the_link = LinkFacts(prefilled=frozenset(), external_id="ExternalId")
    assert lint_text(make(), link=nothing_in_the_link) == []
