"""A run over a fleet of which nothing is shown, as without a terminal; `bar.py` shows it."""

from datetime import datetime


class SilentFleet:
    """Shows nothing of a run over a fleet."""

    def planned(self, total: int) -> None:
        """Nothing."""

    def checked(self, count: int) -> None:
        """Nothing."""

    def waiting(self, until: datetime | None) -> None:
        """Nothing."""

    def over(self) -> None:
        """Nothing."""
