"""Building block `registration`: the stack tells the vendor of itself, so that nobody need paste its outputs.

The last of all to be made, so that what the vendor then verifies is whole; and so the first to go, so that the report
of a deletion still has the secret that signs it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from troposphere import GetAtt, Ref, awslambda, encode_to_dict, iam, logs
from troposphere.cloudformation import CustomResource

from byoaws.errors import UsageError
from byoaws.quickcreate.registration_token import PATTERN
from byoaws.templates import names
from byoaws.templates.functions import inline
from byoaws.templates.inbound import LOG_DAYS, RUNTIME, log_statement
from byoaws.templates.stack import Stack

_LOGS = "RegistrationLogs"
_ROLE = "RegistrationRole"
_SECONDS = 120


def add(stack: Stack) -> None:
    """Add the function that reports, and the custom resource that has it called.

    Raises:
        UsageError: the vendor file says nowhere to report to, or the stack has no role to report.
    """
    vendor = stack.vendor
    if vendor.registration_url is None:
        raise UsageError(
            f"vendor '{vendor.name}': block 'registration' has no URL to report to",
            hint="set webhooks.registration in the vendor file; the block then comes by itself",
        )
    if not stack.has("access"):
        raise UsageError(
            f"vendor '{vendor.name}': what a stack reports is its role, and this one has none",
            hint="add 'access' to stack.blocks, or take webhooks.registration out of the vendor file",
        )
    properties = _properties(stack)
    last = _last(stack)
    _add_function(stack, properties["Url"])
    stack.add(
        CustomResource(
            "Registration",
            ServiceToken=GetAtt(names.REGISTRATION, "Arn"),
            ServiceTimeout=_SECONDS + 60,
            **({"DependsOn": last} if last else {}),
            **properties,
        )
    )
    stack.output("Registration", GetAtt("Registration", "Summary"), f"Whether {vendor.title} was told of this stack")


def _properties(stack: Stack) -> dict[str, Any]:
    vendor, outputs = stack.vendor, stack.template.outputs
    url = names.https_url_parameter(
        stack,
        vendor.parameters.registration_url,
        label="Where this stack is reported",
        description=f"Where this stack tells {vendor.title} of itself; given by {vendor.title}",
    )
    # Not NoEcho: AWS would drop its value from a link. It proves one report, once, and is worth nothing afterwards.
    token = stack.parameter(
        vendor.parameters.registration_token,
        group="Connection",
        label="One-time token",
        Description=f"Given by {vendor.title}: proves one report of this stack. Empty: paste the outputs instead",
        Default="",
        AllowedPattern=f"({PATTERN.pattern})?",
        ConstraintDescription="must be as given, or empty",
    )
    return {
        # The function has it in its settings; here it makes CloudFormation call it when it changes.
        "Url": url,
        "Token": token,
        "ConnectionId": names.connection_id_parameter(stack),
        "Vendor": vendor.title,
        "TemplateVersion": vendor.stack.version,
        "RoleArn": GetAtt(names.ACCESS_ROLE, "Arn"),
        **({"BucketName": Ref(names.INBOUND_BUCKET)} if stack.has("inbound") else {}),
        "Outputs": {name: output.Value for name, output in outputs.items()},
    }


def _last(stack: Stack) -> list[str]:
    """The resources so far that no other one refers to: once they are there, all are."""
    resources = {name: encode_to_dict(resource) for name, resource in stack.template.resources.items()}
    outputs = {name: encode_to_dict(output.Value) for name, output in stack.template.outputs.items()}
    wanted = {found for part in (*resources.values(), outputs) for found in _references(part)}
    return sorted(resources.keys() - wanted)


def _references(part: Any) -> Iterator[str]:
    """Names that a part of a template refers to, one way or another."""
    if isinstance(part, str):
        yield part  # in DependsOn, Ref and the like; a name in another place does no harm but an order unsaid
    elif isinstance(part, Mapping):
        for name, value in part.items():
            if name == "Fn::Sub":
                yield from _variables(value if isinstance(value, str) else value[0])
            yield from _references(value)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from _references(item)


def _variables(text: str) -> Iterator[str]:
    for piece in text.split("${")[1:]:
        yield piece.partition("}")[0].partition(".")[0]


def _add_function(stack: Stack, url: Any) -> None:
    settings = {"URL": url}
    # To tell a deletion of the stack from one of the resource.
    stack_itself = {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": Ref("AWS::StackId")}
    may = [log_statement(_LOGS), stack_itself]
    if stack.has("forwarder"):
        settings["SECRET_ARN"] = secret_arn = stack.template.outputs["WebhookSecretArn"].Value
        may.append({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret_arn})
    stack.add(logs.LogGroup(_LOGS, RetentionInDays=LOG_DAYS))
    stack.add(
        iam.Role(
            _ROLE,
            Path=names.function_role_path(stack),
            AssumeRolePolicyDocument=names.lambda_trust(),
            Policies=[iam.Policy(PolicyName="report", PolicyDocument={"Version": "2012-10-17", "Statement": may})],
        )
    )
    stack.add(
        awslambda.Function(
            names.REGISTRATION,
            Description=f"Tells {stack.vendor.name} when this stack is made, changed or deleted",
            Runtime=RUNTIME,
            Architectures=["arm64"],
            Handler="index.handler",
            Code=awslambda.Code(ZipFile=inline("registration")),
            Role=GetAtt(_ROLE, "Arn"),
            Timeout=_SECONDS,
            MemorySize=128,
            LoggingConfig=awslambda.LoggingConfig(LogGroup=Ref(_LOGS)),
            # Here, and not in the request, which anybody writes who may call the function.
            Environment=awslambda.Environment(Variables=settings),
        )
    )
