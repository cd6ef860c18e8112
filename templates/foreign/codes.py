# mypy: allow-untyped-calls
"""The codes on pages that came back: from a fax machine, a scanner or a camera, as TIFF, PDF, JPEG or PNG.

Runs in the confined process alone. Pages come askew, stretched and speckled. A page on which nothing is found as it
came is looked at once more without its specks, and once blurred.
"""

import zxingcpp
from PIL import Image, ImageFilter

from templates.foreign.pictures import pictures

_MOST_SIGNS = 64
"""Of a code: ours has fewer."""
_BARS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.Code128)
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SPECKS = ImageFilter.MedianFilter(3)
_BLUR = ImageFilter.GaussianBlur(1.5)


def codes(content: bytes, *, bars: bool = False) -> list[str]:
    """What the QR codes say, or the bar codes, each once, in the order of the pages. Raises InputRefused
    (document.*)."""
    formats = _BARS if bars else _QR
    return list(dict.fromkeys(text for page in pictures(content) for text in _on(page, formats)))


def _on(page: Image.Image, formats: zxingcpp.BarcodeFormats) -> list[str]:
    for seen in (page, page.filter(_SPECKS), page.filter(_BLUR)):
        found = zxingcpp.read_barcodes(seen, formats=formats)
        if found:
            return [one.text for one in found if len(one.text) <= _MOST_SIGNS]
    return []
