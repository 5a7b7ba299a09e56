"""Receiving, events and SNS posts beside the embedded AWS."""
