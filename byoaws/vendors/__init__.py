"""Vendor files: YAML, one per vendor, and the strict reader for them."""
