"""Joining on people whose truth is known: who is joined is one person, and most who are one are found.

A world of people with names, mail addresses and telephone numbers, some in a second system too: with the same address,
another way of writing the number, a slip in the name, or another script; families share addresses and numbers, offices
a switchboard, and common names are borne by many.
"""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest
from tests.unit.upkeep.homes import file_of, other, send

from tiesa.core.folding import folded
from tiesa.core.home import Home
from tiesa.journeys.joining.alike import proposals
from tiesa.journeys.joining.deciding import apply_rules
from tiesa.journeys.joining.links import join_store
from tiesa.journeys.joining.rules import parse_joining

FIRST = [
    "Ana",
    "Marko",
    "Jelena",
    "Nikola",
    "Milica",
    "Jovan",
    "Ivana",
    "Stefan",
    "Katarina",
    "Luka",
    "Jurgita",
    "Tomas",
    "Rasa",
    "Mindaugas",
    "Andreea",
    "Mihai",
    "Ioana",
    "Andrei",
    "Maja",
    "Janez",
    "Tanja",
    "Matej",
    "Olga",
    "Sergej",
    "Natalija",
    "Dmitrij",
]
CYRILLIC = str.maketrans("abvgdezijklmnoprstufhc", "абвгдезијклмнопрстуфхц")
RULES = parse_joining('[joining]\nautomatic = ["mail", "phone"]\ncountry_code = "+381"')


def people(seed: int, n: int) -> list[tuple[int, dict[str, str]]]:
    """Ids with their person: name, mail, phone, by which system."""
    chance, ids = random.Random(seed), list[tuple[int, dict[str, str]]]()
    families = ["".join(chance.choice("bdgklmnprstvz") + chance.choice("aeiou") for _ in range(3)) + "ić"
                for _ in range(n // 4)]  # fmt: skip
    for person in range(n):
        first, last = chance.choice(FIRST), chance.choice(families).capitalize()
        digits = f"6{chance.randrange(10**7, 10**8)}"
        local = folded(f"{first}.{last}{person}")
        who = {"name": f"{first} {last}", "mail": f"{local}@mail.example", "phone": f"+381 {digits}"}
        ids.append((person, who))
        luck = chance.random()
        if luck < 0.06:  # the same address, the name by its initial
            ids.append((person, {"name": f"{first[0]}. {last}", "mail": who["mail"].upper(), "phone": ""}))
        elif luck < 0.10:  # the number as people write it, the name in the other script
            plain = folded(who["name"]).translate(CYRILLIC)
            ids.append((person, {"name": plain, "mail": "", "phone": f"0{digits[:2]}/{digits[2:]}"}))
        elif luck < 0.15:  # nothing whole is the same: another provider, a slip in the name
            slip = who["name"][:-3] + who["name"][-2:]
            ids.append((person, {"name": slip, "mail": f"{local}@post.example", "phone": ""}))
        elif luck < 0.18:  # a family at one address: another person
            other_first = chance.choice([one for one in FIRST if one != first])
            ids.append((n + person, {"name": f"{other_first} {last}", "mail": who["mail"], "phone": ""}))
    for desk in range(n // 50):  # an office of six behind one number
        for seat in range(6):
            name = f"{chance.choice(FIRST)} {chance.choice(families).capitalize()}"
            one = {"name": name, "mail": f"seat{seat}.{desk}@office.example", "phone": f"+381 11 {desk:06d}0"}
            ids.append((2 * n + desk * 6 + seat, one))
    chance.shuffle(ids)
    return ids


@pytest.mark.parametrize("seed", [11, 12])
def test_who_is_joined_is_one_person_and_most_are_found(tmp_path: Path, seed: int) -> None:
    ids = people(seed, 1500)
    rows = [other(i, who=f"id {i}", ticket="", **who) for i, (_person, who) in enumerate(ids)]
    home = Home(tmp_path / "home")
    send(home, file_of(tmp_path, rows))
    person_of = [person for person, _who in ids]
    true = true_pairs(person_of)
    found = apply_rules(home, RULES)
    joined = pairs_of(home, len(ids))
    wrong = [pair for pair in joined if person_of[pair[0]] != person_of[pair[1]]]
    exact = {
        (a, b) for a, b in true
        if ids[a][1]["mail"].lower() == ids[b][1]["mail"].lower() or not (ids[a][1]["mail"] and ids[b][1]["mail"])
    }  # fmt: skip
    assert len(wrong) <= 0.01 * len(joined), [[ids[number][1] for number in pair] for pair in wrong]
    assert len(joined & exact) >= 0.99 * len(exact)
    assert found.conflicts, "families and offices are shown"
    proposed = {one.pair for one in proposals(home, RULES).items if one.reason is None}
    softer = true - exact
    right = proposed & true
    assert len(proposed & softer) >= 0.9 * len(softer)
    assert len(right) >= 0.9 * len(proposed)
    print(f"joined {len(joined)}, wrong {len(wrong)}, of {len(exact)}; proposed {len(proposed)}, right {len(right)}, "
          f"of {len(softer)}")  # fmt: skip


def true_pairs(person_of: list[int]) -> set[tuple[int, int]]:
    ids: dict[int, list[int]] = {}
    for i, person in enumerate(person_of):
        ids.setdefault(person, []).append(i)
    return {pair for same in ids.values() for pair in combinations(sorted(same), 2)}


def pairs_of(home: Home, n: int) -> set[tuple[int, int]]:
    from tiesa.journeys.joining.links import links_of
    from tiesa.journeys.joining.persons import Persons

    persons = Persons({})
    for link in links_of(join_store(home).version()):
        persons.join(*link.pair)
    return {pair for lowest in range(n) if (numbers := persons.numbers(lowest))[0] == lowest and len(numbers) > 1
            for pair in combinations(numbers, 2)}  # fmt: skip
