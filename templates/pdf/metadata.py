"""What a file says of itself: XMP and the information dictionary, which must agree (ISO 19005-2, 6.6.2)."""

import datetime as dt
from dataclasses import dataclass
from xml.sax.saxutils import escape

PRODUCER = "decision-gateway"

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<xmp:CreatorTool>{author}</xmp:CreatorTool>
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
{claims}</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_CLAIMS = """<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfaid:part>{part}</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""The identifiers of PDF/A and PDF/UA; PDF/A wants the latter's schema described."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the file says of itself. `title` may show in a window's title: file numbers, never names.

    `conforming` is False where what is put into the file afterwards would make it claim too much.
    """

    title: str
    author: str
    language: str
    date: dt.date
    conforming: bool = True


def xmp(description: Description, *, attached: bool) -> bytes:
    """The metadata stream. PDF/A part 3 where files are attached, else part 2; the identifier of PDF/UA beside it."""
    return _XMP.format(
        title=escape(description.title),
        author=escape(description.author),
        language=escape(description.language),
        date=f"{description.date.isoformat()}T00:00:00Z",
        producer=PRODUCER,
        claims=_CLAIMS.format(part=3 if attached else 2) if description.conforming else "",
    ).encode()


def moment_of(date: dt.date) -> str:
    """Midnight UTC of that day as a PDF date: the file is dated by its input, never by the clock."""
    return f"D:{date:%Y%m%d}000000Z"
