"""One domain of words: by language, by meaning, and from data files."""

from __future__ import annotations

import pytest

from tiesa.core.locale import _, pgettext, told, use_language


@pytest.mark.parametrize("language", ["lt", "ru", "ro", "sr", "sr_Latn"])
def test_a_word_with_two_meanings_has_two_translations(language: str) -> None:
    with use_language(language):
        assert pgettext("of a thing", "Name") != _("Name")
        assert "Name" not in (pgettext("of a thing", "Name"), _("Name"))
    assert pgettext("of a thing", "Name") == "Name"


def test_words_of_our_data_files_are_translated_and_those_of_others_are_not() -> None:
    with use_language("lt"):
        assert told("consumer complaint") == "vartotojo skundas"
        assert told("Call list of a telephone system") != "Call list of a telephone system"
        assert told("our very own words") == "our very own words"
        assert told("") == ""
