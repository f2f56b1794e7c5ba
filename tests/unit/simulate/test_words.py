"""Comments read as if people had written them: in their language, to the point, and hardly ever twice the same."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest

from tiesa.simulate import Simulated
from tiesa.simulate.comments import OPINION_THEMES, REQUEST_THEMES
from tiesa.simulate.vocabulary import LANGUAGES
from tiesa.simulate.words import OPINIONS, REQUESTS, SLOT, opinions, phrases, requests, to_cyrillic

each_language = pytest.mark.parametrize("language", LANGUAGES.words)
LETTERS = {"sr": "čćžšđ", "lt": "ąčęėįšųūž", "ru": "ёыэщъ", "sl": "čšž", "ro": "ăâîșț", "en": "wxq"}


def generator() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(5))


@each_language
def test_every_language_knows_every_theme_and_slot(language: str) -> None:
    known = phrases(language)
    assert set(known.requests) == set(REQUEST_THEMES.words)
    assert set(known.clauses) == set(OPINION_THEMES.words)
    shapes = [*REQUESTS, *(shape for shapes in OPINIONS.values() for shape in shapes)]
    words = [w for group in (known.parts, known.requests) for phrase in group.values() for w in phrase]
    words += [w for moods in known.clauses.values() for phrase in moods.values() for w in phrase]
    own = {"clause", "other", "praise", "request", "more"}
    slots = {slot.lower() for text in (*shapes, *words) for slot in SLOT.findall(text)}
    assert slots <= {*known.parts, *own}
    for moods in known.clauses.values():
        assert set(moods) == {"neg", "pos"}


@each_language
def test_clauses_can_be_joined(language: str) -> None:
    """They begin small (but for "I") and end without a stop, so that any of them fits after any opening."""
    for moods in phrases(language).clauses.values():
        for clause in (*moods["neg"], *moods["pos"]):
            assert clause[0].islower() or clause.startswith("I ")
            assert clause[-1] not in ".!?,"


@each_language
def test_thousands_of_different_comments_are_possible(language: str) -> None:
    made = [
        text
        for theme in OPINION_THEMES.words
        for mood in OPINIONS
        for text in opinions(language, theme, mood, 400, generator())
    ]
    assert len(set(made)) > 3000
    asked = [text for theme in REQUEST_THEMES.words for text in requests(language, theme, 300, generator())]
    assert len(set(asked)) > 1500
    assert not [text for text in (*made, *asked) if "{" in text or not text.strip()]


@each_language
def test_letters_are_those_of_the_language(language: str) -> None:
    text = " ".join(opinions(language, "wait", "neg", 400, generator()) + requests(language, "chase", 400, generator()))
    assert text == unicodedata.normalize("NFC", text)
    missing = {letter for letter in LETTERS[language] if letter not in text.lower()}
    assert len(missing) <= len(LETTERS[language]) // 2
    if language == "ro":
        assert not set("şţŞŢ") & set(text), "cedilla in place of comma below"
    if language == "ru":
        assert len(re.findall("[a-z]", text)) < 20


def test_serbian_comes_in_both_scripts(made: Simulated) -> None:
    answers = made.tables["answers"].select(["language", "text"]).to_pylist()
    serbian = [row["text"] for row in answers if row["language"] == "sr" and row["text"]]
    cyrillic = [text for text in serbian if re.search("[а-ш]", text)]
    assert 0.1 < len(cyrillic) / len(serbian) < 0.4
    assert to_cyrillic("Njegov džep i Ljubljana, đubre čeka.") == "Његов џеп и Љубљана, ђубре чека."


def test_the_mood_of_the_words_is_that_of_the_score(made: Simulated) -> None:
    answers = made.tables["answers"].select(["kind", "value", "language", "text", "invitation_id"]).to_pylist()
    score = {row["invitation_id"]: row["value"] for row in answers if row["kind"] == "overall" and row["invitation_id"]}
    for part, good in (("more_pos", True), ("more_neg", False)):
        words = tuple(word for language in LANGUAGES.words for word in phrases(language).parts[part])
        scores = [
            score[row["invitation_id"]]
            for row in answers
            if row["kind"] == "open" and row["text"] and row["text"].endswith(words)
        ]
        assert len(scores) > 20
        assert min(scores) >= 7 if good else max(scores) <= 6


def test_only_messages_and_open_answers_hold_words(made: Simulated) -> None:
    for row in made.tables["contacts"].slice(0, 5000).select(["direction", "channel", "text"]).to_pylist():
        assert row["text"] is None or (row["direction"] == "inbound" and row["channel"] in ("email", "app", "web"))
    kinds = {row["kind"] for row in made.tables["answers"].select(["kind", "text"]).to_pylist() if row["text"]}
    assert kinds == {"open", "overall"}
