"""Signing keys in a PKCS #11 token (a hardware security module, a smart card): they sign there and never leave it.

A file NAME.pkcs11 in the key directory stands in the place of NAME.key and holds a URI (RFC 7512):
`pkcs11:token=LABEL;object=NAME?module-path=/path/of/the/module.so`. The PIN comes as the passphrase does
(`keys.credentials`). Keys are EC on P-256, made in the token, not extractable.

python-pkcs11 is the extra `pkcs11`; nothing of it is loaded unless such a file is there.
"""

import copy
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote, unquote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys.credentials import token_pin

_SCHEME = "pkcs11:"
_CURVE = "secp256r1"


@dataclass(frozen=True, kw_only=True)
class TokenUri:
    """Where a key is: the module, the token's label, the key's label in it (empty where one is to be made)."""

    module: str
    token: str
    object: str = ""

    @classmethod
    def parse(cls, text: str, where: str) -> "TokenUri":
        """Raises SetupWrong (key.token-uri)."""
        path, _, query = text.strip().removeprefix(_SCHEME).partition("?")
        named = dict(pair.partition("=")[::2] for pair in path.split(";") if pair)
        module = dict(parse_qsl(query)).get("module-path", "")
        if not text.startswith(_SCHEME) or not module or not named.get("token"):
            raise SetupWrong(Code.KEY_TOKEN_URI, where=where)
        return cls(module=module, token=unquote(named["token"]), object=unquote(named.get("object", "")))

    def __str__(self) -> str:
        named = f"token={quote(self.token)}" + (f";object={quote(self.object)}" if self.object else "")
        return f"{_SCHEME}{named}?module-path={quote(self.module, safe='/')}"


class TokenKey(ec.EllipticCurvePrivateKey):
    """The private key as the signing code knows it. The token is asked for when something is signed, not before.

    `public_key`: from the certificate; that the token's key is the same one is checked when the token is opened.
    """

    def __init__(self, uri: TokenUri, public_key: ec.EllipticCurvePublicKey) -> None:
        self._uri = uri
        self._public_key = public_key
        self._lock = threading.Lock()  # a session serves one call at a time
        self._owner = 0
        self._key: Any = None

    def sign(
        self, data: "bytes | bytearray | memoryview[int]", signature_algorithm: ec.EllipticCurveSignatureAlgorithm
    ) -> bytes:
        """Signed in the token. Raises SetupWrong: key.token-unavailable, key.mismatch."""
        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, Prehashed):
            _impossible()
        digest = hashes.Hash(algorithm)
        digest.update(data)
        raw = self._signed(digest.finalize())
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def _signed(self, digest: bytes) -> bytes:
        import pkcs11

        with self._lock:
            try:
                if self._key is None or self._owner != os.getpid():
                    self._key = _opened(self._uri, self._public_key, forked=self._owner not in {0, os.getpid()})
                    self._owner = os.getpid()
                raw: bytes = self._key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
            except pkcs11.PKCS11Error:
                self._key = None  # the next one opens it anew: a token may have been away for a moment
                raise SetupWrong(Code.KEY_TOKEN_UNAVAILABLE, where=self._uri.token) from None
        return raw

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """As the certificate says."""
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        """256."""
        return self._public_key.key_size

    def exchange(self, *_: object) -> NoReturn:
        """It only signs."""
        _impossible()

    def private_numbers(self) -> NoReturn:
        """It never leaves the token."""
        _impossible()

    def private_bytes(self, *_: object, **__: object) -> NoReturn:
        """It never leaves the token."""
        _impossible()

    def __copy__(self) -> "TokenKey":
        return self

    def __deepcopy__(self, _: dict[int, object]) -> "TokenKey":
        return copy.copy(self)


def make_in_token(uri: TokenUri) -> ec.EllipticCurvePublicKey:
    """A new key in the token under the label of the URI; its public part. Raises SetupWrong (key.token-unavailable)."""
    import pkcs11
    from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

    try:
        with _token(uri).open(user_pin=token_pin(), rw=True) as session:
            named = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE)}
            parameters = session.create_domain_parameters(pkcs11.KeyType.EC, named, local=True)
            public, _ = parameters.generate_keypair(
                store=True,
                label=uri.object,
                private_template={pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True},
            )
            made = _public(encode_ec_public_key(public))
    except pkcs11.PKCS11Error:
        raise SetupWrong(Code.KEY_TOKEN_UNAVAILABLE, where=uri.token) from None
    return made


def read_uri(path: Path) -> TokenUri:
    """What a .pkcs11 file says. Raises SetupWrong: file.unreadable, key.token-uri."""
    try:
        return TokenUri.parse(path.read_text("ascii"), str(path))
    except (OSError, UnicodeDecodeError):
        raise SetupWrong(Code.FILE_UNREADABLE, where=str(path)) from None


def _session(token: Any) -> Any:
    """A session that may sign: a log-in holds for all sessions of a process, and is refused a second time."""
    import pkcs11

    try:
        return token.open(user_pin=token_pin())
    except pkcs11.UserAlreadyLoggedIn:
        return token.open()


def _opened(uri: TokenUri, expected: ec.EllipticCurvePublicKey, *, forked: bool) -> Any:
    """The key in a session of this process; a module that was loaded before a fork begins anew in the child."""
    import pkcs11
    from pkcs11.util.ec import encode_ec_public_key

    session = _session(_token(uri, again=forked))
    public = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=uri.object)
    if _public(encode_ec_public_key(public)) != expected:
        raise SetupWrong(Code.KEY_MISMATCH, where=uri.object)
    return session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=uri.object)


def _token(uri: TokenUri, *, again: bool = False) -> Any:
    try:
        import pkcs11
    except ImportError:
        raise SetupWrong(Code.KEY_TOKEN_UNAVAILABLE, where=uri.token) from None
    library = pkcs11.lib(uri.module)
    if again:
        library.reinitialize()
    return library.get_token(token_label=uri.token)


def _public(der: bytes) -> ec.EllipticCurvePublicKey:
    key = load_der_public_key(der)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SetupWrong(Code.KEY_MISMATCH)
    return key


def _impossible() -> NoReturn:
    raise NotImplementedError("a key in a token signs, and does nothing else")
