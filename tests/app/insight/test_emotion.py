"""What a customer felt stands in their story: picture, words and table; and where nothing is known, that."""

from __future__ import annotations

from tests.app.insight.test_pages import in_words
from tests.app.test_sentinels import seen_until_done as page

from tiesa.app.people.roles import Role
from tiesa.core import formats
from tiesa.journeys.story import story
from tiesa.journeys.story_emotion import emotion_table
from tiesa.journeys.view import open_view


def customers(home, having: str) -> list[int]:
    with open_view(home) as view:
        return [
            key
            for (key,) in view.rows(f"select customer_key from all_rows group by 1 having {having} order by 1 limit 3")
        ]


def test_every_known_emotion_is_in_the_table_and_counted_in_the_words(home, client_of) -> None:
    (key, *_more) = customers(home, "count(distinct emotion_source) = 3 and count(emotion) between 4 and 9")
    with open_view(home) as view:
        told = story(view, key)
    assert told is not None
    shown = page(client_of(Role.CX_MANAGER), f"/customers/{key}/")
    words = in_words(shown)
    assert f"An emotion is known of {len(told.felt)} of {len(told.steps)} contacts" in words
    for cells in emotion_table(told).cells():
        assert " ".join(" ".join(cells).split()) in words
    worst = min(step.facts["emotion"] for step in told.felt)
    drawn = client_of(Role.CX_MANAGER).get(f"/customers/{key}/emotion.svg?theme=dark&upright=1")
    assert "default-src 'none'" in drawn["Content-Security-Policy"]
    text = drawn.content.decode()
    assert formats.number(worst, digits=2, sign=True) in text
    for source, said in (("stated", "said by the customer"), ("observed", "noted by"), ("inferred", "read from words")):
        assert source in {step.facts["emotion_source"] for step in told.felt}
        assert said in text


def test_where_nothing_is_known_the_story_says_so_and_how_it_becomes_known(home, client_of) -> None:
    (key, *_more) = customers(home, "count(emotion) = 0")
    client = client_of(Role.CX_MANAGER)
    words = in_words(page(client, f"/customers/{key}/"))
    assert "Nothing is known of what this customer felt" in words
    assert "emotion_source" in words
    assert client.get(f"/customers/{key}/emotion.svg").status_code == 404


def test_the_picture_is_for_those_who_may_see_the_customer(home, client_of) -> None:
    with open_view(home) as view:
        (key,) = view.one(
            "select customer_key from all_rows where emotion is not null and customer_key not in (select customer_key "
            "from all_rows where unit = 'shop Vilnius') order by 1 limit 1"
        )
    assert client_of(Role.CX_MANAGER).get(f"/customers/{key}/emotion.svg").status_code == 200
    assert client_of(Role.ADVISER).get(f"/customers/{key}/emotion.svg").status_code == 404
    assert client_of(Role.VIEWER).get(f"/customers/{key}/emotion.svg").status_code == 403
