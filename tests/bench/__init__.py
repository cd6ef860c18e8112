"""Timings beside the bare libraries, never timed tests: `make bench`."""
