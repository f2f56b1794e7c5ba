"""Small groups: who may see figures only sees no row that is one customer's, and no figure that tells of so few.

One place for pages, pictures and exports: `Look.ask` passes every answer through `fitted` before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pyarrow as pa

from tiesa.app.people.policies import Access
from tiesa.app.people.roles import Right
from tiesa.core.intervals import Share, share
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, ShownTable
from tiesa.core.small_groups import FEWEST, is_small, withheld
from tiesa.journeys.compare import Comparison
from tiesa.journeys.questions.result import Result, plain_of
from tiesa.journeys.selection import ALL
from tiesa.journeys.view import View
from tiesa.pictures.charts_frame import Picture, noted
from tiesa.pictures.palette import LIGHT, Theme

_COUNTS = ("n", "customers", "journeys", "contacts", "at_risk")
_OF_ONE = ("customer_key", "customer", "case_id", "contact_id")
_RESTING_ON = {
    "felt": ("emotion", "emotion_low", "emotion_high", "coverage", "coverage_low", "coverage_high"),
    "emotion_n": ("emotion", "emotion_low", "emotion_high"),
    "judged": ("unseen", "unseen_share", "unseen_low", "unseen_high", "share", "low", "high"),
    "starts": (),
    "ends": (),
}
"""Counts inside a row, and the figures of the row that rest on them."""
_SUMMED = {"waits": ("standards",), "fewer": ("rules", "savings"), "goals": ("stated",)}
"""Tables of an answer of which its sentences tell the sum alone: that is no small group, unless it is one itself."""
_NEEDED = {"organisations": ("lanes",), "optimum": ("by_contacts",), "goals": ("curve",), "fewer": ("rules",)}
"""Tables without any row of which an answer has nothing to say or to draw."""


class TooFew(Exception):
    """The selection, or all but it, holds fewer customers than may be told of."""


def sees_figures_only(access: Access) -> bool:
    """Are there journeys whose figures somebody may see, but not the single customers?"""
    customers, figures = access.scope(Right.SEE_CUSTOMERS), access.scope(Right.SEE_FIGURES)
    if customers.sees_everything:
        return False
    known = {(part.units, part.processes) for part in customers.parts()} if access.may(Right.SEE_CUSTOMERS) else set()
    return any((part.units, part.processes) not in known for part in figures.parts())


def fit_for(access: Access, tables: Sequence[ShownTable]) -> tuple[ShownTable, ...]:
    """The tables as somebody may see them: whole for who may see single customers, else without small groups."""
    return _fit(tables) if sees_figures_only(access) else tuple(tables)


def refuse_few(view: View) -> None:
    """Raises: TooFew where the selected journeys, or those left out, are those of too few customers: the figures of
    these are the difference of two pages."""
    chosen = view.one("select count(*) from (select distinct customer_key from journeys limit 100)")[0]
    if is_small(chosen):
        raise TooFew
    if view.selection == ALL:
        return
    rest = view.one(
        "select count(*) from (select distinct customer_key from all_journeys "
        "anti join journeys using (customer_key, journey_no) limit 100)"
    )[0]
    if is_small(rest):
        raise TooFew


def fitted(made: Any) -> Any:
    """An answer as those may have it who see figures only. Other things than answers are made fit where they are made
    (pictures) or shown (tables)."""
    if isinstance(made, Result) and not isinstance(made, FitResult):
        return FitResult(made)
    if isinstance(made, Comparison):
        few = [d for d in made.differences if is_small(d.first.n) or is_small(d.second.n)]
        return replace(made, differences=tuple(d for d in made.differences if d not in few))
    return made


class FitResult(Result):
    """An answer without its small groups. Sentences and pictures are made from what is left; the tables say how many
    rows they lack. Sums over all journeys stay as they are: they are of no group."""

    def __init__(self, made: Result) -> None:
        self._made = made
        self._told = _without_few(made, besides=_SUMMED.get(made.name, ()))
        self._drawn = _without_few(made)
        self._is_told = _says_as_much(made, self._told)
        self._may_draw = _says_as_much(made, self._drawn)
        self._lacks = _rows(self._drawn) < _rows(made)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_told"], name)

    @property
    def number(self) -> int:  # type: ignore[override]
        return self._made.number

    @property
    def name(self) -> str:  # type: ignore[override]
        return self._made.name

    @property
    def can_be_judged(self) -> bool:
        return self._is_told and self._told.can_be_judged

    @property
    def needs_attention(self) -> bool:
        return self.can_be_judged and self._told.needs_attention

    def question(self) -> str:
        return self._made.question()

    def answer(self) -> str:
        return self._told.answer() if self._is_told else too_few_words()

    def findings(self) -> tuple[str, ...]:
        return self._told.findings() if self._is_told else ()

    def missing(self) -> str:
        return self._made.missing()

    def explain(self) -> str:
        return self._made.explain()

    def tables(self) -> tuple[ShownTable, ...]:
        return _fit(self._made.tables())

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        return self._said(self._drawn.picture(theme=theme, width=width)) if self._may_draw else None

    def over_time(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        return self._said(self._drawn.over_time(theme=theme, width=width)) if self._may_draw else None

    def _said(self, picture: Picture | None) -> Picture | None:
        return noted(picture, left_out_words()) if picture is not None and self._lacks else picture

    def as_plain(self) -> dict[str, Any]:
        single = [n for n, table in _tables_of(self._drawn).items() if set(_OF_ONE) & set(table.column_names)]
        figures = {name: value for name, value in plain_of(self._drawn).items() if name not in single}
        return {
            "number": self.number,
            "question": self.question(),
            "answer": self.answer(),
            "findings": list(self.findings()),
            "missing": self.missing() or None,
            "figures": figures if self._is_told else {},
            "explain": self.explain(),
        }


def left_out_words() -> str:
    """The sentence of a picture that lacks small groups."""
    return _("Groups of fewer than {few} are not drawn, for privacy.").format(few=FEWEST)


def too_few_words() -> str:
    """The sentence in the place of an answer that would tell of too few."""
    return _("Too few customers to show this without telling of single ones (fewer than {few}).").format(few=FEWEST)


def _fit(tables: Sequence[ShownTable]) -> tuple[ShownTable, ...]:
    return tuple(_without_rows(table) for table in tables if not set(_OF_ONE) & set(table.data.column_names))


def _without_rows(table: ShownTable) -> ShownTable:
    groups = next((c.name for c in table.columns if c.kind == Kind.TEXT), None)
    small, others = _hidden(table.data, groups)
    data = _blanked(_left(table.data, small | others))
    notes = [table.note]
    if small:
        notes.append(
            ngettext(
                "{n} row of fewer than {few} is not shown, for privacy.",
                "{n} rows of fewer than {few} are not shown, for privacy.",
                len(small),
            ).format(n=len(small), few=FEWEST)
        )
    if others:
        notes.append(
            ngettext(
                "Nor is {n} more, from which these could be worked out.",
                "Nor are {n} more, from which these could be worked out.",
                len(others),
            ).format(n=len(others))
        )
    return replace(table, data=data, note=" ".join(filter(None, notes)))


def _hidden(data: pa.Table, groups: str | None) -> tuple[set[int], set[int]]:
    """The rows that are small groups, and those that would give them away: within the whole table, and within the rows
    of the same first word."""
    names = [name for name in _COUNTS if name in data.column_names and pa.types.is_integer(data[name].type)]
    if "n" in names:  # then the others may be what the rows are about, such as a number of contacts
        names = [name for name in names if name in ("n", "at_risk")]
    if not names or not data.num_rows:
        return set(), set()
    columns = [data[name].to_pylist() for name in names]
    small = {i for i in range(data.num_rows) if any(is_small(column[i]) for column in columns)}
    margins: list[list[Any]] = [[0] * data.num_rows]
    if groups is not None and groups in data.column_names:
        words = data[groups].to_pylist()
        margins.append([("", word) if words.count(word) > 1 else None for word in words])
    return small, set(withheld(columns[0], margins, besides=small)) - small


def _left(data: pa.Table, hidden: set[int]) -> pa.Table:
    return data.filter(pa.array([i not in hidden for i in range(data.num_rows)], pa.bool_())) if hidden else data


def _blanked(data: pa.Table) -> pa.Table:
    """The rows without figures that rest on a small count inside them."""
    for count, resting in _RESTING_ON.items():
        if count not in data.column_names:
            continue
        small = [is_small(n) for n in data[count].to_pylist()]
        if not any(small):
            continue
        for name in (count, *(one for one in resting if one in data.column_names)):
            told = [None if hidden else value for hidden, value in zip(small, data[name].to_pylist(), strict=True)]
            place = data.schema.get_field_index(name)
            data = data.set_column(place, name, pa.array(told, data.schema.field(name).type))
    return data


def _without_few(made: Result, *, besides: Sequence[str] = ()) -> Result:
    """A copy whose tables and shares lack small groups."""
    changed: dict[str, Any] = {}
    for name, table in _tables_of(made).items():
        if set(_OF_ONE) & set(table.column_names):
            continue
        if name in besides and not is_small(sum(n or 0 for n in table["n"].to_pylist())):
            continue
        words = next((f.name for f in table.schema if pa.types.is_string(f.type)), None)
        small, others = _hidden(table, words)
        judged = table["judged"].to_pylist() if "judged" in table.column_names else []
        small |= {i for i, n in enumerate(judged) if is_small(n)}
        if small:
            changed[name] = _left(table, small | others)
    for field in fields(made):  # type: ignore[arg-type]
        if isinstance(value := getattr(made, field.name), Share) and is_small(value.n):
            changed[field.name] = share(0, 0)
    return replace(made, **changed) if changed else made  # type: ignore[type-var]


def _says_as_much(made: Result, left: Result) -> bool:
    """Can the answer still be given, rather than one that would say that there is nothing?"""
    tables, known = _tables_of(left), _tables_of(made)
    emptied = [name for name in _NEEDED.get(made.name, ()) if known[name].num_rows and not tables[name].num_rows]
    if emptied or bool(getattr(made, "ours", None)) != bool(getattr(left, "ours", None)):
        return False
    return left.can_be_judged == made.can_be_judged


def _tables_of(made: Result) -> dict[str, pa.Table]:
    names = [field.name for field in fields(made)]  # type: ignore[arg-type]  # every answer of the library is one
    return {name: value for name in names if isinstance(value := getattr(made, name), pa.Table)}


def _rows(made: Result) -> int:
    return sum(table.num_rows for table in _tables_of(made).values())
