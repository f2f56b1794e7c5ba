"""Names, addresses and telephone numbers of people who do not exist, on domains and a country code nobody has."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.simulate.company import Draws
from tiesa.simulate.people import People
from tiesa.simulate.vocabulary import LANGUAGES
from tiesa.simulate.words import to_cyrillic

DOMAINS = ("example.com", "example.org", "example.net")
"""Reserved for examples by RFC 2606."""
PHONE_PREFIX = "+999"
"""A country code that is given to no country."""
_CYRILLIC_TO_MAIL = dict(zip("абвгдезиклмнопрстуфхыэёйь", "abvgdeziklmnoprstufhyeej", strict=False)) | {
    "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ь": "", "ъ": "",
}  # fmt: skip
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sr": (
        ("Milica", "Jovana", "Dragana", "Jelena", "Marija", "Nikolina", "Ljiljana", "Snežana", "Đurđa", "Ana"),
        ("Jovanović", "Petrović", "Nikolić", "Marković", "Đorđević", "Stojanović", "Ilić", "Pavlović", "Živković"),
    ),
    "lt": (
        ("Ona", "Rasa", "Eglė", "Lina", "Jurgita", "Daiva", "Rūta", "Živilė", "Kristina"),
        ("Kazlauskienė", "Petrauskaitė", "Jankauskienė", "Stankevičienė", "Žukauskaitė", "Butkutė", "Urbonienė"),
    ),
    "ru": (
        ("Анна", "Елена", "Ольга", "Мария", "Татьяна", "Наталья", "Ирина", "Светлана", "Юлия"),
        ("Иванова", "Смирнова", "Кузнецова", "Попова", "Васильева", "Соколова", "Михайлова", "Новикова", "Фёдорова"),
    ),
    "sl": (
        ("Ana", "Maja", "Nina", "Eva", "Mojca", "Katja", "Tjaša", "Špela", "Petra", "Živa"),
        ("Novak", "Horvat", "Kovačič", "Krajnc", "Zupančič", "Potočnik", "Kos", "Golob", "Turk", "Božič"),
    ),
    "ro": (
        ("Maria", "Elena", "Ioana", "Andreea", "Alexandra", "Mihaela", "Ștefania", "Cristina", "Ruxandra"),
        ("Popescu", "Ionescu", "Popa", "Radu", "Dumitru", "Stan", "Stoica", "Gheorghe", "Rusu", "Munteanu"),
    ),
    "en": (
        ("Emma", "Olivia", "Aoife", "Jack", "James", "Conor", "Sarah", "Daniel", "Grace", "Liam"),
        ("Murphy", "Kelly", "Walsh", "Smith", "Brown", "Wilson", "Taylor", "Ryan", "Doyle", "Clarke"),
    ),
}
"""First and last names by language. Where verbs show gender the phrases are a woman's, and so are names."""


def make_names(people: People, draws: Draws) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Name, mail address and telephone number of each customer; addresses and numbers are unique."""
    n = len(people)
    first_u, last_u = draws.uniform("first name", n), draws.uniform("last name", n)
    full = np.empty(n, dtype=object)
    plain = np.empty(n, dtype=object)
    for code, language in enumerate(LANGUAGES.words):
        firsts, lasts = NAMES[language]
        names = np.array([f"{first} {last}" for first in firsts for last in lasts], dtype=object)
        mails = np.array([_plain(name) for name in names], dtype=object)
        rows = np.flatnonzero(people.language == code)
        place = (first_u[rows] * len(firsts)).astype(int) * len(lasts) + (last_u[rows] * len(lasts)).astype(int)
        written = np.where(people.cyrillic[rows], np.array([to_cyrillic(name) for name in names], dtype=object)[place],
                           names[place])  # fmt: skip
        full[rows], plain[rows] = written, mails[place]
    number = pc.cast(pa.array(np.arange(n)), pa.string())
    domains = pa.array(DOMAINS).take(pa.array(draws.pick("domain", n, [2, 1, 1])))
    mail = pc.binary_join_element_wise(pa.array(plain, pa.string()), ".", number, "@", domains, "")
    phone = pc.binary_join_element_wise(PHONE_PREFIX, pc.utf8_lpad(number, 9, "0"), "")
    return pa.array(full, pa.string()), mail, phone


@cache
def _plain(name: str) -> str:
    """The name as the part of an address before the at sign.

    >>> _plain("Đorđe Živković"), _plain("Юлия Фёдорова")
    ('djordje.zivkovic', 'yuliya.fedorova')
    """
    letters = "".join(_CYRILLIC_TO_MAIL.get(c, c) for c in name.lower().replace("đ", "dj").replace("ё", "е"))
    return "".join(c for c in unicodedata.normalize("NFD", letters) if c.isascii()).replace(" ", ".")
