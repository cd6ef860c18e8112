"""The receiver's codes for outcomes, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.application.rules import read_rules, rule_text
from gateway.domain.codes import Code
from gateway.domain.feed import DIVISIONS
from gateway.domain.outcomes import OUTCOMES_OF, Division, OutcomeCode
from gateway.domain.problem import SetupWrong

Codes = Mapping[tuple[Division, OutcomeCode], str]

_NAME = "gcms_codes.toml"


@dataclass(frozen=True, kw_only=True)
class GcmsCode:
    """One outcome of a division, and what GCMS calls it."""

    division: Division
    outcome: OutcomeCode
    gcms: str = field(metadata={"pattern": r"^[A-Za-z0-9._-]{1,64}$"})


@dataclass(frozen=True, kw_only=True)
class CodeFile:
    """`gcms_codes.toml`."""

    code: tuple[GcmsCode, ...]


def gcms_codes(home: Path, own: str) -> Codes:
    """The codes of the file that the registry names, else the documented default.

    Raises SetupWrong (rule.invalid, file.unreadable) for a table that leaves an outcome out or names one twice.
    """
    name, text = (own, _text(home / own)) if own else (_NAME, rule_text(_NAME))
    rows = read_rules(name, text, CodeFile).code
    codes = {(one.division, one.outcome): one.gcms for one in rows}
    if len(codes) != len(rows) or set(codes) != {(one, code) for one in DIVISIONS for code in OUTCOMES_OF[one]}:
        raise SetupWrong(Code.RULE_INVALID, where=name)
    return codes


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SetupWrong(Code.FILE_UNREADABLE, where="feed.codes") from None
