"""The messages that a fax service gets."""

import subprocess
import tomllib
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from channels.fax import plugin
from channels.fax.channel import Fax
from channels.fax.compose import FaxSubject
from channels.fax.settings import FaxSettings
from gateway.domain.failures import Refused
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import Prepared
from templates.confined.sample import sample
from tests.channels import fax_samples, samples
from tests.channels.fax_samples import TOKEN
from tests.real import need
from tests.templates.cases import FOREIGN


def _prepared(channel: Fax, *documents: bytes) -> Prepared:
    papers = [samples.document(one) for one in documents]
    ready = channel.prepare(fax_samples.consignment(*papers, cover=documents[0] if documents else b"%PDF cover"))
    assert isinstance(ready, Prepared)
    return ready


@pytest.mark.parametrize(
    ("form", "content", "to", "media_type"),
    [
        ("t37", "pdf", "FAX=+14165550123@fax.test", "image/tiff"),
        ("number", "tiff", "14165550123@fax.test", "image/tiff"),
        ("number", "pdf", "14165550123@fax.test", "application/pdf"),
    ],
)
def test_the_number_and_the_pages_take_the_form_that_the_service_wants(
    form: str, content: str, to: str, media_type: str
) -> None:
    ready = _prepared(fax_samples.channel(form=form, content=content))
    message = message_from_bytes(ready.payload, policy=default)
    assert message["To"] == to
    parts = list(message.iter_attachments())
    assert [one.get_content_type() for one in parts] == [media_type] * 2
    if media_type == "image/tiff":
        assert parts[0]["Content-Type"].params["application"] == "faxbw"


def test_outside_the_pages_nothing_tells_of_anything() -> None:
    ready = _prepared(fax_samples.channel())
    for canary in (samples.PERSON, samples.FILE, samples.OUTCOME):
        assert not any(trace in ready.payload for trace in samples.traces(canary))
    message = message_from_bytes(ready.payload, policy=default)
    assert message["Subject"] == str(FaxSubject.of(f"{TOKEN}.1", 2, fax_samples.NUMBER))
    assert [one.get_filename() for one in message.iter_attachments()] == ["01.tif", "02.tif"]


def test_no_fax_leaves_without_a_cover_or_with_too_many_pages() -> None:
    bare = replace(fax_samples.consignment(), cover=None)
    assert fax_samples.channel().prepare(bare) == Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
    two = fax_samples.consignment(samples.document(), samples.document())
    assert fax_samples.channel(max_pages=2).prepare(two) == Refused(reason=Reason.MESSAGE_TOO_LARGE)
    assert isinstance(fax_samples.channel(max_pages=3).prepare(two), Prepared)


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"host": "mail.fax.test"}, "tls"),
        ({"service": "not a domain"}, "service"),
        ({"results_from": "nobody"}, "results_from"),
        ({"form": "pigeon"}, "form"),
        ({"max_pages": 1}, "max_pages"),
    ],
)
def test_wrong_settings_are_named(change: dict[str, object], setting: str) -> None:
    with pytest.raises(SetupWrong) as wrong:
        fax_samples.channel(**change)
    assert wrong.value.where == f"channels.fax.{setting}"


@pytest.mark.parametrize("coding", ["mh", "mmr"])
def test_libtiff_reads_the_pages_of_a_prepared_fax(tmp_path: Path, coding: str) -> None:
    tiffinfo = need.program("tiffinfo", "libtiff-tools")
    ready = _prepared(fax_samples.channel(FOREIGN, coding=coding), sample())
    message = message_from_bytes(ready.payload, policy=default)
    for attachment in message.iter_attachments():
        place = tmp_path / str(attachment.get_filename())
        content = attachment.get_content()
        assert isinstance(content, bytes)
        place.write_bytes(content)
        shown = subprocess.run([tiffinfo, str(place)], capture_output=True, text=True, check=True)
        assert "Image Width: 1728" in shown.stdout
        assert "Warning" not in shown.stderr


def test_every_setting_is_explained_in_both_languages_with_its_true_default() -> None:
    texts = plugin.settings()
    assert sorted(text.name for text in texts) == sorted(FaxSettings.model_fields)
    assert all(set(text.comments) == {"en", "fr"} for text in texts)
    written = {text.name: tomllib.loads(f"value = {text.default}")["value"] for text in texts}
    needed = {name: written[name] for name in ("host", "port", "sender", "ca", "service", "results_from")}
    assert FaxSettings.read(written) == FaxSettings.read(needed)
