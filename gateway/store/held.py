"""Which rows a writing transaction holds already: the database is not asked again to hold them."""


class HeldRows:
    """By id. A row that was written or read to be written is its transaction's alone until that ends."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._new: set[str] = set()

    def add(self, *row_ids: str) -> None:
        """These were written, or read to be written."""
        self._held.update(row_ids)

    def add_new(self, row_id: str) -> None:
        """This was made here: nothing refers to it yet."""
        self._held.add(row_id)
        self._new.add(row_id)

    def is_new(self, row_id: str) -> bool:
        """Whether it was made in this transaction."""
        return row_id in self._new

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._held
