"""What the vault keeps when something goes wrong: never less than a row may name."""

from pathlib import Path

import pytest

from gateway.application.sealed import Vault
from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, ServiceDown
from gateway.store.objects import FileObjects
from keys.sealing import KeyEncryptionKey, StreamSealer


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (Conflict(Code.PACKAGE_CONFLICT), False),
        (ServiceDown(Code.STORAGE_FULL), False),
        (ValueError("a defect"), False),
        (ServiceDown(Code.DATABASE_UNAVAILABLE), True),
        (KeyboardInterrupt(), True),
        (SystemExit(143), True),
    ],
    ids=lambda value: value if isinstance(value, bool) else repr(value),
)
def test_objects_go_only_with_rows_that_are_certainly_not_written(
    tmp_path: Path, error: BaseException, kept: bool
) -> None:
    objects = FileObjects(tmp_path / "vault")
    vault = Vault(sealer=StreamSealer([KeyEncryptionKey(id="k1", key=bytes(32))]), objects=objects)
    key = vault.new_key("d1")

    def cut_off() -> None:
        with vault.keeping() as put:
            put(key, "package", b"content")
            raise error

    with pytest.raises(type(error)):
        cut_off()
    assert any(path.is_file() for path in (tmp_path / "vault").rglob("*")) is kept
