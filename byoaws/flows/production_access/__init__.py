"""Production access of SES: how it stands, and the request for it."""
