"""From a request to an answer of the library: whose scope, which journeys, which evidence; worked out at the desk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from django.http import HttpRequest

from tiesa.app.config.installation import installation
from tiesa.app.insight.answers import PICTURES, RESULTS
from tiesa.app.insight.desk import DESK, NotYet
from tiesa.app.insight.filters import Choice, Filters, choices, read
from tiesa.app.insight.lending import LENDER
from tiesa.app.insight.small_groups import TooFew, fitted, refuse_few, sees_figures_only
from tiesa.app.people.policies import access_of
from tiesa.app.people.roles import Right
from tiesa.contacts.log import ContactLog
from tiesa.contacts.private import Private
from tiesa.core.errors import EmptyHome, TiesaError
from tiesa.core.home import Home
from tiesa.core.locale import current_language
from tiesa.core.scope import Scope
from tiesa.core.tables import CHANGE
from tiesa.journeys.evidence import Evidence, evidence
from tiesa.journeys.selection import Selection
from tiesa.journeys.view import View, open_view
from tiesa.moments.kept import register_marks
from tiesa.pictures.palette import Theme
from tiesa.reports.picture_file import Drawable

Made = TypeVar("Made")


@dataclass(frozen=True)
class Look:
    """What one request looks at.

    identities: version of the table of who is who. rules: when each rules file and each register of moments changed,
    and the version of the table of changes. withholds_few: is it somebody who may see figures only?
    """

    home: Home
    scope: Scope
    filters: Filters
    found: Evidence
    identities: int
    rules: tuple[tuple[str, int], ...] = ()
    withholds_few: bool = False

    @property
    def selection(self) -> Selection:
        return self.filters.selection

    def lent(self) -> AbstractContextManager[View]:
        """A view of everything within the scope, for a short question."""
        return LENDER.lend(self.home, self.scope, self.found.version, self.identities)

    def ask(
        self,
        name: Hashable,
        make: Callable[[View], Made],
        *,
        selection: Selection | None = None,
        patience: float | None = 0.25,
        names_only: bool = False,
    ) -> Made:
        """An answer made from a view of this look, fit for the person. name: of the question, with whatever else it
        depends on. names_only: it holds no figure.

        Raises: NotYet while it is being worked out, TooFew where there are too few customers to tell of.
        """
        chosen = self.selection if selection is None else selection

        def made() -> Made:
            with open_view(self.home, chosen, scope=self.scope, version=self.found.version) as view:
                if not self.withholds_few or names_only:
                    return make(view)
                refuse_few(view)
                return cast(Made, fitted(make(view)))

        return DESK.ask((*self._of(chosen), name), made, patience=patience)

    def ask_all(self, wanted: Mapping[str, Callable[[View], Any]], *, patience: float = 0.25) -> dict[str, Any]:
        """Several answers by name, worked out side by side. Raises: NotYet while one of them is missing."""
        for name, make in wanted.items():
            with suppress(NotYet):
                self.ask(name, make, patience=0)
        return {name: self.ask(name, make, patience=patience) for name, make in wanted.items()}

    def picture(self, name: str) -> Drawable | None:
        """A picture that is ready to be drawn. Raises: NotYet."""
        return self.drawn(("picture", name), self._draws(name))

    def drawable(self, name: str) -> Drawable | None:
        """The same, waited for."""
        return self.drawn(("picture", name), self._draws(name), patience=None)

    def _draws(self, name: str) -> Callable[[View], Drawable | None]:
        return lambda view: PICTURES[name](view, self.withholds_few)

    def svg(self, name: str, theme: Theme, *, upright: bool) -> str:
        """A picture, drawn; "" where the data give none. Waits for it."""
        made = self.drawable(name)
        if made is None:
            return ""
        key = (*self._of(self.selection), "svg", name, theme.name, upright, current_language())
        return DESK.ask(key, lambda: made.draw(theme, upright, False), patience=None)

    def _of(self, selection: Selection) -> tuple[Hashable, ...]:
        """What every answer depends on. Who was erased since is in no answer: their number is in the key."""
        known = (str(self.home.root), self.found.version, self.identities, self.rules)
        return (*known, self.scope, self.withholds_few, selection)

    def drawn(self, name: Hashable, make: Callable[[View], Made], **options: Any) -> Made:
        """The same for what holds words: kept per language."""
        return self.ask((name, current_language()), make, **options)

    def choices(self) -> tuple[Choice, ...]:
        """What the filter bar offers."""
        return self.drawn("choices", choices, selection=Selection(), patience=None, names_only=True)


def look(request: HttpRequest, right: Right = Right.SEE_FIGURES) -> Look:
    """What this request looks at, by its address and its person.

    Raises: EmptyHome where there are no journeys yet.
    """
    home = installation().place
    found, known, rules = _now(home)
    access = access_of(request.user)
    scope, few = access.scope(right), right not in _OF_SINGLE_ONES and sees_figures_only(access)
    warm(home, scope, withholds_few=few)
    return Look(home, scope, read(request.GET, found.last_contact), found, known, rules, few)


_OF_SINGLE_ONES = (Right.SEE_CUSTOMERS, Right.SEE_NAMES, Right.SEE_WORDS)
FRESH_S = 0.5
"""So long what a home holds is taken for granted; a page with a dozen pictures asks a dozen times."""
_seen: dict[str, tuple[float, Evidence, int, tuple[tuple[str, int], ...]]] = {}


def _now(home: Home) -> tuple[Evidence, int, tuple[tuple[str, int], ...]]:
    """The latest evidence of a home, the version of its table of who is who, and the state of its rules."""
    known = _seen.get(str(home.root))
    if known is None or time.monotonic() - known[0] > FRESH_S:
        rules = tuple((file.name, file.stat().st_mtime_ns) for file in sorted(home.rules.glob("**/*.toml")))
        rules += ((CHANGE.plural, ContactLog(home).store(CHANGE).version().number), *register_marks(home))
        known = (time.monotonic(), evidence(home), Private(home).identities.version().number, rules)
        _seen[str(home.root)] = known
    return known[1:]


def look_anew() -> None:
    """Take nothing for granted: the person just changed something that is shown."""
    _seen.clear()


_warmed: set[Hashable] = set()
_warming = threading.Lock()


def warm(home: Home, scope: Scope, *, withholds_few: bool = False) -> None:
    """Work out what the first pages of such a person show, in the background, once per evidence number: whoever comes
    first after a build need not wait for it."""
    try:
        found, known, rules = _now(home)
    except EmptyHome:
        return
    key = (str(home.root), found.version, known, rules, scope, withholds_few)
    with _warming:
        if key in _warmed:
            return
        _warmed.add(key)
    seen = Look(home, scope, Filters(), found, known, rules, withholds_few)
    threading.Thread(target=_warm, args=(seen,), name="warm", daemon=True).start()


def _warm(seen: Look) -> None:
    from duckdb import IOException  # this evidence was cleared away meanwhile: nobody will ask for it

    wanted: list[Callable[[], object]] = [seen.choices]
    wanted += [partial(seen.ask, name, make, patience=None) for name, make in RESULTS.items()]
    wanted += [partial(seen.drawable, name) for name in ("map", "variants", "process-1")]
    for ask in wanted:
        with suppress(TiesaError, NotYet, TooFew, IOException):
            ask()
