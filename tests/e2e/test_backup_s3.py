"""A home whose sealed objects are in a bucket: backed up while it stands, lost with its bucket, restored into another
one to the digest."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.backup.inventory import known_inventory, listed
from gateway.store.s3 import Bucket
from tests.e2e.test_backup import WHY, Kept, kept, submitted
from tests.real.postfix import running_postfix
from tests.real.s3 import CREDENTIALS, S3Server, running_s3

pytestmark = pytest.mark.real


@pytest.fixture
def server() -> Iterator[S3Server]:
    with running_s3() as running:
        yield running


@pytest.fixture
def standing(server: S3Server, tmp_path: Path) -> Iterator[tuple[Kept, Bucket]]:
    """A home over a bucket, with one decision sent."""
    bucket = server.bucket()
    with running_postfix() as postfix:
        one = kept(tmp_path, postfix, variables={**CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"})
        place = {"bucket": bucket.name, "prefix": bucket.prefix, "endpoint": bucket.endpoint, "region": bucket.region}
        one.world.set("vault", store="s3", **place)
        yield one, bucket


def digests(server: S3Server, bucket: Bucket) -> dict[str, str]:
    """What really lies in the bucket, by key."""
    client = server.client()
    objects = {key: client.get_object(Bucket=bucket.name, Key=key)["Body"].read() for key in server.names(bucket)}
    return {key: hashlib.sha256(content).hexdigest() for key, content in objects.items()}


def test_a_bucket_is_backed_up_and_restored_into_another_to_the_digest(
    standing: tuple[Kept, Bucket], server: S3Server, tmp_path: Path
) -> None:
    one, bucket = standing
    world = one.world
    sent = submitted(world)
    world.finish(sent)
    before, there = world.json("status", sent), digests(server, bucket)
    assert len(there) > 4
    assert one.take()["objects"] == len(there)
    sums = listed(one.folder / known_inventory(one.folder).sums.name)
    assert dict(sums) == {key.rpartition("/")[2]: digest for key, digest in there.items()}

    later = submitted(world)
    more = digests(server, bucket).keys() - there.keys()
    assert more
    again = one.take()
    assert again["objects"] == len(there) + len(more)
    there = digests(server, bucket)

    one.lose()
    for key in server.names(bucket):
        server.client().delete_object(Bucket=bucket.name, Key=key)
    elsewhere = server.bucket()
    world.variables = {**world.variables, "GATEWAY_VAULT__BUCKET": elsewhere.name}
    world.run("restore", one.folder, *one.opener, *WHY)

    assert digests(server, elsewhere) == there
    assert not server.names(bucket)
    assert world.json("status", sent) == before
    assert {row["dispatch"] for row in world.json("dispatches")["dispatches"]} == {sent, later}
    assert "holds" in world.run("evidence", "verify").stdout
    world.run("evidence", "export", sent, "--participant", "m1", "--sent-bytes", "-o", tmp_path / "evidence.zip")
