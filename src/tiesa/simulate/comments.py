"""Which words go with which contact and which answer: the language, the theme and the mood of what happened."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tiesa.simulate.company import Codes, Company, Draws, Flags, Ints
from tiesa.simulate.questions import REVIEW_NUMBER
from tiesa.simulate.scene import NEVER
from tiesa.simulate.story import INBOUND
from tiesa.simulate.vocabulary import LANGUAGES, REASONS, TOUCHPOINTS, Words
from tiesa.simulate.words import opinions, requests, to_cyrillic
from tiesa.simulate.world import Life

REQUEST_THEMES = Words(
    ("internet", "app", "card", "transfer", "abroad", "chase", "again", "bill", "dispute", "terms", "documents",
     "information", "move")
)  # fmt: skip
THEME_OF_REASON = {
    "no internet": "internet",
    "slow internet": "internet",
    "app does not work": "app",
    "card does not work": "card",
    "money transfer missing": "transfer",
    "stranded abroad": "abroad",
}
THEME_OF_TOUCHPOINT = {
    "status asked": "chase",
    "fault reported again": "again",
    "bill question": "bill",
    "bill disputed": "dispute",
    "contract terms asked": "terms",
    "documents sent": "documents",
    "information sent": "information",
    "move announced": "move",
}
OPINION_THEMES = Words(
    ("general", "signup", "bill", "problem", "moving", "wait", "adviser", "promise", "queue", "documents")
)
THEME_OF_JOURNEY = ("general", "signup", "bill", "problem", "moving")
THEME_OF_SITUATION = {
    "cause_explained_follow_up": "adviser",
    "documents_asked_again": "documents",
    "queue_over_20_minutes": "queue",
    "bill_disputed_without_notice": "bill",
    "third_adviser": "adviser",
    "promise_broken": "promise",
    "second_message_unanswered": "wait",
}
"""What people write about when they met this; the later in the list, the more it weighs."""
MOODS = Words(("neg", "mid", "pos"))
MOOD_BOUNDS = (5.5, 7.3)


def contact_words(life: Life, rows: Ints) -> pa.Array:
    """What the customer wrote, where the contact is a message of theirs."""
    t = life.timeline
    theme = np.full(len(TOUCHPOINTS), -1)
    for touchpoint, name in THEME_OF_TOUCHPOINT.items():
        theme[TOUCHPOINTS[touchpoint]] = REQUEST_THEMES[name]
    by_reason = np.full(len(REASONS), REQUEST_THEMES["internet"])
    for reason, name in THEME_OF_REASON.items():
        by_reason[REASONS[reason]] = REQUEST_THEMES[name]
    themes = theme[t.touchpoint[rows]]
    reported = t.touchpoint[rows] == TOUCHPOINTS["fault reported"]
    themes = np.where(reported, by_reason[t.reason[rows]], themes)
    written = (t.direction[rows] == INBOUND) & ~t.live[rows] & (themes >= 0)
    customer = t.customer[rows]
    language, cyrillic = life.people.language[customer], life.people.cyrillic[customer]
    return _write(
        life.company, "contact", written, language, cyrillic, themes, np.zeros(len(rows), np.int64), len(rows)
    )


def answer_words(life: Life, language: Codes, open_number: int) -> pa.Array:
    """What was written in answer to the open question and in reviews."""
    answers, asking = life.answers, life.asking
    journey = np.maximum(answers.journey, 0)
    theme = np.array(OPINION_THEMES.all_of(*THEME_OF_JOURNEY))[life.journeys.type[journey]]
    for name, words in THEME_OF_SITUATION.items():
        met = asking.met[name][journey]
        theme = np.where((met != NEVER) & (met <= answers.at), OPINION_THEMES[words], theme)
    theme = np.where(answers.journey < 0, OPINION_THEMES["general"], theme)
    mood = np.searchsorted(MOOD_BOUNDS, answers.score, side="right")
    written = ((answers.question == open_number) | (answers.question == REVIEW_NUMBER)) & (language >= 0)
    owner = np.where(answers.customer >= 0, answers.customer, life.journeys.customer[journey])
    cyrillic = life.people.cyrillic[owner] & (language == LANGUAGES["sr"])
    return _write(life.company, "answer", written, language, cyrillic, theme, mood, len(answers))


def _write(
    company: Company, room: str, written: Flags, language: Codes, cyrillic: Flags, theme: Codes, mood: Codes, n: int
) -> pa.Array:
    """Words for the flagged rows, group by group of language, theme and mood; null elsewhere."""
    draws = Draws(company.seed, f"words of {room}")
    rows = np.flatnonzero(written)
    group = (language[rows] * 100 + theme[rows]) * 10 + mood[rows]
    order = np.argsort(group, kind="stable")
    rows, group = rows[order], group[order]
    texts: list[str] = []
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    for start, end in zip(starts, np.append(starts[1:], len(rows))[: len(starts)], strict=True):
        code = int(group[start])
        tongue, about, feeling = code // 1000, code // 10 % 100, code % 10
        generator = draws.generator(str(code))
        if room == "contact":
            made = requests(LANGUAGES.words[tongue], REQUEST_THEMES.words[about], end - start, generator)
        else:
            made = opinions(
                LANGUAGES.words[tongue], OPINION_THEMES.words[about], MOODS.words[feeling], end - start, generator
            )
        for number in np.flatnonzero(cyrillic[rows[start:end]]).tolist():
            made[number] = to_cyrillic(made[number])
        texts += made
    place = np.full(n, -1)
    place[rows] = np.arange(len(rows))
    return pa.array(texts, pa.string()).take(pa.array(place, mask=place < 0))
