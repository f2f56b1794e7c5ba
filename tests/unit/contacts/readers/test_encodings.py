"""The encoding is told by the letters of the six languages."""

from __future__ import annotations

import pytest

from tiesa.contacts.readers.encodings import find_encoding

TEXTS = {
    "en": ("cp1250", "The customer called – twice – about the invoice; “nobody answered”"),
    "sl": ("cp1250", "Račun še ni prišel, čeprav sem že večkrat klical vašo službo"),
    "sr_Latn": ("cp1250", "Pošiljka još nije stigla, već čekam nedelju dana i niko se ne javlja; đubre"),
    "ro": ("cp1250", "Coletul nu a ajuns încă, aştept de o săptămână şi nimeni nu răspunde la întrebări"),
    "lt": ("cp1257", "Sąskaita dar neatėjo, nors jau kelis kartus skambinau į jūsų skyrių"),
    "ru": ("cp1251", "Счёт до сих пор не пришёл, хотя я уже несколько раз звонил"),
    "sr": ("cp1251", "Пошиљка још није стигла, већ чекам недељу дана и нико се не јавља"),
}
SHORT = [
    ("cp1250", "že"),
    ("cp1250", "Miloš Đukić"),
    ("cp1250", "plată întârziată"),
    ("cp1257", "išsiųsta"),
    ("cp1257", "Žmogus ėjo"),
    ("cp1257", "Europą"),
    ("cp1251", "да"),
    ("cp1251", "были"),
    ("cp1251", "Њива"),
]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_told_in_every_language(language: str, encoding: str) -> None:
    text = f"customer;text\r\n17;{TEXTS[language][1]}\r\n"
    assert find_encoding(text.encode(encoding)) == encoding


@pytest.mark.parametrize("language", [language for language in TEXTS if language != "en"])
def test_the_code_page_is_told_by_one_row(language: str) -> None:
    page, text = TEXTS[language]
    assert find_encoding(f"id;text\n1;{text}\n".encode(page)) == page
    assert find_encoding(f"ID;TEXT\n1;{text.upper()}\n".encode(page)) == page


@pytest.mark.parametrize(("page", "text"), SHORT)
def test_a_few_letters_are_enough(page: str, text: str) -> None:
    assert find_encoding(f"id;text\n1;{text}\n".encode(page)) == page


def test_plain_ascii_is_utf8() -> None:
    assert find_encoding(b"customer,channel\n1,phone\n") == "utf-8"


def test_utf8_with_a_wrong_byte_stays_utf8() -> None:
    assert find_encoding(TEXTS["sl"][1].encode() * 3 + b"\xe9") == "utf-8"


def test_a_sample_cut_inside_a_character_stays_utf8() -> None:
    assert find_encoding("čšž".encode()[:-1]) == "utf-8"


def test_shared_punctuation_alone_decides_nothing_that_matters() -> None:
    content = TEXTS["en"][1].encode("cp1250")
    assert content.decode(find_encoding(content)) == TEXTS["en"][1]
