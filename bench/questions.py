"""Wall and CPU seconds of each of the six questions on a built home, median of three.

    python bench/questions.py HOME [--filtered]

The view is opened once (its seconds are printed), then every question is asked three times of it; CPU counts all
threads, so CPU near twice the wall clock means that two cores worked. --filtered: five selections taken from the log
(its commonest journey type, unit and channel, its most frequent customer, its fullest month), each opened once and
then asked all six questions, and the median and the 95th percentile over all of them.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from tiesa.core.home import Home
from tiesa.journeys.held import held
from tiesa.journeys.questions.asking import NUMBERS, asker
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import View, open_view

TIMES = 3


def cpu_s() -> float:
    """Seconds of processor time of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of a piece of work."""
    wall, cpu = time.perf_counter(), cpu_s()
    work()
    return time.perf_counter() - wall, cpu_s() - cpu


def asked(view: View) -> Iterator[tuple[int, list[float], list[float]]]:
    """Per question its wall and CPU seconds, once per asking."""
    holds = held(view)
    for number in NUMBERS:
        ask = asker(number)
        took = [timed(lambda ask=ask: ask(view, holds=holds)) for _again in range(TIMES)]
        yield number, [wall for wall, _cpu in took], [cpu for _wall, cpu in took]


def measured(home: Home, name: str, selection: Selection) -> list[float]:
    """Print one view's times; its wall seconds of every asking."""
    started = time.perf_counter()
    with open_view(home, selection) as view:
        opened = time.perf_counter() - started
        journeys = view.one("select count(*) from journeys")[0]
        print(f"{name}: {journeys:,} journeys, opened in {opened:.2f} s")
        walls, whole = [], [0.0, 0.0]
        for number, wall, cpu in asked(view):
            print(f"  {number}  {NUMBERS[number]:<12} wall {median(wall):6.2f} s   cpu {median(cpu):6.2f} s")
            whole = [whole[0] + median(wall), whole[1] + median(cpu)]
            walls += wall
        print(f"  all six       wall {whole[0]:6.2f} s   cpu {whole[1]:6.2f} s")
    return walls


def selections(home: Home) -> Iterator[tuple[str, Selection]]:
    """The commonest value of each way to choose journeys that the log knows."""
    with open_view(home) as view:
        for column, source in (("journey_type", "journeys"), ("unit", "rows"), ("channel", "rows")):
            if value := _commonest(view, f"select {column} from {source} where {column} is not null"):
                yield f"{column} {value}", Selection(**{column: value})
        if customer := _commonest(view, "select customer_key from journeys"):
            named = view.rows(f"select min(source_id) from identities where customer_key = {int(customer)}")[0][0]
            if named:
                yield "one customer", Selection(customer=named)
        month = _commonest(view, "select strftime(start_at, '%Y-%m-01T00:00:00+00:00') from journeys")
        first = datetime.fromisoformat(month)
        until = (first + timedelta(days=32)).replace(day=1)
        yield f"month {first:%Y-%m}", Selection(since=first, until=until)


def _commonest(view: View, sql: str) -> str:
    found = view.rows(f"select value from ({sql}) as found(value) group by 1 order by count(*) desc, 1 limit 1")
    return str(found[0][0]) if found else ""


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asking.add_argument("home", type=Path)
    asking.add_argument("--filtered", action="store_true", help="five selections instead of all journeys")
    options = asking.parse_args()
    home = Home(options.home)
    if options.filtered:
        walls = sorted(wall for name, chosen in list(selections(home)) for wall in measured(home, name, chosen))
        p95 = walls[-(-len(walls) * 95 // 100) - 1]
        print(f"one filtered question: median {median(walls):.2f} s, 95th percentile {p95:.2f} s, n {len(walls)}")
    else:
        measured(home, "all journeys", ALL)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MiB")


if __name__ == "__main__":
    main()
