"""A vendor's template, published where customers' CloudFormation reads it."""
