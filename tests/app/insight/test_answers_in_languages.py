"""An answer holds figures: worked out while somebody speaks one language, it says itself in another's."""

from __future__ import annotations

import pytest

from tiesa.app.insight.answers import RESULTS
from tiesa.core.locale import use_language
from tiesa.journeys.questions.result import Result
from tiesa.journeys.view import open_view


def everything_said(made: Result) -> tuple[object, ...]:
    picture = made.picture()
    tables = [(t.title, t.note, [c.heading for c in t.columns], t.data.to_pylist()) for t in made.tables()]
    return (made.as_plain(), tables, picture.alternative if picture else None)


@pytest.mark.parametrize("name", RESULTS)
def test_an_answer_says_itself_in_the_language_of_who_reads_it(name: str, home) -> None:
    with open_view(home) as view:
        english = RESULTS[name](view)
        with use_language("lt"):
            lithuanian = RESULTS[name](view)
    assert english.as_plain()["figures"] == lithuanian.as_plain()["figures"], "figures only"
    with use_language("lt"):
        assert everything_said(english) == everything_said(lithuanian)
    assert everything_said(english) == everything_said(lithuanian)
