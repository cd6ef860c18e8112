"""What a refused input says."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused


@contextmanager
def refused(code: Code, where: str | None = None) -> Iterator[None]:
    """The block must refuse its input with this code, at this place if one is given."""
    with pytest.raises(InputRefused) as caught:
        yield
    assert (caught.value.code, caught.value.where) == (code, where or caught.value.where), str(caught.value)
