"""From when on a moment works, on its sheet, and what standard would have prevented it: its limits with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tiesa.core import formats
from tiesa.core.locale import _
from tiesa.moments.atoms import HOUR_US, Atom
from tiesa.moments.episodes import SECOND_US
from tiesa.moments.kept import Estimate
from tiesa.moments.sheet import Part
from tiesa.moments.words import atom_in_words, sentence

Threshold = Mapping[str, Any]
"""One limit, as `learned_thresholds` tells of it."""


def standard(one: Estimate) -> Part | None:
    """What standard would have prevented it, where a limit is ours to keep; else from when on it works."""
    thresholds = [(Atom.from_plain(threshold["condition"]), threshold) for threshold in one.get("thresholds", ())]
    if not thresholds:
        return _kept_at_all(one)
    heading = _("From when on it works")
    if thresholds[0][0].kind == "unanswered":
        heading = _("What standard would have prevented it")
    method = _(
        "The threshold at which the situation explains most, with the interval of those that explain as much (profile "
        "likelihood). It says from when on customers act differently, not what keeping it would cost."
    )
    answer, *others = (_told(*each) for each in thresholds)
    ends = [_("The interval reaches the last limit that was looked at: the true one may lie beyond.")]
    ends *= any(_reaches_the_end(threshold) for _atom, threshold in thresholds)
    if any(_is_elsewhere(threshold) for _atom, threshold in thresholds):
        ends.append(_("On the half that confirms, other limits explain more than the one that was found."))
    return Part("standard", heading, answer, (*others, *ends), method=method)


def _kept_at_all(one: Estimate) -> Part | None:
    """The same where what was missed is a standard already, or a promise."""
    missed = [atom for atom in map(Atom.from_plain, one["condition"]["all"]) if atom.kind in ("standard", "promise")]
    answers = [
        _("Keeping the standard “{name}”.").format(name=atom.name) if atom.kind == "standard" else
        _("Keeping what was promised, by the time for which it was.") for atom in missed
    ]  # fmt: skip
    if not answers:
        return None
    return Part("standard", _("What standard would have prevented it"), answers[0], tuple(answers[1:]))


def _told(atom: Atom, threshold: Threshold) -> str:
    is_wait = atom.kind in ("unanswered", "silence")
    limit = _limit(atom, threshold["value"]) if is_wait else atom_in_words(atom)
    if threshold.get("cannot_be_located"):
        return _("A limit exists, and where it lies cannot be located: {limit} was looked at.").format(limit=limit)
    between = formats.between(_limit(atom, threshold["low"]), _limit(atom, threshold["high"]))
    if atom.kind == "silence":
        return _("From {hours} of silence on (95 % interval {between}).").format(hours=limit, between=between)
    alone = threshold["low"] == threshold["high"]
    if atom.kind != "unanswered":
        words = {"condition": sentence(limit), "between": between}
        if alone:
            return _("{condition}: of the limits looked at no other explains as much.").format(**words)
        return _("{condition} (95 % interval {between}).").format(**words)
    if alone:
        return _("Answering within {hours}: of the limits looked at no other explains as much.").format(hours=limit)
    return _("Answering within {hours} (95 % interval {between}).").format(hours=limit, between=between)


def _limit(atom: Atom, value: float) -> str:
    """A limit alone, as people write it."""
    if atom.kind in ("unanswered", "silence"):
        return formats.length(value * HOUR_US / SECOND_US)
    if atom.name == "duration_s" and atom.kind == "over":
        return formats.length(value)
    return formats.number(value, digits=0 if float(value).is_integer() else 1)


def _reaches_the_end(threshold: Threshold) -> bool:
    """Whether the interval ends only because no limit beyond was looked at."""
    if threshold.get("cannot_be_located"):
        return False
    grid = threshold["grid"]
    return bool(threshold["low"] <= grid[0] or threshold["high"] >= grid[-1])


def _is_elsewhere(threshold: Threshold) -> bool:
    """Whether the limit that the search found lies outside its interval."""
    if threshold.get("cannot_be_located"):
        return False
    return not threshold["low"] <= threshold["value"] <= threshold["high"]
