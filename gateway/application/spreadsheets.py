"""Text in a table that somebody may open in a spreadsheet."""

_FORMULA = tuple("=+-@\t\r\n")
"""What a spreadsheet takes for a formula where a cell begins so (OWASP, CSV injection)."""


def plain(cell: str) -> str:
    """The cell as text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
