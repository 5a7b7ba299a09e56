"""Facts about AWS that change: prices and SES's limits as YAML, each with its source and date, and their readers."""
