"""Objects in a bucket: written once, whole, under their prefix; and clear about what fails."""

import base64
import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong
from gateway.store import s3
from gateway.store.s3 import Bucket, S3Objects
from tests.contracts.objects import ObjectStoreContract
from tests.real.ports import free_port
from tests.real.s3 import CREDENTIALS, S3Server, running_s3

NAME = "3f" * 16


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with running_s3() as running:
        yield running


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.real
class TestS3Objects(ObjectStoreContract):
    """`ObjectStore` in a bucket."""

    @pytest.fixture
    def objects(self, server: S3Server) -> S3Objects:
        """Empty, in a bucket of its own."""
        return S3Objects(server.bucket())


@pytest.mark.real
class TestWritten:
    """What is in the bucket."""

    def test_an_object_stands_under_the_prefix_and_its_first_digits_with_its_digest(self, server: S3Server) -> None:
        bucket = server.bucket(prefix="registry/vault/")
        S3Objects(bucket).put(NAME, b"sealed")
        assert server.names(bucket) == {f"registry/vault/3f/{NAME}"}
        head = server.client().head_object(Bucket=bucket.name, Key=f"registry/vault/3f/{NAME}", ChecksumMode="ENABLED")
        assert head["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"sealed").digest()).decode()

    def test_what_stands_is_never_overwritten(self, server: S3Server) -> None:
        objects = S3Objects(server.bucket())
        objects.put(NAME, b"first")
        with pytest.raises(SetupWrong) as raised:
            objects.put(NAME, b"other")
        assert (raised.value.code, raised.value.where) == (Code.SEAL_BROKEN, NAME)
        assert objects.get(NAME) == b"first"

    def test_two_gateways_that_share_a_bucket_see_each_others_objects(self, server: S3Server) -> None:
        bucket = server.bucket()
        S3Objects(bucket).put(NAME, b"sealed")
        assert S3Objects(bucket).get(NAME) == b"sealed"


def problem_of(bucket: Bucket) -> Problem:
    """What a put into it says."""
    with pytest.raises(Problem) as raised:
        S3Objects(bucket).put(NAME, b"sealed")
    return raised.value


@pytest.mark.real
class TestFailures:
    """What a caller is told."""

    def test_a_bucket_that_is_not_there_is_a_wrong_setup(self, server: S3Server) -> None:
        problem = problem_of(replace(server.bucket(), name="gateway-nowhere"))
        assert (problem.code, problem.facts) == (Code.STORAGE_ACCESS, {"result": "NoSuchBucket"})
        assert "nowhere" not in str(problem)

    def test_no_credentials_are_a_wrong_setup(self, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in CREDENTIALS:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
        problem = problem_of(server.bucket())
        assert (problem.code, problem.facts) == (Code.STORAGE_ACCESS, {"result": "credentials"})

    def test_a_store_that_is_not_there_is_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        problem = problem_of(Bucket(name="b", endpoint=f"http://127.0.0.1:{free_port()}"))
        assert isinstance(problem, ServiceDown)
        assert (problem.code, problem.facts) == (Code.STORAGE_UNAVAILABLE, {"result": "EndpointConnectionError"})

    def test_a_store_that_never_answers_is_down_after_its_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(s3, "_READ_S", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            problem = problem_of(Bucket(name="b", endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}"))
        assert (problem.code, problem.facts) == (Code.STORAGE_UNAVAILABLE, {"result": "ReadTimeoutError"})

    @pytest.mark.parametrize(
        ("status", "said", "code"),
        [
            (507, "InsufficientStorage", Code.STORAGE_FULL),
            (403, "AccessDenied", Code.STORAGE_ACCESS),
            (503, "SlowDown", Code.STORAGE_UNAVAILABLE),
            (500, "InternalError", Code.STORAGE_UNAVAILABLE),
        ],
    )
    def test_what_a_store_refuses_is_said_by_its_code(self, status: int, said: str, code: Code) -> None:
        with answering(status, said) as endpoint:
            problem = problem_of(Bucket(name="b", endpoint=endpoint))
        assert problem.code is code
        assert "secret-words" not in f"{problem}{problem.facts}"


@contextmanager
def answering(status: int, code: str) -> Iterator[str]:
    """A store that answers everything so; its address."""

    class Refusing(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = f"<Error><Code>{code}</Code><Message>secret-words</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("endpoint", ["http://s3.example", "ftp://s3.example", "s3.example", "http://10.0.0.7:9000"])
def test_an_endpoint_in_the_clear_to_another_machine_is_a_wrong_setting(endpoint: str) -> None:
    with pytest.raises(SetupWrong) as raised:
        S3Objects(Bucket(name="b", endpoint=endpoint))
    assert (raised.value.code, raised.value.where) == (Code.SETTINGS_INVALID, "vault.endpoint")


def test_no_bucket_is_a_wrong_setting() -> None:
    with pytest.raises(SetupWrong) as raised:
        S3Objects(Bucket(name=""))
    assert raised.value.where == "vault.bucket"


def test_without_the_extra_the_setting_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(SetupWrong) as raised:
        S3Objects(Bucket(name="b"))
    assert (raised.value.code, raised.value.where) == (Code.STORAGE_EXTRA_MISSING, "boto3")
