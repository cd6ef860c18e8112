"""Plots as SVG text, drawn here: lines over time, and bars of two figures each. They say in words what they show."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

Series = Mapping[str, Sequence[tuple[float, float]]]
"""Points (seconds, value) by name."""

_COLOURS = ("#0b6e99", "#c2410c", "#3f7d20", "#7c3aed", "#a16207", "#be185d", "#334155")
_WIDE, _HIGH = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 34, 34
_ROW = 26


def lines(title: str, unit: str, series: Series) -> str:
    """Lines over seconds since the first package, from zero up."""
    most_x = max((x for points in series.values() for x, _ in points), default=0.0) or 1.0
    most_y = round_up(max((y for points in series.values() for _, y in points), default=0.0))
    wide, high = _WIDE - _LEFT - _RIGHT, _HIGH - _TOP - _BOTTOM
    parts = [
        f'<text x="{_LEFT - 6}" y="{_TOP + high * (1 - part):.1f}" text-anchor="end">{most_y * part:g}</text>'
        f'<path d="M{_LEFT} {_TOP + high * (1 - part):.1f}h{wide}" stroke="#cbd5e1"/>'
        for part in (0, 0.25, 0.5, 0.75, 1)
    ]
    parts += [
        f'<text x="{_LEFT + wide * part:.1f}" y="{_HIGH - 12}" text-anchor="middle">{most_x * part:.0f} s</text>'
        for part in (0, 0.5, 1)
    ]
    for place, (name, points) in enumerate(series.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        at = " ".join(f"{_LEFT + x / most_x * wide:.1f},{_TOP + high * (1 - y / most_y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(
            f'<text x="{_WIDE - _RIGHT + 10}" y="{_TOP + 12 + place * 18}" fill="{colour}">{escape(name)}</text>'
        )
    return _svg(f"{title}, {unit}", _HIGH, parts)


def bars(title: str, unit: str, rows: Mapping[str, tuple[float, float]]) -> str:
    """For each name a bar to the first figure, and a thinner one to the second; a figure is written beside each."""
    most = max((second for _, second in rows.values()), default=0.0) or 1.0
    wide = _WIDE - _RIGHT - 180
    parts = []
    for place, (name, (first, second)) in enumerate(rows.items()):
        top = _TOP + place * _ROW
        parts += [
            f'<text x="4" y="{top + 14}">{escape(name)}</text>',
            f'<rect x="150" y="{top + 8}" width="{second / most * wide:.1f}" height="4" fill="{_COLOURS[1]}"/>',
            f'<rect x="150" y="{top + 3}" width="{first / most * wide:.1f}" height="14" fill="{_COLOURS[0]}"/>',
            f'<text x="{156 + second / most * wide:.1f}" y="{top + 14}">{first:,.1f} · {second:,.1f}</text>',
        ]
    return _svg(f"{title}, {unit}", _TOP + len(rows) * _ROW + 8, parts)


def round_up(number: float) -> float:
    """The next of 1, 2, 4, 10, 20, 40, … at or above it, so that a quarter of it reads well; 1 for nothing."""
    if number <= 0:
        return 1.0
    step = 1.0
    while step * 10 < number:
        step *= 10
    while step > number:
        step /= 10
    return next(step * times for times in (1, 2, 4, 10) if step * times >= number)


def _svg(title: str, high: int, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {high}" role="img" font-family="sans-serif" '
        f'font-size="12"><title>{escape(title)}</title><rect width="{_WIDE}" height="{high}" fill="white"/>'
        f'<text x="4" y="18" font-weight="bold">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )
