"""Situations that a person defines: read as they were written, refused with the place, added and taken away whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tiesa.cli.main import app
from tiesa.core.errors import InvalidRules, WrongUsage
from tiesa.core.home import Home
from tiesa.moments.atoms import COUNTED, NAMED, Atom
from tiesa.moments.defined import CONDITIONS, Given, added, parse_situations, read_situations, without
from tiesa.moments.situations import Situation
from tiesa.upkeep.rule_files import RULE_FILES, read_text, write_rules

CHECKOUT = Path(__file__).resolve().parents[3]
WAITS = """# ours
[[situations]]
name = "Second message waits"
all = [{atom = "message", k = 2}, {atom = "unanswered", owner = "us", threshold_h = 72}]
"""
PRICE = """[[situations]]
name = "Price without notice"
all = [{atom = "touchpoint", touchpoint = "bill disputed"}, {atom = "attribute", attribute = "notice", value = "none"}]
"""
EXAMPLES = {
    '{atom = "unanswered", threshold_h = 24}': Atom("unanswered", "us", 24),
    '{atom = "unanswered", threshold_h = 1.5}': Atom("unanswered", "us", 1.5),
    '{atom = "silence", owner = "customer", threshold_h = 48}': Atom("silence", "customer", 48),
    '{atom = "promise"}': Atom("promise", "promise", "broken"),
    '{atom = "standard", standard = "A day"}': Atom("standard", "A day", "missed"),
    '{atom = "handover_to", unit = "desk"}': Atom("handover_to", "unit", "desk"),
    '{atom = "attribute", attribute = "queue_min", at_least = 21}': Atom("attribute_over", "queue_min", 21.0),
    '{atom = "attribute", attribute = "theme", value = "price"}': Atom("attribute", "theme", "price"),
    '{atom = "severity", at_least = 3}': Atom("over", "severity", 3),
    '{atom = "duration_s", at_least = 660}': Atom("over", "duration_s", 660.0),
    '{atom = "recent_contacts", at_least = 3}': Atom("over", "recent_contacts", 3),
    '{atom = "emotion", at_most = -0.5}': Atom("under", "emotion", -0.5),
    **{f'{{atom = "{name}", k = 2}}': Atom("count", name, 2) for name in COUNTED},
    **{f'{{atom = "{name}", {name} = "x"}}': Atom("word", name, "x") for name in NAMED},
}


def of(condition: str) -> str:
    return f'[[situations]]\nname = "it"\nall = [{condition}]\n'


@pytest.mark.parametrize("condition", EXAMPLES, ids=lambda text: text[9:30])
def test_a_condition_is_read_and_has_the_id_of_the_generated_one(condition: str) -> None:
    (one,) = parse_situations(of(condition))
    expected = Situation.of([EXAMPLES[condition]])
    assert one == Given("it", expected)
    assert one.situation.id == expected.id  # 72 and 72.0 are one threshold, but two ids
    assert Situation.from_plain(one.situation.as_plain()) == expected


def test_every_condition_that_can_be_written_is_tried_here() -> None:
    assert {text.split('"')[1] for text in EXAMPLES} == set(CONDITIONS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (of('{atom = "mood"}'), r"situations\[1\]\.all\[1\]\.atom"),
        (of('{atom = "message"}'), "needs k"),
        (of('{atom = "message", k = 0}'), r"all\[1\]\.k"),
        (of('{atom = "message", k = 1.5}'), "whole number"),
        (of('{atom = "message", k = 2, colour = "red"}'), "colour"),
        (of('{atom = "unanswered", owner = "customer", threshold_h = 24}'), "owner"),
        (of('{atom = "unanswered", threshold_h = -1}'), "threshold_h"),
        (of('{atom = "touchpoint"}'), "touchpoint"),
        (of('{atom = "emotion", at_most = -7}'), "at_most"),
        (of('{atom = "promise", state = "kept"}'), "state"),
        (of('"message"'), "list of tables"),
        (of(""), "1 to 6 conditions"),
        (of('{atom = "promise"}, {atom = "promise"}'), "twice"),
        (of('{atom = "promise"}') + "colour = 1\n", "colour"),
        (WAITS + WAITS, "two situations of the name"),
        (WAITS + WAITS.replace("Second", "Another"), "conditions of Second message waits"),
        ('[[situations]]\nall = [{atom = "promise"}]', "name"),
        ("[[situation]]", "situation"),
        ("[[situations", "not TOML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidRules, match=said) as refused:
        parse_situations(text)
    assert "situations.toml" in str(refused.value.where)


def test_a_home_without_any_has_none(tmp_path: Path) -> None:
    assert read_situations(Home(tmp_path)) == ()
    assert parse_situations(RULE_FILES["situations"].example())


def test_the_example_of_the_documents_is_the_one_that_is_shipped() -> None:
    shipped = (CHECKOUT / "examples" / "situations.toml").read_text("utf-8")
    assert shipped.partition("\n")[2] in (CHECKOUT / "docs" / "moments.md").read_text("utf-8")
    assert len(parse_situations(shipped)) == 2


def test_situations_are_added_and_taken_away_and_comments_stay() -> None:
    both = added(WAITS, PRICE)
    assert [one.name for one in parse_situations(both)] == ["Second message waits", "Price without notice"]
    one = without(both, "Price without notice")
    assert [left.name for left in parse_situations(one)] == ["Second message waits"]
    assert "# ours" in one
    assert without(WAITS, "Second message waits") == ""
    with pytest.raises(WrongUsage, match="nobody"):
        without(WAITS, "nobody")


def tiesa(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["situations", *words])
    return result.exit_code, result.output + str(result.exception or "")


def test_the_command_lists_checks_adds_and_removes(tmp_path: Path) -> None:
    home, waits, price, broken = Home(tmp_path / "home"), tmp_path / "w.toml", tmp_path / "p.toml", tmp_path / "b.toml"
    waits.write_text(WAITS)
    price.write_text(PRICE)
    broken.write_text(of('{atom = "mood"}'))
    here = ("--home", str(home.root))
    assert tiesa(*here)[0] == 0
    status, said = tiesa("--check", str(waits), *here)
    assert (status, read_text(home, "situations")) == (0, "")
    assert "no answer from us for 3 days; message 2 of the journey" in said
    assert tiesa("--add", str(waits), *here)[0] == 0
    assert tiesa("--add", str(price), *here)[0] == 0
    assert [one.name for one in read_situations(home)] == ["Second message waits", "Price without notice"]
    before = read_text(home, "situations")
    for words in (["--add", str(broken)], ["--add", str(waits)], ["--remove", "nobody"], ["--check", str(broken)]):
        assert tiesa(*words, *here)[0] != 0
        assert read_text(home, "situations") == before
    assert tiesa("--remove", "Second message waits", *here)[0] == 0
    status, said = tiesa("--json", *here)
    assert '"name": "Price without notice"' in said
    assert tiesa("--add", str(waits), "--remove", "x", *here)[0] != 0


def test_rules_are_written_by_the_one_function(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(InvalidRules):
        write_rules(home, "situations", of('{atom = "mood"}'))
    write_rules(home, "situations", WAITS)
    assert read_situations(home)[0].situation.id == "m-79c7b0fe8c"
