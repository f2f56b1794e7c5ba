"""One made-up company, put together: people, journeys, contacts, feelings, leavings, surveys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tiesa.simulate.beginnings import write_looking_round, write_registrations
from tiesa.simulate.clock import END_US, START_US
from tiesa.simulate.company import Company, Flags, Ints
from tiesa.simulate.feelings import Emotions, feel, met_at
from tiesa.simulate.leaving import Rate, World, make_draw
from tiesa.simulate.moves import write_moves
from tiesa.simulate.payments import write_payments
from tiesa.simulate.people import People, make_people
from tiesa.simulate.plan import Journeys, make_journeys
from tiesa.simulate.problems import write_problems
from tiesa.simulate.scene import Scene
from tiesa.simulate.sheet import Sheet, Timeline
from tiesa.simulate.situations import Situation, planted
from tiesa.simulate.staff import Staff, make_staff
from tiesa.simulate.story import Episodes, Story
from tiesa.simulate.surveys import Answers, Asking, Invitations, answer, invite


@dataclass(frozen=True)
class Life:
    """Everything that happens in the company. `timeline` and `episodes` go on as if nobody left."""

    company: Company
    people: People
    journeys: Journeys
    staff: Staff
    timeline: Timeline
    situations: dict[str, Situation]
    episodes: dict[str, Episodes]
    world: World
    rate: Rate
    left_at: Ints

    @cached_property
    def there(self) -> Flags:
        """The rows of the timeline that happen: contacts stop when the customer leaves."""
        return self.timeline.at < self.left_at[self.timeline.customer]

    @cached_property
    def emotions(self) -> Emotions:
        return feel(self.timeline, self.people, self.company, self.situations, self.asking.met)

    @cached_property
    def asking(self) -> Asking:
        met = met_at(self.episodes, len(self.journeys))
        return Asking(self.company, self.people, self.journeys, self.timeline, self.situations, met, self.episodes)

    @cached_property
    def invitations(self) -> Invitations:
        return invite(self.asking, self.left_at)

    @cached_property
    def answers(self) -> Answers:
        return answer(self.asking, self.invitations, self.left_at)

    def met(self, name: str) -> Episodes:
        """The episodes of a situation that come true within the two years, while the customer is one."""
        episodes = self.episodes[name]
        at, customer = episodes.at, episodes.customer
        happens = (at >= self.people.at_risk_from[customer]) & (at < np.minimum(self.left_at[customer], END_US))
        return episodes.where(happens)

    @property
    def leavers(self) -> Ints:
        """Who left within the two years."""
        return np.flatnonzero((self.left_at < END_US) & (self.left_at >= START_US))


def live(company: Company) -> Life:
    people = make_people(company)
    journeys = make_journeys(people, company)
    staff = make_staff(journeys, company)
    scene = Scene(company, people, journeys, staff, Sheet(journeys))
    for write in (write_looking_round, write_registrations, write_payments, write_problems, write_moves):
        write(scene)
    timeline = scene.sheet.timeline()
    story = Story(timeline, journeys)
    situations = {situation.id: situation for situation in planted(company.effects)}
    episodes = {name: situation.episodes(story) for name, situation in situations.items()}
    world = World(company, people, situations, episodes, make_draw(people, company))
    rate = world.rate()
    return Life(
        company, people, journeys, staff, timeline, situations, episodes, world, rate, rate.leaves_at(world.draw)
    )
