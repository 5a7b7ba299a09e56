"""Runbooks: what to do, step by step, with the values of one connection filled in.

`pages/` holds the texts (Jinja2, markdown); `sections.py` says which section explains a probe, and loads nothing.
"""
