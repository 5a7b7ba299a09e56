"""The customer's stack: one building block per file. The only door to troposphere."""
