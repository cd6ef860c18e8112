"""Where the passphrase comes from, and which place is asked first."""

from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys import credentials
from keys.credentials import passphrase, token_pin


@pytest.fixture(autouse=True)
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    monkeypatch.setattr(credentials, "CONTAINER_SECRETS", folder)
    return folder


def test_there_is_none_unless_one_is_given() -> None:
    assert passphrase({}) is None
    assert passphrase({"GATEWAY_PASSPHRASE_FILE": "", "CREDENTIALS_DIRECTORY": ""}) is None


def test_each_place_is_asked_in_its_turn(tmp_path: Path, container: Path) -> None:
    (container / "gateway-passphrase").write_bytes(b"of the container\r\n")
    given: dict[str, str] = {}
    assert passphrase(given) == b"of the container"
    (tmp_path / "gateway-passphrase").write_bytes(b"of the service\n")
    given["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    assert passphrase(given) == b"of the service"
    given["GATEWAY_PASSPHRASE"] = "of the environment"
    assert passphrase(given) == b"of the environment"
    (tmp_path / "file").write_bytes(b" of a file \n")
    given["GATEWAY_PASSPHRASE_FILE"] = str(tmp_path / "file")
    assert passphrase(given) == b" of a file "


def test_a_file_that_is_not_there_is_named_and_nothing_else_is_taken(tmp_path: Path) -> None:
    given = {"GATEWAY_PASSPHRASE_FILE": str(tmp_path / "nowhere"), "GATEWAY_PASSPHRASE": "another"}
    with pytest.raises(SetupWrong) as caught:
        passphrase(given)
    assert (caught.value.code, caught.value.where) == (Code.FILE_UNREADABLE, "GATEWAY_PASSPHRASE_FILE")


@pytest.mark.parametrize("place", ["GATEWAY_PASSPHRASE", "GATEWAY_PASSPHRASE_FILE", "CREDENTIALS_DIRECTORY"])
def test_an_empty_one_protects_nothing_and_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "gateway-passphrase").write_bytes(b"\n")
    values = {"GATEWAY_PASSPHRASE": "", "GATEWAY_PASSPHRASE_FILE": str(tmp_path / "gateway-passphrase")}
    with pytest.raises(SetupWrong) as caught:
        passphrase({place: values.get(place, str(tmp_path))})
    assert caught.value.code is Code.KEY_PASSPHRASE


def test_the_pin_of_a_token_comes_the_same_way(tmp_path: Path, container: Path) -> None:
    assert token_pin({}) is None
    (container / "gateway-pkcs11-pin").write_bytes(b"1234\n")
    assert token_pin({}) == "1234"
    (tmp_path / "pin").write_bytes(b"5678\n")
    assert token_pin({"GATEWAY_PKCS11_PIN": "91011"}) == "91011"
    assert token_pin({"GATEWAY_PKCS11_PIN": "91011", "GATEWAY_PKCS11_PIN_FILE": str(tmp_path / "pin")}) == "5678"
    assert token_pin({"GATEWAY_PASSPHRASE": "no PIN"}) == "1234"
