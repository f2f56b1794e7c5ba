"""What the layered layout promises, whatever the graph."""

from __future__ import annotations

import time
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiesa.pictures.layered import Box, Layout, Link, lay_out
from tiesa.pictures.layered_crossings import crossings, order_layers
from tiesa.pictures.layered_labels import Wanted, place_labels
from tiesa.pictures.layered_layers import flow_order
from tiesa.pictures.layered_places import nearest_in_order

relaxed = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[Link]]:
    n = draw(st.integers(1, 12))
    size = st.floats(10, 130)
    boxes = [Box(f"b{i}", draw(size), draw(size), draw(st.sampled_from([0.0, 28.0]))) for i in range(n)]
    pairs = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), unique=True, max_size=30))
    thickness = st.floats(1, 9)
    return boxes, [Link(f"b{a}", f"b{b}", draw(st.integers(1, 9999)), draw(thickness)) for a, b in pairs if a != b]


def rectangle(box: Box, made: Layout) -> tuple[float, float, float, float]:
    along, across = made.centres[box.key]
    return along - box.along / 2, across - box.across / 2, along + box.along / 2, across + box.across / 2


@relaxed
@given(graphs(), st.sampled_from([None, 2, 3]))
def test_links_run_with_the_layers_and_backward_ones_against_them(
    graph: tuple[list[Box], list[Link]], widest: int | None
) -> None:
    boxes, links = graph
    made = lay_out(boxes, links, widest=widest)
    assert set(made.routes) == {(link.tail, link.head) for link in links}
    for (tail, head), route in made.routes.items():
        assert (made.layers[tail] > made.layers[head]) == route.is_backward
        assert made.layers[tail] != made.layers[head]
    if widest:
        standing = list(made.layers.values())
        assert max(standing.count(layer) for layer in standing) <= widest


@relaxed
@given(graphs())
def test_no_two_boxes_overlap_and_all_stay_inside(graph: tuple[list[Box], list[Link]]) -> None:
    boxes, links = graph
    made = lay_out(boxes, links)
    rectangles = [rectangle(box, made) for box in boxes]
    for one, other in combinations(rectangles, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    for left, top, right, bottom in rectangles:
        assert left >= -1e-6
        assert top >= -1e-6
        assert right <= made.along + 1e-6
        assert bottom <= made.across + 1e-6


@relaxed
@given(graphs())
def test_lines_run_around_boxes_and_end_at_theirs(graph: tuple[list[Box], list[Link]]) -> None:
    boxes, links = graph
    made = lay_out(boxes, links)
    rectangles = {box.key: rectangle(box, made) for box in boxes}
    for (tail, head), route in made.routes.items():
        for end, key in ((route.points[0], tail), (route.points[-1], head)):
            left, top, right, bottom = rectangles[key]
            assert min(abs(end[0] - left), abs(end[0] - right)) < 1e-6
            assert top - 1e-6 <= end[1] <= bottom + 1e-6
        for (ax, ay), (bx, by) in pairwise(route.points):
            if ay != by:
                continue  # a bend lies between two layers, where no box stands
            for key, (left, top, right, bottom) in rectangles.items():
                inside = min(ax, bx) < right - 1e-6 and max(ax, bx) > left + 1e-6 and top < ay < bottom
                assert not inside, (tail, head, key)


@relaxed
@given(graphs())
def test_the_same_graph_gives_the_same_layout(graph: tuple[list[Box], list[Link]]) -> None:
    assert lay_out(*graph) == lay_out(*graph)


@relaxed
@given(graphs())
def test_a_graph_without_cycles_has_no_backward_line(graph: tuple[list[Box], list[Link]]) -> None:
    boxes, links = graph
    ahead = [link for link in links if int(link.tail[1:]) < int(link.head[1:])]
    assert not any(route.is_backward for route in lay_out(boxes, ahead).routes.values())


def test_the_lightest_link_of_a_cycle_is_turned() -> None:
    ring = [(i, (i + 1) % 6, 5.0 if i == 3 else 100.0) for i in range(6)]
    order = flow_order(6, ring)
    assert [(a, b) for a, b, _w in ring if order.index(a) > order.index(b)] == [(3, 4)]


def test_first_and_last_stand_before_and_after_all_others() -> None:
    boxes = [Box(key, 40, 20) for key in ("z", "a", "b", "lonely")]
    links = [Link("a", "z", 1), Link("z", "b", 1), Link("b", "a", 1)]
    made = lay_out(boxes, links, first="a", last="lonely")
    assert min(made.layers, key=lambda key: made.layers[key]) == "a"
    assert [key for key in made.layers if made.layers[key] == max(made.layers.values())] == ["lonely"]
    assert made.routes["b", "a"].is_backward


def test_a_tree_is_drawn_without_a_crossing() -> None:
    layers = [[0], [3, 1, 2], [9, 4, 7, 5, 8, 6]]
    down: list[list[int]] = [[1, 2, 3], [4, 5], [6, 7], [8, 9], [], [], [], [], [], []]
    up = [[parent for parent, children in enumerate(down) if child in children] for child in range(10)]
    ordered = order_layers(layers, up, down)
    at = [0] * 10
    for layer in ordered:
        for i, place in enumerate(layer):
            at[place] = i
    assert sum(crossings(layer, down, at) for layer in ordered) == 0
    assert [sorted(layer) for layer in ordered] == [sorted(layer) for layer in layers]


@relaxed
@given(st.lists(st.tuples(st.floats(-99, 99), st.floats(0.1, 9), st.floats(0, 30)), min_size=1, max_size=8))
def test_positions_in_order_are_apart_and_none_can_do_better_alone(rows: list[tuple[float, float, float]]) -> None:
    wanted, weights, gaps = ([row[i] for row in rows] for i in range(3))
    apart = gaps[1:]
    found = nearest_in_order(wanted, weights, apart)
    assert all(b - a >= gap - 1e-6 for a, b, gap in zip(found, found[1:], apart, strict=False))

    def cost(places: list[float]) -> float:
        return sum(w * (p - q) ** 2 for w, p, q in zip(weights, places, wanted, strict=True))

    for i in range(len(found)):
        for j in range(i, len(found)):
            for step in (-0.01, 0.01):  # any run of neighbours, moved together
                moved = [p + step if i <= k <= j else p for k, p in enumerate(found)]
                if all(b - a >= gap - 1e-9 for a, b, gap in zip(moved, moved[1:], apart, strict=False)):
                    assert cost(moved) >= cost(found) - 1e-6


def test_a_line_past_many_boxes_is_straight() -> None:
    boxes = [Box(f"b{i}", 80, 30) for i in range(8)]
    chain = [Link(f"b{i}", f"b{i + 1}", 100) for i in range(7)]
    made = lay_out(boxes, [*chain, Link("b0", "b7", 3)])
    between = {round(across, 6) for _along, across in made.routes["b0", "b7"].points[2:-2]}
    assert len(between) == 1
    assert len({round(centre[1], 3) for centre in made.centres.values()}) == 1


def test_lines_to_and_fro_get_room_for_two_labels() -> None:
    boxes, there, back = [Box("a", 80, 40), Box("b", 80, 40)], Link("a", "b", 9), Link("b", "a", 3)
    one, both = lay_out(boxes, [there]), lay_out(boxes, [there, back])
    assert both.along >= one.along + 30
    assert abs(both.routes["a", "b"].points[0][1] - both.routes["b", "a"].points[-1][1]) >= 13


@relaxed
@given(st.data())
def test_labels_touch_neither_boxes_nor_each_other(data: st.DataObject) -> None:
    number = st.floats(0, 300)
    boxes = [(x, y, x + 60, y + 30) for x, y in data.draw(st.lists(st.tuples(number, number), max_size=5))]
    lines = data.draw(st.lists(st.lists(st.tuples(number, number), min_size=2, max_size=4), max_size=12))
    wanted = [Wanted(i, line, 34, 13) for i, line in enumerate(lines)]
    placed = place_labels(wanted, boxes, (0, 0, 360, 330))
    rooms = [(x - 17, y - 6.5, x + 17, y + 6.5) for x, y in placed.values()]
    for one, other in [*combinations(rooms, 2), *((room, box) for room in rooms for box in boxes)]:
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert all(room[0] >= 0 and room[1] >= 0 and room[2] <= 360 and room[3] <= 330 for room in rooms)


@pytest.mark.parametrize(("n", "m", "seconds"), [(40, 150, 0.8), (150, 1500, 5.0)])
def test_large_graphs_are_laid_out_soon(n: int, m: int, seconds: float) -> None:
    """Twice what a quiet core takes and more: the law is against growth, not about the machine."""
    made: dict[tuple[int, int], int] = {}
    state = 7
    while len(made) < m:
        state = state * 6364136223846793005 % 2**64 + 1442695040888963407
        a, b = state >> 33, state >> 13
        if a % n != b % n:
            made[a % n, b % n] = 1 + 5000 // (1 + len(made))
    boxes = [Box(str(i), 110, 40) for i in range(n)]
    began = time.process_time()
    lay_out(boxes, [Link(str(a), str(b), weight) for (a, b), weight in made.items()])
    assert time.process_time() - began < seconds
