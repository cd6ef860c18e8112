"""The memo's month through the distributed engine on this machine, and a report of it: `make month`."""
