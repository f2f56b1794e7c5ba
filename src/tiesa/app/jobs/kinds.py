"""The kinds of jobs there are: each app names its own, and who may ask for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiesa.app.people.roles import Right

if TYPE_CHECKING:
    from tiesa.app.jobs.work import Running

Work = Callable[["Running", dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. run: does it and returns its result; may be run again after a worker died, with the same effect as
    once. right: what a person needs to ask for it, see it and stop it. words: its name for people (a function, since
    the language is that of the reader)."""

    name: str
    run: Work
    right: Right
    words: Callable[[], str]


KINDS: dict[str, Kind] = {}


def kind(name: str, *, right: Right, words: Callable[[], str]) -> Callable[[Work], Work]:
    """Register a function as a kind of job."""

    def register(run: Work) -> Work:
        KINDS[name] = Kind(name, run, right, words)
        return run

    return register
