"""Use cases as plain functions. They see interfaces, never a concrete edge."""
