"""`python -m inkwise`."""

from inkwise.cli.app import entry

entry()
