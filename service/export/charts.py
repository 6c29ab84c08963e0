"""The three charts of a memo: revenue by need, needs by segment, renewals by risk.

Each is drawn from the memo's own numbers and comes with the same numbers as a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from service.export.blocks import Chart, Table
from service.export.drawing import ACCENT, LINE, QUIET, WARN, WIDTH, Drawing, fitted, width_of
from service.export.words import clean, counted, listed, money, short_date
from service.shapes import BoardRow, Memo, Theme

_ROW = 26.0
_LABEL = 280.0
_NAME = 12.0  # size of a need's name
_SEGMENTS = 8  # columns of their own; what is smaller stands together
_DAYS = 365
_LARGEST = 13.0  # radius of the account with the most revenue


def revenue(memo: Memo) -> Iterator[Chart]:
    """ARR by need. Nothing where there is no need or no ARR."""
    most = max((t.arr_usd for t in memo.needs), default=0.0)
    if most <= 0:
        return
    title = "Revenue a year of the accounts that voice each need"
    said = [f"need {t.rank}, {money(t.arr_usd)}" for t in memo.needs]
    drawing = Drawing(len(memo.needs) * _ROW + 6, title, f"{title}: {clean(listed(said))}.")
    left, right = _LABEL, 130.0
    for n, theme in enumerate(memo.needs):
        y = n * _ROW + 20
        drawing.text(0, y, _need(theme), size=_NAME)
        length = (WIDTH - left - right) * theme.arr_usd / most
        drawing.bar(left, y - 13, length, 17, ACCENT)
        told = f"{money(theme.arr_usd)} · {counted(theme.accounts_n, 'account')}"
        drawing.text(left + length + 7, y, told, size=12, colour=QUIET)
    table = Table(
        ("Need", "Revenue a year", "Accounts"),
        tuple((str(t.rank), money(t.arr_usd), str(t.accounts_n)) for t in memo.needs),
        (1, 2),
    )
    yield Chart(title, f"{title}: {clean(listed(said))}.", drawing.svg(), table)


def segments(memo: Memo) -> Iterator[Chart]:
    """Accounts that voice each need, by their segment. Nothing where no segment is known."""
    of = {row.account_id: clean(row.segment or "not known") for row in memo.board}
    weight: dict[str, float] = {}
    for row in memo.board:
        known = of[row.account_id]
        weight[known] = weight.get(known, 0.0) + (row.arr_usd or 0.0)
    voiced = {of[a.account_id] for t in memo.needs for a in t.accounts if a.account_id in of}
    if not voiced - {"not known"}:
        return
    columns = sorted(voiced, key=lambda s: (-weight[s], s))
    rest = columns[_SEGMENTS:]
    columns = columns[:_SEGMENTS] + (["all others"] if rest else [])
    counts = [_counts(theme, of, frozenset(rest)) for theme in memo.needs]
    title = "Accounts that voice each need, by segment"
    told = [
        f"need {t.rank}: " + listed([f"{n} in {s}" for s in columns if (n := c.get(s, 0))])
        for t, c in zip(memo.needs, counts, strict=True)
    ]
    description = f"{title}. {clean('; '.join(told))}."
    table = Table(
        ("Need", *columns),
        tuple(
            (str(t.rank), *(str(c.get(s, "")) for s in columns))
            for t, c in zip(memo.needs, counts, strict=True)
        ),
        tuple(range(1, len(columns) + 1)),
    )
    yield Chart(title, description, _grid(memo.needs, columns, counts, title, description), table)


def renewals(memo: Memo) -> Iterator[Chart]:
    """Who renews when within a year, by what they said. Nothing without renewal dates."""
    coming = [
        row
        for row in memo.board
        if row.renewal_date is not None and 0 <= (row.renewal_date - memo.as_of).days <= _DAYS
    ]
    if not coming:
        return
    lanes = _lanes(memo, coming)
    title = "Renewals in the next twelve months, by what was heard"
    told = [
        f"{name}: {listed([f'{clean(r.name)} on {short_date(_day(r))}' for r in rows])}"
        for name, rows in lanes.items()
        if rows
    ]
    description = f"{title}. {'; '.join(told)}."
    table = Table(
        ("Renews", "Account", "Revenue a year", "Heard"),
        tuple(
            (short_date(_day(row)), clean(row.name), money(row.arr_usd), name)
            for name, rows in lanes.items()
            for row in rows
        ),
        (2,),
    )
    yield Chart(title, description, _timeline(memo, lanes, title, description), table)


def _counts(theme: Theme, of: Mapping[str, str], rest: frozenset[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for account in theme.accounts:
        segment = of.get(account.account_id)
        if segment is not None:
            column = "all others" if segment in rest else segment
            found[column] = found.get(column, 0) + 1
    return found


def _grid(
    needs: Sequence[Theme],
    columns: Sequence[str],
    counts: Sequence[Mapping[str, int]],
    title: str,
    description: str,
) -> str:
    left, head = _LABEL, 92.0
    drawing = Drawing(head + len(needs) * _ROW, title, description)
    step = (WIDTH - left - 40) / len(columns)
    most = max((n for c in counts for n in c.values()), default=1)
    for n, segment in enumerate(columns):
        drawing.text(
            left + n * step + step / 2, head - 8, fitted(segment, 130, 12), size=12, turn=-35
        )
    for row, (theme, found) in enumerate(zip(needs, counts, strict=True)):
        y = head + row * _ROW + 20
        drawing.line(0, y + 9, WIDTH, y + 9)
        drawing.text(0, y, _need(theme), size=_NAME)
        for n, segment in enumerate(columns):
            x = left + n * step + step / 2
            if count := found.get(segment, 0):
                drawing.dot(x, y - 4, 11, ACCENT, 0.6 + 0.4 * count / most)
                drawing.text(
                    x, y, str(count), size=12, colour="#ffffff", anchor="middle", bold=True
                )
    return drawing.svg()


def _lanes(memo: Memo, coming: Sequence[BoardRow]) -> dict[str, list[BoardRow]]:
    """The renewals by what was heard of the account, the worst first, each by date."""
    leaving = {a.account_id for a in memo.at_risk if a.threat}
    hard = {a.account_id for a in memo.at_risk if not a.threat}
    lanes: dict[str, list[BoardRow]] = {
        "may leave": [],
        "complains hard": [],
        "no threat heard": [],
        "not heard": [],
    }
    for row in sorted(coming, key=_day):
        if row.account_id in leaving:
            lanes["may leave"].append(row)
        elif row.account_id in hard:
            lanes["complains hard"].append(row)
        else:
            lanes["no threat heard" if row.heard else "not heard"].append(row)
    return lanes


def _timeline(
    memo: Memo, lanes: Mapping[str, Sequence[BoardRow]], title: str, description: str
) -> str:
    left, foot = 118.0, 26.0
    stacked = {name: _stacked(memo, rows, left) for name, rows in lanes.items()}
    heights = {name: 14 + 27 * max(1, len(tracks)) for name, tracks in stacked.items()}
    drawing = Drawing(sum(heights.values()) + foot, title, description)
    bottom = sum(heights.values())
    largest = max((r.arr_usd or 0.0 for rows in lanes.values() for r in rows), default=0.0) or 1.0
    for months in range(0, 13, 3):
        x = left + (WIDTH - left - 20) * months / 12
        drawing.line(x, 0, x, bottom)
        drawing.text(
            x, bottom + 18, _month(memo.as_of, months), size=11, colour=QUIET, anchor="middle"
        )
    top = 0.0
    for name, tracks in stacked.items():
        drawing.text(0, top + 24, name, bold=True, colour=WARN if name == "may leave" else QUIET)
        for n, track in enumerate(tracks):
            y = top + 20 + n * 27
            for row in track:
                x = _x(memo, row, left)
                radius = 3 + (_LARGEST - 3) * ((row.arr_usd or 0.0) / largest) ** 0.5
                drawing.dot(x, y, radius, WARN if name == "may leave" else ACCENT, 0.85)
                label, flip = _label(row), _flips(x, row)
                at = x - radius - 4 if flip else x + radius + 4
                drawing.text(at, y + 4, label, size=11, anchor="end" if flip else "start")
        top += heights[name]
        drawing.line(0, top, WIDTH, top, LINE)
    return drawing.svg()


def _stacked(memo: Memo, rows: Sequence[BoardRow], left: float) -> list[list[BoardRow]]:
    """Rows on as few tracks as keep their labels apart."""
    tracks: list[tuple[float, list[BoardRow]]] = []
    for row in rows:
        x, wide = _x(memo, row, left), width_of(_label(row), 11) + 2 * _LARGEST + 8
        first, last = (x - wide, x + _LARGEST) if _flips(x, row) else (x - _LARGEST, x + wide)
        for n, (end, track) in enumerate(tracks):
            if first >= end:
                track.append(row)
                tracks[n] = (last, track)
                break
        else:
            tracks.append((last, [row]))
    return [track for _, track in tracks]


def _need(theme: Theme) -> str:
    return fitted(f"{theme.rank}  {clean(theme.label)}", _LABEL - 8, _NAME)


def _label(row: BoardRow) -> str:
    return fitted(clean(row.name), 160, 11)


def _flips(x: float, row: BoardRow) -> bool:
    """Whether a label would run out at the right."""
    return x + _LARGEST + 6 + width_of(_label(row), 11) > WIDTH


def _x(memo: Memo, row: BoardRow, left: float) -> float:
    return left + (WIDTH - left - 20) * (_day(row) - memo.as_of).days / _DAYS


def _day(row: BoardRow) -> date:
    return row.renewal_date or date.max


def _month(start: date, months: int) -> str:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return f"{date(year, month + 1, 1):%b %Y}"
