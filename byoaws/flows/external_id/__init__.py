"""The ExternalId of a stored connection, exchanged for a new one."""
