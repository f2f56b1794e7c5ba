"""Does PM4Py read our event logs, and count the same? By hand, after `tiesa export`:

    python bench/reads_in_pm4py.py LOG.xes LOG.ocel

The files themselves are counted with the standard library, then read with PM4Py (AGPL: in the bench group only).
Prints both counts per file; ends with 1 where they differ.
"""

import json
import sys
import warnings
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pm4py

Counts = dict[str, int]


def in_xes(path: Path) -> Counts:
    tags = Counter(element.tag.rpartition("}")[2] for _event, element in ET.iterparse(path))  # noqa: S314
    return {"events": tags["event"], "cases": tags["trace"]}


def pm4py_xes(path: Path) -> Counts:
    frame = pm4py.read_xes(str(path))
    if str(frame["time:timestamp"].dtype) != "datetime64[us, UTC]":
        raise SystemExit(f"times were not understood: {frame['time:timestamp'].dtype}")
    return {"events": len(frame), "cases": frame["case:concept:name"].nunique()}


def in_ocel(path: Path) -> Counts:
    log = json.loads(path.read_text("utf-8"))
    relations = sum(len({(r["objectId"], r["qualifier"]) for r in e["relationships"]}) for e in log["events"])
    types = Counter(o["type"] for o in log["objects"])
    return {"events": len(log["events"]), "objects": len(log["objects"]), "relations": relations, **types}


def pm4py_ocel(path: Path) -> Counts:
    log = pm4py.read_ocel2_json(str(path))
    types = log.objects[log.object_type_column].value_counts().to_dict()
    return {"events": len(log.events), "objects": len(log.objects), "relations": len(log.relations), **types}


def main(xes: Path, ocel: Path) -> bool:
    warnings.filterwarnings("ignore")
    same = True
    for path, ours, theirs in ((xes, in_xes, pm4py_xes), (ocel, in_ocel, pm4py_ocel)):
        counted, read = ours(path), theirs(path)
        same = same and counted == read
        print(f"{path.name}: in the file {counted}; PM4Py {pm4py.__version__} read {read}")
    return same


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 1)
