import duckdb
import pytest

from tiesa.core.folding import folded, folded_sql
from tiesa.engines.duckdb import literal

NAMES = [
    "Đorđe Šćepanović", "Ђорђе Шћепановић", "Љиљана Њежић", "Žukauskienė", "Ąžuolas", "Ștefan Țurcanu",
    "Ştefan Ţurcanu", "Фёдор Щукин", "Майя Юрьева", "Čepič", "Müller", "O'Neill", "C0004601", "ana@example.org",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_database_folds_as_python_does(name: str) -> None:
    assert duckdb.sql(f"select {folded_sql(literal(name))}").fetchall() == [(folded(name),)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đorđević", "Ђорђевић"), ("Đorđević", "djordjevic"), ("Ştefan", "Ștefan"), ("žukauskienė", "ZUKAUSKIENE"),
        ("Фёдор", "Федор"), ("Љубица", "Ljubica"), ("Щукина Эмилия", "Šcukina Emilija"), ("Объявлен", "objavlen"),
        ("абвгдђежзијклљмнњопрстћуфхцчџш", "abvgdđežzijklljmnnjoprstćufhcčdžš"),
        ("Łódź, Ærø, Straße", "lodz, aero, strasse"),
    ],
)  # fmt: skip
def test_accents_and_scripts_do_not_matter(one: str, other: str) -> None:
    assert folded(one) == folded(other)
