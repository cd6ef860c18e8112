"""What carriers' codes mean, as data: the published table, and what an office had its own carriers confirm."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.application.rules import read_rules, rule_text
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.domain.scan import CarrierCodes

_NAME = "scan_codes.toml"


@dataclass(frozen=True, kw_only=True)
class ScanCodeFile:
    """`scan_codes.toml`, and a file of the same form in a home."""

    carrier: tuple[CarrierCodes, ...] = field(metadata={"min_length": 1})


def carrier_codes(home: Path, own: str = "") -> Mapping[str, CarrierCodes]:
    """By carrier. own: the office's file, inside the home; a carrier in it takes the place of the published one.

    Raises SetupWrong (rule.invalid, file.unreadable).
    """
    texts = [(_NAME, rule_text(_NAME))] + ([(own, _text(home / own))] if own else [])
    return {one.carrier: one for name, text in texts for one in read_rules(name, text, ScanCodeFile).carrier}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SetupWrong(Code.FILE_UNREADABLE, where="scans.codes") from None
