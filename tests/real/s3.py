"""An S3 server of its own on a free loopback port: moto's, spoken to over HTTP as any other. A stand-in for AWS or
MinIO, shaped by AWS's published interface; what it keeps it keeps in memory."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from gateway.store.s3 import Bucket

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"}
"""The variables in which a gateway finds them; moto asks that there are some."""


@dataclass(frozen=True)
class S3Server:
    """A running server."""

    endpoint: str

    def bucket(self, prefix: str = "vault/") -> Bucket:
        """A new, empty bucket."""
        name = f"gateway-{uuid.uuid4().hex}"
        self.client().create_bucket(Bucket=name)
        return Bucket(name=name, prefix=prefix, endpoint=self.endpoint, region="ca-central-1")

    def client(self) -> Any:
        """Somebody else's client: what it sees is what is really there."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="tests",
            aws_secret_access_key="tests",
        )

    def names(self, bucket: Bucket) -> set[str]:
        """The keys of everything in the bucket."""
        listed = self.client().list_objects_v2(Bucket=bucket.name).get("Contents", [])
        return {str(one["Key"]) for one in listed}


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """A server while the block runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        yield S3Server(endpoint=f"http://127.0.0.1:{port}")
    finally:
        server.stop()
