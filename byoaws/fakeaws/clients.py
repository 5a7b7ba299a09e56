"""botocore clients of the embedded AWS, deaf to whatever AWS and proxy settings the user has."""

import os
import threading
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from byoaws.fakeaws.interface import Account

# The settings botocore would read from the user's environment and files; a profile that does not exist would stop it.
# Each is (name in the config file, environment variable, default, conversion). Source: botocore.session.Session.
NO_USER_SETTINGS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Clients:
    """Clients of one endpoint, each made once."""

    def __init__(self, endpoint: str, ca_file: Path) -> None:
        self.endpoint = endpoint
        self.ca_file = ca_file
        self._session = botocore.session.Session(session_vars=NO_USER_SETTINGS)
        self._made: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()  # clients may be shared by threads, making them may not

    def open(self, account: Account, service: str, region: str) -> Any:
        """Return the client of `service` that signs as `account`."""
        wanted = (account.access_key_id, service, region)
        with self._lock:
            if wanted not in self._made:
                self._made[wanted] = self._session.create_client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint,
                    verify=str(self.ca_file),
                    aws_access_key_id=account.access_key_id,
                    aws_secret_access_key=account.secret_access_key,
                    aws_session_token=account.session_token,
                    config=_config(),
                )
            return self._made[wanted]

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._made.values():
                client.close()
            self._made.clear()


def _config() -> Config:
    return Config(
        proxies={},
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
        connect_timeout=5,
        read_timeout=60,
    )
