"""Templates of journeys: data that fit, checks worked by hand, and silence about what the data do not hold."""

import tomllib
from importlib import resources

import pyarrow as pa
import pytest
from tests.unit.journeys.questions.desk import MONDAY, after, home_of, take

from tiesa.contacts.importing import import_frame
from tiesa.contacts.mapping import parse_mapping
from tiesa.core.errors import InvalidRules
from tiesa.core.home import Home
from tiesa.core.locale import LANGUAGES, told, use_language
from tiesa.core.tables import ANSWER, CONTACT, FACT
from tiesa.journeys import JourneyType, Rules
from tiesa.journeys.build import build
from tiesa.journeys.map import journey_map
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.templates import METRICS, Target, expectations, read_templates, stages_for, template_for
from tiesa.journeys.templates.reading import alike
from tiesa.journeys.view import open_view
from tiesa.simulate.vocabulary import JOURNEY_TYPES, TOUCHPOINTS

MOVING = Rules(types={"moving": JourneyType(("move announced",), ("service moved",), ("move cancelled",))})
TEMPLATE = """
name = "parcel"
also = ["Paket"]
start = ["order"]
[touchpoints]
order = ["Narudžbina"]
[[stages]]
name = "Order"
touchpoints = ["order"]
[[stages]]
name = "Get it"
touchpoints = ["delivered"]
[[checks]]
expectation = "soon"
name = "delivered in a day"
metric = {kind = "in_time", from = ["order"], to = ["delivered"], within = "1 day"}
target = {at_least = 0.5}
"""


def row(customer, touchpoint, at=MONDAY, direction="inbound", **more):
    return {"customer": customer, "touchpoint": touchpoint, "occurred_at": at, "direction": direction, **more}


def own_template(tmp_path, text):
    folder = tmp_path / "rules" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.toml").write_text(text, encoding="utf-8")


def checks_of(home, **options):
    with open_view(home, **options) as view:
        report = expectations(view)
    return report, {check["check"]: check for check in report.rows}


def keep(home, rows):
    """Contacts of which `tries` is an attribute."""
    columns = list(dict.fromkeys(c for r in rows for c in r))
    fields = "".join(f'{c} = "{c}"\n' for c in columns if c != "tries")
    mapping = f'source = "desk"\n[contact]\n{fields}' + (
        '[contact.attributes]\ntries = "tries"\n' if "tries" in columns else ""
    )
    schema = pa.schema([(c, CONTACT[c].type if c in CONTACT else pa.string()) for c in columns])
    assert import_frame(pa.Table.from_pylist(rows, schema), home, mapping=parse_mapping(mapping)).accepted == len(rows)


def checked(tmp_path, rows, *metrics, rules=None, tables=()):
    """Metric -> its check, in a template of one's own, on these contacts."""
    body = "".join(f"[[checks]]\nexpectation = 'x'\nname = 'check {i}'\nmetric = {m}\n" for i, m in enumerate(metrics))
    own_template(tmp_path, f'name = "task"\n{body}')
    home = Home(tmp_path)
    usual = {"channel": "email", "journey_type": "task"}
    keep(home, [usual | {"contact_id": f"c{i:04d}", "case_id": r["customer"]} | r for i, r in enumerate(rows)])
    for table, content in tables:
        take(home, content, table)
    build(home, rules=rules)
    found = checks_of(home)[1]
    return {metric: found[f"check {i}"] for i, metric in enumerate(metrics)}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    return read_templates(Home(tmp_path_factory.mktemp("empty")))


def test_the_shipped_templates_are_valid_and_use_only_known_metrics(shipped):
    assert set(shipped) == {"registration", "payment", "problem solving", "moving", "pre-purchase"}
    for template in shipped.values():
        assert template.stages
        assert {m.kind for check in template.checks for m in check.metrics} <= METRICS.keys()
        names = [check.name for check in template.checks]
        assert len(names) == len(set(names)), "two checks of one name"
        staged = template.spelled(t for stage in template.stages for t in stage.touchpoints)
        used = [
            t for check in template.checks for m in check.metrics for t in (*m.touchpoints, *m.of, *m.start, *m.end)
        ]
        assert template.spelled((*template.start, *template.reached, *template.abandoned, *used)) <= staged


def test_every_metric_of_the_vocabulary_can_be_counted():
    from tiesa.journeys.templates.measuring import _QUERIES

    assert _QUERIES.keys() == METRICS.keys()
    assert all(definition.meaning() for definition in METRICS.values())


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_word_of_a_shipped_template_is_translated(shipped, language):
    words = {t.title for t in shipped.values()} | {s.name for t in shipped.values() for s in t.stages}
    words |= {w for t in shipped.values() for check in t.checks for w in (check.expectation, check.name)}
    with use_language(language):
        assert not [word for word in words if told(word) == word]


def test_a_spelling_means_one_touchpoint_of_a_template_only(shipped):
    for template in shipped.values():
        spelled = [alike(s) for spellings in template.spellings.values() for s in spellings]
        assert len(spelled) == len(set(spelled)), sorted(s for s in spelled if spelled.count(s) > 1)


def test_the_templates_fit_the_made_up_company(shipped):
    text = (resources.files("tiesa.simulate") / "journeys.toml").read_text(encoding="utf-8")
    types = tomllib.loads(text)["types"]
    assert types.keys() == set(JOURNEY_TYPES.words) == shipped.keys()
    for name, kind in types.items():
        for words in ("start", "reached", "abandoned"):
            assert getattr(shipped[name], words) == tuple(kind[words])
    known = {t for template in shipped.values() for stage in template.stages for t in stage.touchpoints}
    assert set(TOUCHPOINTS.words) <= known


def test_a_type_is_found_by_any_of_its_names(shipped):
    assert shipped["moving"].fits("MOVING")
    assert shipped["moving"].fits("селидба")  # Serbian in either script
    assert shipped["problem solving"].fits("Problem_Solving")
    assert not shipped["moving"].fits("payment")


def test_a_check_without_data_says_so_and_shows_no_value(tmp_path):
    steps = (("move announced", "inbound"), ("documents asked", "outbound"), ("service moved", "outbound"))
    rows = [row("anna", step, after(days=day), way, case_id="1") for day, (step, way) in enumerate(steps)]
    report, checks = checks_of(home_of(rows, tmp_path, MOVING))
    charges = checks["unexpected charges"]
    assert (charges["value"], charges["low"], charges["n"], charges["verdict"], charges["trend"]) == (
        None,
        None,
        0,
        None,
        None,
    )
    assert "attribute:unexpected_charge" in charges["missing"]
    assert checks["promises kept"]["missing"] == ["promised_at"]
    assert checks["facts asked for though already given"]["value"] is None
    assert checks["contacts to the goal"]["value"] == 3
    shown = {t.name: t for t in report.tables()}
    assert "unexpected charges" in shown["expectations_unanswered"].data["check"].to_pylist()
    assert "unexpected charges" not in shown["expectations_share"].data["check"].to_pylist()
    assert report.can_be_judged


def test_without_a_template_nothing_is_judged(tmp_path):
    report, _checks = checks_of(home_of([row("anna", "letter", journey_type="pigeon post")], tmp_path))
    assert not report.can_be_judged
    assert report.without_template == ("pigeon post",)
    assert "template" in report.answer()
    assert report.picture() is None


def test_shares_count_journeys_that_are_over_only(tmp_path):
    """Of four moves one is still under way: two of the other three were asked for documents."""
    rows = [row(name, "move announced", after(days=d), case_id=name) for d, name in enumerate("abcd")]
    rows += [row(name, "Documents-Requested", after(days=4), "outbound", case_id=name) for name in "abd"]
    rows += [row(name, "service moved", after(days=6), "outbound", case_id=name) for name in "abc"]
    _report, checks = checks_of(home_of(rows, tmp_path, MOVING))
    asked = checks["documents asked for"]
    assert (asked["n"], asked["value"]) == (3, pytest.approx(2 / 3))
    assert asked["low"] < 2 / 3 < asked["high"]


def test_in_time_counts_what_is_past_it_and_leaves_out_what_may_still_come(tmp_path):
    own_template(tmp_path, TEMPLATE)
    rows = [row(c, "Narudzbina", at, journey_type="paket", case_id=c) for c, at in
            (("a", MONDAY), ("b", MONDAY), ("c", MONDAY), ("d", after(hours=60)))]  # fmt: skip
    rows += [row("a", "delivered", after(hours=23), "outbound", case_id="a")]
    rows += [row("b", "delivered", after(hours=25), "outbound", case_id="b")]
    rows += [row("d", "note", after(hours=61), "internal", case_id="d")]  # now: d has 23 hours left
    check = checks_of(home_of(rows, tmp_path))[1]["delivered in a day"]
    assert (check["n"], check["value"]) == (3, pytest.approx(1 / 3))
    assert check["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("target", "low", "high", "verdict"),
    [
        (Target(at_least=0.8), 0.8, 0.9, "kept"),
        (Target(at_least=0.8), 0.7, 0.79, "not_kept"),
        (Target(at_least=0.8), 0.79, 0.81, "unknown"),
        (Target(at_most=3600.0), 1800.0, 3600.0, "kept"),
        (Target(at_most=3600.0), 3601.0, 4000.0, "not_kept"),
        (Target(at_most=3600.0), None, None, "unknown"),
    ],
)
def test_a_target_is_judged_by_the_bounds(target, low, high, verdict):
    assert target.verdict(low, high) == verdict


def test_the_first_way_that_the_data_know_is_taken(tmp_path):
    metric = '[{kind = "attribute", attribute = "told", is = ["yes"]}, {kind = "passes", touchpoints = ["cause told"]}]'
    rows = [row("a", "question"), row("a", "cause told", after(days=1), "outbound"), row("b", "question"),
            row("b", "bye", after(days=50))]  # fmt: skip
    check = checked(tmp_path, rows, metric)[metric]
    assert (check["metric"], check["n"], check["value"]) == ("passes", 1, 1.0)  # b is still open


def test_facts_asked_for_again_are_those_the_customer_had_given(tmp_path):
    rows = [row("a", "question"), row("b", "question"), row("b", "bye", after(days=1))]
    fact = {"fact": "address", "customer": "a", "state": "asked", "contact_id": "c0000"}
    facts = [
        fact | {"at": MONDAY},
        fact | {"at": after(hours=1), "state": "given"},
        fact | {"at": after(hours=1)},  # asked and given in one breath
        fact | {"at": after(hours=2)},  # asked though given
        fact | {"at": MONDAY, "customer": "b", "contact_id": "c0001"},
        fact | {"at": after(hours=3), "fact": "iban"},
    ]
    (check,) = checked(tmp_path, rows, '{kind = "facts_asked_again"}', tables=[(FACT, facts)]).values()
    assert (check["n"], check["value"]) == (5, 0.2)


def test_a_silence_of_ours_is_no_pause_of_the_customer(tmp_path):
    """a pauses 5 days and comes back; b waits 5 days for us; c falls silent after our reply; d goes right through."""
    rows = [
        row("a", "documents asked", MONDAY, "outbound"),
        row("a", "documents sent", after(days=5), goal="reached"),
        row("b", "question"),
        row("b", "answer", after(days=5), "outbound", goal="reached"),
        row("c", "documents asked", MONDAY, "outbound"),
        row("d", "question"),
        row("d", "answer", after(hours=1), "outbound", goal="reached"),
    ]
    silent, resumed = checked(tmp_path, rows, '{kind = "silent", days = 3}', '{kind = "resumed", days = 3}').values()
    assert (silent["n"], silent["value"]) == (4, 0.5)
    assert (resumed["n"], resumed["value"]) == (2, 0.5)


def test_a_promise_is_kept_by_a_contact_of_ours_in_time(tmp_path):
    promised = {"direction": "inbound", "channel": "phone", "promised_at": after(days=1)}
    rows = [row(name, "call", **promised) for name in "abcd"]
    rows += [
        row("a", "call-back", after(hours=20), "outbound", channel="phone"),
        row("b", "call-back", after(hours=30), "outbound", channel="phone"),
        row("c", "status asked", after(hours=20), channel="phone"),  # their own call keeps no promise of ours
        row("c", "note", after(days=2), "internal"),
    ]
    rows[3] |= {"promised_at": after(days=9)}  # not due yet
    (check,) = checked(tmp_path, rows, '{kind = "promises"}').values()
    assert (check["n"], check["value"]) == (3, pytest.approx(1 / 3))


def test_each_metric_is_what_its_definition_says(tmp_path):
    rows = [
        row("a", "bill", MONDAY, "outbound"),
        row("a", "dispute", after(days=1), kind="complaint", reason="Hidden fee", tries="2"),
        row("a", "letter", after(days=1.5), "outbound"),
        row("a", "paid", after(days=2), "self_service", goal="reached"),
        row("b", "bill", MONDAY, "outbound", tries="1"),
        row("b", "paid", after(days=1), "self_service", goal="reached"),
        row("b", "letter", after(days=2), "outbound"),
        row("c", "bill", MONDAY, "outbound"),
        row("c", "paid", after(days=3), "self_service", goal="reached"),
    ]
    expected = (
        ('{kind = "avoids", touchpoints = ["dispute"]}', 3, 2 / 3),
        ('{kind = "passes", touchpoints = ["paid"], of = ["dispute"]}', 1, 1.0),
        ('{kind = "passes", touchpoints = ["letter"], before_goal = true}', 3, 1 / 3),
        ('{kind = "passes", touchpoints = ["letter"]}', 3, 2 / 3),
        ('{kind = "mentions", kinds = ["complaint"]}', 3, 1 / 3),
        ('{kind = "mentions", words = ["hidden"]}', 3, 1 / 3),
        ('{kind = "reached"}', 3, 1.0),
        ('{kind = "time", from = ["bill"], to = ["paid"]}', 3, 2 * 86_400),
        ('{kind = "time", from = "start", to = "goal"}', 3, 2 * 86_400),
        ('{kind = "contacts_to_goal"}', 3, 2),
        ('{kind = "asked_again", touchpoints = ["bill"], again = ["letter"]}', 3, 2 / 3),
        ('{kind = "has", what = "repeat"}', 1, 0.0),
        ('{kind = "attribute", attribute = "tries", above = 1}', 2, 0.5),
        ('{kind = "number", attribute = "tries"}', 2, 1.0),
    )
    found = checked(tmp_path, rows, *(metric for metric, _n, _value in expected))
    for metric, n, value in expected:
        assert (metric, found[metric]["n"], found[metric]["value"]) == (metric, n, pytest.approx(value))


def test_answers_speak_of_the_journey_of_their_contact(tmp_path):
    rows = [row("a", "question"), row("b", "question"), row("b", "bye", after(days=1))]
    said = {"respondent": "customer", "question": "Solved?", "kind": "solved", "scale": "0-1", "prompted": True}
    answers = [
        said | {"answer_id": "1", "customer": "a", "contact_id": "c0000", "value": 1.0, "answered_at": after(hours=1)},
        said | {"answer_id": "2", "customer": "b", "value": 0.0, "answered_at": after(hours=-1)},  # before any contact
        said
        | {"answer_id": "3", "customer": "b", "value": 0.0, "answered_at": after(hours=2)},  # of the latest journey
    ]
    (check,) = checked(tmp_path, rows, '{kind = "answer", answer = "solved"}', tables=[(ANSWER, answers)]).values()
    assert (check["n"], check["value"]) == (1 + 1, 0.5)


def test_first_messages_are_measured_in_business_time(tmp_path):
    """Friday 15:00 to Monday 09:00 is two business hours; a second message of the journey does not count."""
    friday = after(days=4, hours=6)
    rows = [
        row("a", "question", friday),
        row("a", "answer", after(days=7), "outbound"),
        row("a", "question", after(days=7, hours=1)),
        row("b", "question", after(days=7)),
        row("b", "answer", after(days=7, hours=4), "outbound"),
    ]
    (check,) = checked(tmp_path, rows, '{kind = "first_reply", within = "3 h"}').values()
    assert (check["n"], check["value"]) == (2, 0.5)


def test_a_home_puts_its_own_template_in_place_of_a_shipped_one(tmp_path):
    own_template(tmp_path, 'name = "Moving"\n[[stages]]\nname = "All"\ntouchpoints = ["x"]\n')
    templates = read_templates(Home(tmp_path))
    assert "moving" not in templates
    assert [stage.name for stage in templates["Moving"].stages] == ["All"]
    assert len(templates) == 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "not TOML"),
        ('title = "x"', "name"),
        ('name = "x"\nstage = []', "no such key"),
        ('name = "x"\n[[stages]]\nname = "y"', "needs a touchpoint"),
        ('name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "magic"}', "one of"),
        (
            'name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "in_time", from = "start"}',
            "to, within",
        ),
        ('name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "reached", days = 3}', "no such key"),
        (
            'name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "silent", days = -1}',
            "number of days",
        ),
        ('name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "mentions"}', "words, kinds"),
        (
            'name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\n'
            'metric = [{kind = "reached"}, {kind = "contacts_to_goal"}]',
            "one unit",
        ),
        (
            'name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "reached"}\n'
            "target = {at_least = 80}",
            "0 to 1",
        ),
        (
            'name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "reached"}\n'
            "target = {at_least = 0.8, at_most = 0.9}",
            "either",
        ),
        (
            'name = "x"\n[[checks]]\nexpectation = "y"\nname = "z"\nmetric = {kind = "first_reply", within = "soon"}',
            "length of time",
        ),
    ],
)
def test_a_wrong_template_is_refused_with_file_key_and_reason(tmp_path, text, says):
    own_template(tmp_path, text)
    with pytest.raises(InvalidRules) as refused:
        read_templates(Home(tmp_path))
    assert "own.toml" in str(refused.value)
    assert says in str(refused.value)


def test_stages_are_those_of_the_template_in_the_spelling_of_the_log(tmp_path):
    rows = [row("a", "Move Requested", journey_type="moving"), row("a", "service-moved", after(days=1), "outbound")]
    with open_view(home_of(rows, tmp_path, MOVING)) as view:
        assert [(s.name, s.touchpoints) for s in stages_for(view)] == [
            ("Announce the move", ("Move Requested",)),
            ("Use it at the new place", ("service-moved",)),
        ]
        assert journey_map(view).stages == ("Announce the move", "Use it at the new place")


def test_stages_that_hold_too_little_give_way_to_those_of_the_data(tmp_path):
    rows = [row("a", t, after(hours=i), journey_type="moving", case_id="1")
            for i, t in enumerate(("move announced", "service moved", "x", "y", "z"))]  # fmt: skip
    with open_view(home_of(rows, tmp_path, MOVING)) as view:
        assert "x" in [stage.name for stage in stages_for(view)]


def test_several_types_have_no_stages_in_common_until_one_is_selected(tmp_path):
    rows = [row("a", "move announced", journey_type="moving", case_id="1"),
            row("a", "service moved", after(days=1), journey_type="moving", case_id="1"),
            row("b", "bill sent", journey_type="payment", case_id="2")]  # fmt: skip
    home = home_of(rows, tmp_path)
    for selection, name in ((ALL, None), (Selection(journey_type="moving"), "moving")):
        with open_view(home, selection) as view:
            template = template_for(view)
            assert (template.name if template else None) == name
