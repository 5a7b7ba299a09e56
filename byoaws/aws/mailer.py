"""Mail through the vendor's own SES, by boto3."""

from byoaws.aws.session import Limits, VendorSession


class BotoMailer:
    """Sends with the vendor's own credentials, from an identity of its own account. Not for two threads at once."""

    def __init__(self, profile: str | None, region: str, *, limits: Limits | None = None) -> None:
        """Take the profile (None: as AWS_PROFILE says) and the region whose SES has the identity."""
        self._session = VendorSession(profile, limits or Limits())
        self._region = region

    def send(self, *, sender: str, recipient: str, subject: str, text: str) -> None:
        """Hand one message to SES.

        Raises:
            AwsError: SES did not accept it, or did not say so.
        """
        self._session.ask(
            "ses:SendEmail",
            lambda: self._session.boto.client("sesv2", region_name=self._region).send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [recipient]},
                Content={
                    "Simple": {
                        "Subject": {"Data": subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
                    }
                },
            ),
        )
