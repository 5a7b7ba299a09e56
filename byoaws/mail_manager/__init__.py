"""SES Mail Manager, as data: what its API takes, and what a vendor's pipeline says. Pure; no AWS library."""
