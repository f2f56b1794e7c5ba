"""Every page in every language: none of the sentences that the English page says stands on the other in English."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from tests.app.insight.test_pages import in_words
from tests.app.test_sentinels import seen_until_done as page

from tiesa.app.config.languages import TAGS
from tiesa.app.people.models import Person
from tiesa.app.people.roles import Role
from tiesa.core.home import Home
from tiesa.core.locale import DIRECTORY, LANGUAGES, _, use_language
from tiesa.journeys.view import open_view

PAGES = {
    Role.CX_MANAGER: [
        "/", "/journeys/", "/journeys/map/", "/journeys/process/", "/journeys/variants/", "/journeys/list/?which=open",
        "/journeys/compare/?with_channel=phone", "/journeys/answers/waits/", "/journeys/answers/fewer/",
        "/journeys/answers/again/", "/journeys/answers/silence/", "/journeys/answers/visibility/",
        "/journeys/answers/goals/", "/journeys/answers/optimum/", "/journeys/answers/expectations/",
        "/journeys/answers/standards/", "/touchpoints/", "/customers/", "/data/", "/data/bring", "/rules/",
        "/rules/standards/", "/people/me/", "/privacy/",
    ],
    Role.ADMINISTRATOR: ["/people/", "/people/keys/", "/people/audit/", "/account/second/", "/account/sessions/"],
    None: ["/account/sign-in/", "/account/password/forgotten/"],
}  # fmt: skip
NAMES = {"Tiesa", "English", "contacts", "outcomes", "journeys", "customer", "customers", "question", "answers"}
"""Also parts of file names, of addresses and of the examples of rules."""
NAMES |= {"prevention told"}  # a touchpoint that the templates look for
SHOWN: dict[tuple[str, str], str] = {}


@cache
def sentences() -> tuple[str, ...]:
    """Sentences of ours without placeholders, long enough not to be part of another by chance."""
    with (Path(DIRECTORY) / "tiesa.pot").open("rb") as file:
        ids = [part for m in read_po(file) if m.id for part in (m.id if isinstance(m.id, tuple) else (m.id,))]
    return tuple(sorted({i for i in ids if "{" not in i and "%" not in i and len(i) >= 8 and i not in NAMES}))


@pytest.mark.reads_the_home
@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_no_english_is_left(language: str, home, client_of, people, data_words) -> None:
    tag = TAGS.get(language, language)
    left = []
    for role, addresses in PAGES.items():
        client = client_of(role)
        for address in addresses:
            for spoken in ("en", tag):
                if (address, spoken) not in SHOWN:
                    SHOWN[address, spoken] = data_words.sub(" ", shown(client, people.get(role), address, spoken))
            english, other = SHOWN[address, "en"], SHOWN[address, tag]
            with use_language(language):
                said = [s for s in sentences() if said_in(s, english) and _(s) != s]
            left += [f"{address}: {s}" for s in said if said_in(s, other)]
    assert not left, "\n".join(left[:30])


COLUMNS = (
    "touchpoint", "channel", "unit", "process", "product", "reason", "organisation", "emotion_label", "type_of_journey",
)  # fmt: skip


@pytest.fixture(scope="module")
def data_words(home: Home) -> re.Pattern[str]:
    """What the data themselves say, which stays as it is in every language."""
    with open_view(home) as view:
        words = {
            str(w) for c in COLUMNS for (w,) in view.rows(f"select distinct {c} from all_rows where {c} is not null")
        }
        words |= {str(w) for (w,) in view.rows("select distinct segment from customers where segment is not null")}
        words |= {str(w) for (w,) in view.rows("select distinct scope from changes")}
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + r")(?!\w)")


def shown(client: Client, person: Person | None, address: str, tag: str) -> str:
    """The text of a page in a language."""
    if person is not None:
        Person.objects.filter(pk=person.pk).update(language=tag)
    client.cookies["tiesa_language"] = tag
    return in_words(page(client, address))


def said_in(sentence: str, text: str) -> bool:
    """Does the text say the sentence, not as part of longer words? (Looked up first: most pages say few of them.)"""
    return sentence in text and re.search(rf"(?<!\w){re.escape(sentence)}(?!\w)", text) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_which_language_it_speaks(language: str, client_of) -> None:
    client = client_of(None)
    client.cookies["tiesa_language"] = TAGS.get(language, language)
    response = client.get("/account/sign-in/")
    expected = {"sr": "sr-Cyrl", "sr_Latn": "sr-Latn"}.get(language, language)
    assert f'<html lang="{expected}"' in response.content.decode()
