"""From the template that a customer's stack has to the newest."""
