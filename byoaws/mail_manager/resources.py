"""What Mail Manager's other resources take: ingress points, relays, archives and address lists.

Source: botocore's service model `mailmanager`, against which the tests hold every line. What the API requires and
CloudFormation does not (names, above all) is not required here.
"""

from byoaws.mail_manager.shapes import Fields, Number, OneOf, Text

_PARTITIONS = "(aws|aws-cn|aws-us-gov|aws-eusc)"
_SECRET_ARN = Text(pattern=rf"arn:{_PARTITIONS}:secretsmanager:[a-z0-9-]+:\d{{12}}:secret:[a-zA-Z0-9/_+=,.@-]+")
_KMS_KEY_ARN = Text(pattern=r"arn:aws(|-cn|-us-gov|-eusc):kms:[a-z0-9-]{1,20}:[0-9]{12}:(key|alias)/.+")
_CERTIFICATES = Text(shortest=1, longest=500_000)

INGRESS_TYPES = ("OPEN", "AUTH", "MTLS")
TLS_POLICIES = ("REQUIRED", "OPTIONAL", "FIPS")
RETENTION_PERIODS = (
    *("THREE_MONTHS", "SIX_MONTHS", "NINE_MONTHS", "ONE_YEAR", "EIGHTEEN_MONTHS", "TWO_YEARS", "THIRTY_MONTHS"),
    *("THREE_YEARS", "FOUR_YEARS", "FIVE_YEARS", "SIX_YEARS", "SEVEN_YEARS", "EIGHT_YEARS", "NINE_YEARS", "TEN_YEARS"),
    "PERMANENT",
)

_TRUST_STORE = Fields(
    name="TrustStore",
    fields={"CAContent": _CERTIFICATES, "CrlContent": _CERTIFICATES, "KmsKeyArn": _KMS_KEY_ARN},
    required=frozenset({"CAContent"}),
)
_CONFIGURATION = OneOf(
    name="IngressPointConfiguration",
    choices={
        "SmtpPassword": Text(pattern=r"[A-Za-z0-9!@#$%^&*()_+\-=\[\]{}|.,?]+", shortest=8, longest=64, is_secret=True),
        "SecretArn": _SECRET_ARN,
        "TlsAuthConfiguration": Fields(name="TlsAuthConfiguration", fields={"TrustStore": _TRUST_STORE}),
    },
)
_NETWORK = OneOf(
    name="NetworkConfiguration",
    choices={
        "PublicNetworkConfiguration": Fields(
            name="PublicNetworkConfiguration",
            fields={"IpType": Text(values=("IPV4", "DUAL_STACK"))},
            required=frozenset({"IpType"}),
        ),
        "PrivateNetworkConfiguration": Fields(
            name="PrivateNetworkConfiguration",
            fields={"VpcEndpointId": Text(pattern="vpce-[a-zA-Z0-9]{17}")},
            required=frozenset({"VpcEndpointId"}),
        ),
    },
)

INGRESS_POINT = Fields(
    name="IngressPoint",
    fields={
        "IngressPointName": Text(pattern=r"[A-Za-z0-9_\-]+", shortest=3, longest=63),
        "Type": Text(values=INGRESS_TYPES),
        "RuleSetId": Text(shortest=1, longest=100),
        "TrafficPolicyId": Text(shortest=1, longest=100),
        "IngressPointConfiguration": _CONFIGURATION,
        "NetworkConfiguration": _NETWORK,
        "TlsPolicy": Text(values=TLS_POLICIES),
    },
    required=frozenset({"Type", "RuleSetId", "TrafficPolicyId"}),
)

RELAY = Fields(
    name="Relay",
    fields={
        "RelayName": Text(pattern="[a-zA-Z0-9-_]+", shortest=1, longest=100),
        "ServerName": Text(pattern=r"[a-zA-Z0-9-\.]+", shortest=1, longest=100),
        "ServerPort": Number(least=1, most=65535),
        "Authentication": OneOf(
            name="RelayAuthentication",
            choices={"SecretArn": _SECRET_ARN, "NoAuthentication": Fields(name="NoAuthentication", fields={})},
        ),
    },
    required=frozenset({"ServerName", "ServerPort", "Authentication"}),
)

ARCHIVE = Fields(
    name="Archive",
    fields={
        "ArchiveName": Text(pattern="[a-zA-Z0-9][a-zA-Z0-9_-]*[a-zA-Z0-9]", shortest=1, longest=64),
        "Retention": OneOf(name="ArchiveRetention", choices={"RetentionPeriod": Text(values=RETENTION_PERIODS)}),
        "KmsKeyArn": _KMS_KEY_ARN,
    },
)

ADDRESS_LIST = Fields(
    name="AddressList",
    fields={"AddressListName": Text(pattern="[a-zA-Z0-9_.-]+", shortest=1, longest=255)},
)
