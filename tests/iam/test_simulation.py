"""What is put to IAM's policy simulator."""

from byoaws.iam.simulation import simulations

REGION = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": ["eu-west-1"]}


def test_what_shares_resources_and_context_is_asked_together() -> None:
    statements = [
        (["ses:SendEmail", "ses:GetAccount"], ["*"], []),
        (["ses:GetAccount", "ses:ListTags"], ["*"], []),
        (["s3:GetObject"], ["arn:aws:s3:::mail-????/*"], [("aws:PrincipalTag/x", ("y-*", "z"))]),
        ([], ["arn:aws:s3:::nothing"], []),
    ]
    one, other = simulations(statements, "eu-west-1")
    assert one.request == {
        "ActionNames": ["ses:GetAccount", "ses:ListTags", "ses:SendEmail"],
        "ResourceArns": ["*"],
        "ContextEntries": [REGION],
    }
    assert (other.actions, other.resources) == (("s3:GetObject",), ("arn:aws:s3:::mail-0000/x",))
    assert other.context == (("aws:PrincipalTag/x", "y-eu-west-1"), ("aws:RequestedRegion", "eu-west-1"))
