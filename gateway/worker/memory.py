"""How a long-lived process gives memory back.

glibc raises its mmap threshold each time a large block is freed, after which large blocks come from heaps that threads
share badly and that shrink only at their end: a gateway that once handled a large package would keep several times its
size for good. A fixed threshold sends every large block back to the system the moment it is freed (mallopt(3)).
"""

import ctypes
import gc

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_THRESHOLD = 256 * 1024
_ARENAS = 2
_COLLECT_AFTER = (10_000, 5, 5)


def return_large_blocks() -> None:
    """Fixes glibc's thresholds; does nothing where the C library is another."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_MMAP_THRESHOLD, _THRESHOLD)
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def spare_what_stays() -> None:
    """Takes what is loaded by now out of the search for garbage, and searches less often: typesetting makes so many
    small objects that at Python's own thresholds the search was a ninth of a worker's work. Before a fork, so that what
    is shared with the children stays shared."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
