"""What rules about SES, SNS topics and Mail Manager look for."""
