"""Where the processes of one worker count, chosen before anything is counted."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def counting_together() -> Iterator[None]:
    """A folder for the figures of all processes that this one starts while the block runs.

    prometheus_client decides when it is imported where it counts: nothing that imports it may come before this.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-figures-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]
