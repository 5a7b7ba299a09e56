"""The operator's side, looked at before a customer finds out."""
