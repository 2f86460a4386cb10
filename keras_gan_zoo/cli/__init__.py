"""The command line, one file per command; `main.py` parses the arguments."""
