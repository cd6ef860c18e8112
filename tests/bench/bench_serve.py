"""`gateway serve`: memory at rest and while packages of 3 MB go through, and deliveries a second of small ones."""

import json
import secrets
import tempfile
import time
import uuid
from pathlib import Path

from keys.asice_build import build
from keys.signing_key_file import load_signing_key
from tests.e2e.world import TODAY, World
from tests.real.mail_sink import MailSink, running_sink
from tests.real.serving import Server, serving

LARGE, SMALL = 6, 100  # what is larger than 3 MB no longer fits the 10 MB that an entry takes by default
_LONGEST = 300.0  # seconds for all of a kind to arrive
_FILE = b"TC0-00000"
"""What stands where a PDF names its file, as each must."""


def main() -> None:
    """Prints the figures."""
    with running_sink() as sink, tempfile.TemporaryDirectory() as folder:
        mail: dict[str, object] = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca)}
        mail |= {"server_name": "mx.gw.test", "sender": "registry@gw.test", "max_message": "40MB"}
        world = World(folder=Path(folder), mail=mail).make()
        with serving(world, Path(folder) / "serve.log") as server:
            time.sleep(2)
            print(f"at rest                      {_rss(server):6.0f} MB")
            _run(world, server, sink, SMALL, _small())
            print(f"after {SMALL} small packages     {_rss(server):6.0f} MB, at most {_peak(server):.0f} MB")
            _run(world, server, sink, LARGE, _large())
            print(f"after {LARGE} packages of 3 MB     {_rss(server):6.0f} MB, at most {_peak(server):.0f} MB")


def _run(world: World, server: Server, sink: MailSink, count: int, document: tuple[str, str, bytes]) -> None:
    name, media_type, content = document
    decision = json.loads(world.decision(world.folder / "sources" / name).read_text())
    content = content.replace(_FILE, decision["files"][0]["number"].encode())
    decision["documents"] = [
        {"path": f"documents/{name}", "kind": "reasons", "language": "en", "media_type": media_type}
    ]
    signer = load_signing_key(world.signer_key.read_bytes(), world.signer_cert.read_bytes(), None)
    packages = []
    for _ in range(count):
        decision["package_id"] = str(uuid.uuid4())
        packages.append(build(json.dumps(decision).encode(), {f"documents/{name}": content}, signer=signer, at=TODAY))
    wanted = len(sink.messages()) + 2 * count
    start = time.perf_counter()
    for package in packages:
        answer = server.post(package)
        assert answer.status_code == 202, answer.text
    while len(sink.messages()) < wanted:
        assert time.perf_counter() < start + _LONGEST, f"{wanted - len(sink.messages())} deliveries never arrived"
        time.sleep(0.02)
    took = time.perf_counter() - start
    print(
        f"{count:4} packages of {len(packages[0]) / 1e3:7,.0f} kB: {2 * count / took:6.1f} deliveries/s ({took:.1f} s)"
    )


def _small() -> tuple[str, str, bytes]:
    return "small.md", "text/markdown", b"# Reasons\n\nThe panel finds as follows.\n"


def _large() -> tuple[str, str, bytes]:
    return "large.pdf", "application/pdf", _pdf(3_000_000)


def _pdf(size: int) -> bytes:
    """A one-page PDF that names its file and draws an incompressible image of that many bytes."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject

    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    image = DecodedStreamObject()
    side = int((size / 3) ** 0.5)
    image.set_data(secrets.token_bytes(side * side * 3))
    image.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(side),
            NameObject("/Height"): NumberObject(side),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
        }
    )
    content = DecodedStreamObject()
    content.set_data(b"BT /F 12 Tf 56 720 Td (%s) Tj ET q 500 0 0 500 56 146 cm /I Do Q" % _FILE)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    fonts = DictionaryObject(
        {NameObject("/F"): DictionaryObject({NameObject(a): NameObject(b) for a, b in font.items()})}
    )
    objects = DictionaryObject({NameObject("/I"): writer._add_object(image)})
    resources = {NameObject("/XObject"): objects, NameObject("/Font"): fonts}
    page[NameObject("/Resources")] = DictionaryObject(resources)
    page[NameObject("/Contents")] = writer._add_object(content)
    from io import BytesIO

    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _rss(server: Server) -> float:
    return _status(server, "VmRSS")


def _peak(server: Server) -> float:
    return _status(server, "VmHWM")


def _status(server: Server, field: str) -> float:
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith(field)]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
