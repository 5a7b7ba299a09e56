"""SES Mail Manager beside the embedded AWS."""
