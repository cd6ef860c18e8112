"""Sealed objects in an S3 bucket, for gateways on several machines: `PREFIX3f/3f0c…`, as files have them.

Only sealed bytes ever reach this module; it neither seals nor opens. An object is written once: the condition
`If-None-Match: *` goes with each put, so that nothing that stands is ever overwritten. Both ways carry a SHA-256, which
the other end checks. Credentials come the standard way (variables, shared files, the machine's role), never from
settings.
"""

import ipaddress
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing, Problem, ServiceDown, SetupWrong

_NAME = re.compile(r"[0-9a-f]{32,64}")
_CONNECT_S, _READ_S, _TRIES = 5, 30, 3

_ABSENT = frozenset({"NoSuchKey", "404"})
_STANDS = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_FULL = frozenset({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507"})
_DENIED = frozenset(
    {
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "InvalidToken",
        "NoSuchBucket",
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "RequestTimeTooSkewed",
        "401",
        "403",
    }
)


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Where objects are. endpoint, region: empty means what AWS's own configuration says."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""


class S3Objects:
    """`gateway.ports.sealing.ObjectStore` in a bucket. Safe to use from several threads and processes."""

    def __init__(self, bucket: Bucket) -> None:
        """Connects to nothing yet.

        Raises SetupWrong: settings.invalid (no bucket, an endpoint in the clear to another machine),
        storage.extra-missing.
        """
        if not bucket.name:
            raise SetupWrong(Code.SETTINGS_INVALID, where="vault.bucket")
        if bucket.endpoint and not _is_protected(bucket.endpoint):
            raise SetupWrong(Code.SETTINGS_INVALID, where="vault.endpoint")
        try:
            import botocore.session  # noqa: F401  (the extra `s3`)
        except ImportError:
            raise SetupWrong(Code.STORAGE_EXTRA_MISSING, where="boto3") from None
        self._bucket = bucket
        self._lock = threading.Lock()
        self._made: Any = None

    def put(self, name: str, sealed: bytes) -> None:
        """Durable when it returns. The same bytes again are no error.

        Raises ServiceDown (storage.full, storage.unavailable), SetupWrong (storage.access; seal.broken when other
        bytes stand under the name), ValueError when the name is not hex.
        """
        key = self._key(name)
        with _problems(name) as said:
            self._client.put_object(
                Bucket=self._bucket.name, Key=key, Body=sealed, IfNoneMatch="*", ChecksumAlgorithm="SHA256"
            )
        # What stands is what we wrote when only the answer to an earlier try of this very put was lost.
        if said.stands and self.get(name) != sealed:
            raise SetupWrong(Code.SEAL_BROKEN, where=name)

    def get(self, name: str) -> bytes:
        """The sealed bytes. Raises NoSuchThing (seal.object-missing), ServiceDown (storage.unavailable), SetupWrong
        (storage.access)."""
        key = self._key(name)
        content: bytes = b""
        with _problems(name):
            answer = self._client.get_object(Bucket=self._bucket.name, Key=key, ChecksumMode="ENABLED")
            with answer["Body"] as body:
                content = body.read()
        return content

    def delete(self, name: str) -> None:
        """Removes the object; an absent one is no error. Raises ServiceDown (storage.unavailable), SetupWrong
        (storage.access). In a bucket that keeps versions an older one outlives it: such a bucket must expire them."""
        key = self._key(name)
        with _problems(name):
            self._client.delete_object(Bucket=self._bucket.name, Key=key)

    def names(self) -> Iterator[str]:
        """All names, in order. Raises ServiceDown (storage.unavailable), SetupWrong (storage.access)."""
        asked: dict[str, str] = {}
        while True:
            answer: dict[str, Any] = {}
            with _problems(self._bucket.name):
                answer = self._client.list_objects_v2(Bucket=self._bucket.name, Prefix=self._bucket.prefix, **asked)
            last_parts = (str(one["Key"]).rpartition("/")[2] for one in answer.get("Contents", ()))
            yield from (part for part in last_parts if _NAME.fullmatch(part))
            if not answer.get("IsTruncated"):
                return
            asked = {"ContinuationToken": str(answer["NextContinuationToken"])}

    def _key(self, name: str) -> str:
        if _NAME.fullmatch(name) is None:
            raise ValueError("an object's name is 32 to 64 lower-case hex digits")
        return f"{self._bucket.prefix}{name[:2]}/{name}"

    @property
    def _client(self) -> Any:
        """Made at first use, after a worker has forked; all threads share it."""
        with self._lock:
            if self._made is None:
                self._made = _client(self._bucket)
            return self._made


def _client(bucket: Bucket) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=_CONNECT_S,
        read_timeout=_READ_S,
        retries={"mode": "standard", "total_max_attempts": _TRIES},
        max_pool_connections=32,
        s3={"addressing_style": "path" if bucket.endpoint else "auto"},
    )
    session = boto3.session.Session()
    region = bucket.region or session.region_name or ("us-east-1" if bucket.endpoint else None)
    return session.client("s3", endpoint_url=bucket.endpoint or None, region_name=region, config=config)


@dataclass
class _Said:
    """What the store answered beside success. stands: there is an object of that name already."""

    stands: bool = False


@contextmanager
def _problems(name: str) -> Iterator[_Said]:
    """Turns what the store or the way to it says into a problem; a bucket or an address is never part of it."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    said = _Said()
    try:
        yield said
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _STANDS:
            said.stands = True
            return
        raise _problem(code, name) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise SetupWrong(Code.STORAGE_ACCESS, where=name, result="credentials") from error
    except BotoCoreError as error:
        raise ServiceDown(Code.STORAGE_UNAVAILABLE, where=name, result=type(error).__name__) from error


def _problem(code: str, name: str) -> Problem:
    if code in _ABSENT:
        return NoSuchThing(Code.SEAL_OBJECT_MISSING, where=name)
    if code in _FULL:
        return ServiceDown(Code.STORAGE_FULL, where=name)
    if code in _DENIED:
        return SetupWrong(Code.STORAGE_ACCESS, where=name, result=code)
    return ServiceDown(Code.STORAGE_UNAVAILABLE, where=name, result=code)


def _is_protected(endpoint: str) -> bool:
    """Whether nobody between us and the store can read along: TLS, or this machine itself."""
    parts = urlsplit(endpoint)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http":
        return False
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
