"""The rules of a home as files that a person may change: one function writes them all, whole or not at all.

Pages and the command line change rules by `write_rules` and by nothing else; a text that cannot be read by those who
use it is refused with the place and what is allowed, and the file stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.whole_files import remove, write_whole
from tiesa.journeys import deadlines, rules, standards_rules, visibility_rules
from tiesa.journeys.joining import rules as joining_rules
from tiesa.journeys.rules_section import parse_toml
from tiesa.moments import defined
from tiesa.upkeep import privacy_rules


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file of rules. check: raises InvalidRules where a text is none. needs_build: journeys follow at the next
    build; else at the next question. has_own_page: people change it on a page of its own, not as text."""

    name: str
    file: str
    check: Callable[[str], object]
    needs_build: bool = False
    has_own_page: bool = False

    def path(self, home: Home) -> Path:
        return home.rules / self.file

    def title(self) -> str:
        """Its name for people."""
        return {
            "journeys": _("Journeys"),
            "standards": _("Standards"),
            "situations": _("Situations of your own"),
            "visibility": _("Who can see what"),
            "deadlines": _("Statutory deadlines"),
            "joining": _("The same person"),
            "privacy": _("Privacy"),
        }[self.name]

    def meaning(self) -> str:
        """What it says, in a sentence."""
        return {
            "journeys": _(
                "Where journeys begin and end, how long silence ends them, channels, opening hours, holidays."
            ),
            "standards": _(
                "Public norms: what is measured, the target, how many may miss it, since when, who answers for it."
            ),
            "situations": _("Situations to be tested in any case: a name, and the conditions of a contact (moments)."),
            "visibility": _("Which units see what came in over which channel, and who opens it (question 5)."),
            "deadlines": _("Deadlines of the law, in place of the table's own; check them with counsel."),
            "joining": _("When several ids are one person: same contract, mail address or telephone number."),
            "privacy": _(
                "Purpose, basis and time of each kind of data, and whether the clock deletes what is past it."
            ),
        }[self.name]

    def example(self) -> str:
        """What a first file may look like."""
        return _EXAMPLES.get(self.name) or privacy_rules.rules_text(privacy_rules.check_text(""))


RULE_FILES = {
    one.name: one
    for one in (
        RuleFile("journeys", rules.FILE, lambda text: rules.parse_rules(text, where=rules.FILE), needs_build=True),
        RuleFile("standards", standards_rules.FILE, lambda text: standards_rules.parse_standards(text)),
        RuleFile("situations", defined.FILE, defined.parse_situations),
        RuleFile(
            "visibility",
            visibility_rules.FILE,
            lambda text: visibility_rules.parse_visibility(text, where=visibility_rules.FILE),
        ),
        RuleFile(
            "deadlines", deadlines.FILE, lambda text: parse_toml(text, deadlines.as_deadlines, where=deadlines.FILE)
        ),
        RuleFile("joining", joining_rules.FILE, joining_rules.parse_joining, needs_build=True),
        RuleFile("privacy", privacy_rules.FILE, privacy_rules.check_text, has_own_page=True),
    )
}
"""Every file of rules by name."""

_EXAMPLES = {
    "journeys": """# Where a journey begins and ends, by type of journey.
[types."problem solving"]
start = ["fault reported"]
reached = ["solution confirmed"]
abandoned = ["case closed without solution"]

[channels.email]
mode = "delayed"
reply_hours = 8
""",
    "standards": """[[standards]]
name = "We answer e-mail within a working day"
metric = "reply_time"
where = {channel = "email"}
target = "8 h"
tolerance = 0.1
owner = "customer service"
public = true
""",
    "situations": """[[situations]]
name = "A second message waits for a day"
all = [
    {atom = "message", k = 2},
    {atom = "unanswered", threshold_h = 24},
]
""",
    "visibility": """[visibility]
window_days = 30
connected = ["email", "chat", "phone"]

[visibility.units."contact centre"]
sees = ["email", "phone"]
""",
    "joining": """[joining]
automatic = ["contract", "mail"]
contract = "contract_no"
country_code = "+381"
most = 4
""",
    "deadlines": """[[deadlines]]
country = "RS"
kind = "consumer complaint, answer"
deadline = 8
unit = "days"
source = "name the law and its article"
checked = "by whom, when"
""",
}


def rule_file(name: str) -> RuleFile:
    """The file of that name. Raises: WrongUsage."""
    if name not in RULE_FILES:
        raise WrongUsage(
            _("There are no rules called {name}").format(name=repr(name)),
            remedy=_("Allowed: {keys}").format(keys=", ".join(RULE_FILES)),
        )
    return RULE_FILES[name]


def read_text(home: Home, name: str) -> str:
    """The text of a rules file; "" where the home has none of its own."""
    path = rule_file(name).path(home)
    return path.read_text("utf-8") if path.exists() else ""


def write_rules(home: Home, name: str, text: str) -> str:
    """Check a text and make it the rules of that name; returns the text it replaces. An empty text takes the file away.

    Raises: InvalidRules, and nothing changes then.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     before = write_rules(home, "standards", RULE_FILES["standards"].example())
    ...     write_rules(home, "standards", "") == RULE_FILES["standards"].example(), read_text(home, "standards")
    (True, '')
    """
    one = rule_file(name)
    before = read_text(home, name)
    if not text.strip():
        remove(one.path(home))
        return before
    one.check(text)
    home.make()
    home.rules.mkdir(exist_ok=True)
    write_whole(one.path(home), text if text.endswith("\n") else text + "\n")
    return before
