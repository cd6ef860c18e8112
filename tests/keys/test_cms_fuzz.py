"""Whatever CMS arrives is opened, read or refused: nothing else ever comes out of its readers."""

import pytest

from gateway.domain.parties import ContentEncryption, KeyTransport
from gateway.domain.problem import InputRefused
from keys import cades, enveloped
from keys.cades_verify import verify_over
from keys.cms.reading import read_signed_data
from tests.keys.conftest import Pki
from tests.keys.pki import NOW, Authority, Order, ec_key, rsa_key
from tests.mutation import dice, mutated, times

CONTENT = b"Content-Type: text/plain\r\n\r\nThe decision."
WAYS = [
    ("rsa", KeyTransport.OAEP, ContentEncryption.CBC),
    ("rsa", KeyTransport.OAEP, ContentEncryption.GCM),
    ("rsa", KeyTransport.PKCS1V15, ContentEncryption.CBC),
    ("ec", KeyTransport.OAEP, ContentEncryption.CBC),
    ("ec", KeyTransport.OAEP, ContentEncryption.GCM),
]

pytestmark = pytest.mark.filterwarnings("ignore")  # hostile certificates make cryptography warn


@pytest.mark.parametrize(("kind", "transport", "encryption"), WAYS)
def test_a_mutated_message_is_opened_or_refused_and_one_that_is_authenticated_never_opens_otherwise(
    kind: str, transport: KeyTransport, encryption: ContentEncryption
) -> None:
    key = rsa_key("fuzz", 2048) if kind == "rsa" else ec_key()
    certificate = Authority.root().issue(Order(name="Reader", uses=("key_encipherment", "key_agreement")), key)
    raw = enveloped.encrypt(CONTENT, certificate=certificate, key_transport=transport, content_encryption=encryption)
    assert enveloped.decrypt(raw, key=key, certificate=certificate) == CONTENT
    chance, refusals, count = dice(1), 0, times(250)
    for _ in range(count):
        try:
            opened = enveloped.decrypt(mutated(raw, chance), key=key, certificate=certificate)
        except InputRefused:
            refusals += 1
        else:
            assert opened == CONTENT or encryption is ContentEncryption.CBC  # which authenticates nothing
    assert refusals > count * 0.7


def test_mutated_signed_data_is_read_as_it_was_or_refused(pki: Pki) -> None:
    raw = cades.sign(CONTENT, signer=pki.signer, at=NOW, detached=False)
    chance, refusals, count = dice(2), 0, times(1500)
    for _ in range(count):
        try:
            signed = read_signed_data(mutated(raw, chance))
            verified = verify_over(signed.content or b"", signed, bound=False)
        except InputRefused:
            refusals += 1
        else:
            assert (signed.content, verified.certificate) == (CONTENT, pki.signer.certificate)
    assert refusals > count * 0.5
