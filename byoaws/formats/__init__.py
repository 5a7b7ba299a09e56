"""How a report is shown: one file per format, behind `interface.py`."""
