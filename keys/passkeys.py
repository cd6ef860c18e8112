"""WebAuthn by the library `webauthn`: what our address asks of a browser, and whether its answer holds."""

import hashlib
import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gateway.domain.codes import Code
from gateway.domain.passkeys import CHALLENGE_LIFE, Passkey
from gateway.domain.problem import InputRefused
from gateway.ports.passkeys import NewPasskey

_TIMEOUT = int(CHALLENGE_LIFE.total_seconds() * 1000)
_REFUSES = (WebAuthnException, ValueError, KeyError, TypeError)
"""What the library raises for answers that do not hold, and for what is no answer at all."""
_VERIFIED = UserVerificationRequirement.REQUIRED


class WebAuthnCeremony:
    """`PasskeyCeremony`. A passkey is bound to the host of `url`, and answers its origin alone."""

    def __init__(self, url: str, name: str, *, whose: str, refused: Code) -> None:
        """name: whose place this is, as the authenticator may show it. whose: what accounts these are, so that no two
        of one name are one user to an authenticator. refused: what is said of an answer that does not hold."""
        place = urlsplit(url)
        self._host = place.hostname or ""
        self._origin = f"{place.scheme}://{place.netloc}"
        self._name = name
        self._whose = whose
        self._refused = refused

    def to_register(self, account: str, challenge: bytes, known: Sequence[str]) -> str:
        """See `PasskeyCeremony`. Discoverable, so that nobody has to say who they are before signing in."""
        options = generate_registration_options(
            rp_id=self._host,
            rp_name=self._name,
            user_name=account,
            user_id=hashlib.sha256(f"{self._whose} {account}".encode()).digest(),
            challenge=challenge,
            timeout=_TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, require_resident_key=True, user_verification=_VERIFIED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
        )
        return options_to_json(options)

    def registered(self, answer: str, challenge: bytes) -> NewPasskey:
        """See `PasskeyCeremony`."""
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except _REFUSES:
            raise InputRefused(self._refused) from None
        passkey_id = bytes_to_base64url(made.credential_id)
        return NewPasskey(id=passkey_id, public_key=made.credential_public_key, sign_count=made.sign_count)

    def to_sign_in(self, challenge: bytes) -> str:
        """See `PasskeyCeremony`."""
        options = generate_authentication_options(
            rp_id=self._host, challenge=challenge, timeout=_TIMEOUT, user_verification=_VERIFIED
        )
        return options_to_json(options)

    def id_in(self, answer: str) -> str:
        """See `PasskeyCeremony`."""
        try:
            return bytes_to_base64url(base64url_to_bytes(json.loads(answer)["id"]))
        except _REFUSES:
            raise InputRefused(self._refused) from None

    def signed(self, answer: str, challenge: bytes, passkey: Passkey) -> int:
        """See `PasskeyCeremony`."""
        try:
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except _REFUSES:
            raise InputRefused(self._refused) from None
        return verified.new_sign_count
