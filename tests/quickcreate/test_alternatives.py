"""The command line and the Terraform text say exactly what the link says, whatever the values hold."""

import json
import re
import shlex
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.quickcreate.alternatives import aws_cli, terraform
from byoaws.quickcreate.url import Link

URL = "https://acme-cfn.s3.eu-west-1.amazonaws.com/t.yaml?versionId=a&b=$(x)"
# HCL's escapes in a quoted template. Source: HCL native syntax specification, "Template literals".
HCL = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\([nrt\"\\])|\$(\$\{)|%(%\{)|(.)", re.DOTALL)
PARAMETERS = st.dictionaries(st.text(string.ascii_letters, min_size=1, max_size=8), st.text(max_size=20), max_size=4)


def link(**parameters: str) -> Link:
    return Link(region="eu-west-1", template_url=URL, stack_name="acme-mail", parameters=parameters)


def read_hcl(quoted: str) -> str:
    """What an HCL parser makes of a quoted string without interpolation; fails on an escape that HCL has not."""

    def one(found: re.Match[str]) -> str:
        short, long, named, dollar, percent, plain = found.groups()
        assert plain != "\\", f"HCL has no such escape: {quoted}"
        assert plain != "\n", "HCL has no line breaks in a quoted string"
        if short or long:
            return chr(int(short or long, 16))
        return {"n": "\n", "r": "\r", "t": "\t"}.get(named or "", named or dollar or percent or plain or "")

    assert (quoted[0], quoted[-1]) == ('"', '"')
    return HCL.sub(one, quoted[1:-1])


@given(PARAMETERS)
def test_a_shell_reads_the_command_as_it_was_meant(parameters: dict[str, str]) -> None:
    words = shlex.split(aws_cli(link(**parameters), ["CAPABILITY_IAM"]).replace("\\\n", ""))
    assert words[:3] == ["aws", "cloudformation", "create-stack"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert json.loads(options.pop("--parameters")) == [
        {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
    ]
    assert options == {
        "--region": "eu-west-1",
        "--stack-name": "acme-mail",
        "--template-url": URL,
        "--capabilities": "CAPABILITY_IAM",
    }


def test_no_capability_no_option() -> None:
    assert "--capabilities" not in aws_cli(link(), [])
    assert "capabilities = []" in terraform(link(), [])


def test_several_capabilities_are_several_words() -> None:
    command = aws_cli(link(), ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    assert command.endswith("--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND")


@given(PARAMETERS)
def test_terraform_reads_the_values_as_they_were_meant(parameters: dict[str, str]) -> None:
    text = terraform(link(**parameters), ["CAPABILITY_IAM"])
    lines = text.split("\n")
    inside = lines[lines.index("  parameters = {") + 1 : lines.index("  }")]
    found = dict(re.fullmatch(r'    ("\w+") += (".*")', line).groups() for line in inside if line)  # type: ignore[union-attr]
    assert {read_hcl(name): read_hcl(value) for name, value in found.items()} == parameters


@pytest.mark.parametrize(
    "value", ["${aws_s3_bucket.x}", "%{ if true }", 'a"b', "a\\b", "\b\f\n\r\t", "\x00", "\U0001f4e7"]
)
def test_terraform_interpolates_nothing(value: str) -> None:
    line = next(line for line in terraform(link(P=value), []).split("\n") if line.startswith('    "P"'))
    assert read_hcl(line.partition(" = ")[2]) == value


def test_the_resource_has_a_name_terraform_allows() -> None:
    assert terraform(link(), []).startswith('resource "aws_cloudformation_stack" "acme_mail" {\n')
