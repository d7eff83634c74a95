"""Equal values have equal fingerprints, different ones have different, and looking changes nothing."""

import collections
import datetime as dt
import decimal
import functools
import io
import pickle
import re
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

from nb2pipe.execution.probe import aliases
from nb2pipe.execution.probe.recording import Recorder

HERE = __name__


def told(value: Any) -> dict[str, Any]:
    """What the probe tells of a value."""
    recorder = Recorder("", None)
    recorder.is_own = lambda module: module in ("__main__", HERE)  # type: ignore[method-assign]
    return recorder.value(value)


def digest(value: Any) -> Any:
    """The value's fingerprint."""
    return told(value)["digest"]


class Point:
    """A notebook's class; nothing of it may be called by a probe."""

    total = 0

    def __init__(self, x: Any) -> None:
        self.x = x

    def __repr__(self) -> str:
        raise AssertionError("a probe called a notebook's code")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a probe asked for {name}")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise AssertionError("a probe pickled a notebook's object")


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: Any) -> None:
        self.a = a


class Words(list[str]):
    pass


class Number(int):
    pass


def counter(n: int) -> Callable[[], int]:
    """A closure with a state."""

    def tick() -> int:
        nonlocal n
        n += 1
        return n

    return tick


def ticked(times: int) -> Callable[[], int]:
    """A counter after some calls."""
    tick = counter(0)
    for _ in range(times):
        tick()
    return tick


def cycle(value: Any) -> list[Any]:
    """A list that holds itself."""
    items = [value]
    items.append(items)
    return items


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


EQUAL: list[tuple[Any, Any]] = [
    (float("nan"), float("nan")),
    ({"a": 1, "b": [2]}, {"a": 1, "b": [2]}),
    ({3, 1, 2}, {1, 2, 3}),
    (Point([1]), Point([1])),
    (counter(3), counter(3)),
    (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3))),
    (np.arange(10)[::2], np.array([0, 2, 4, 6, 8])),
    (frame(a=[1, 2], b=["x", None]), frame(a=[1, 2], b=["x", None])),
    (pd.Series([1.0, None]), pd.Series([1.0, float("nan")])),
    (cycle(1), cycle(1)),
    (collections.deque([1, 2], maxlen=3), collections.deque([1, 2], maxlen=3)),
    (np.random.default_rng(3), np.random.default_rng(3)),
    (functools.partial(int, "3", base=8), functools.partial(int, "3", base=8)),
    (re.compile("a+"), re.compile("a+")),
    (frame(a=[1, 2]).groupby("a"), frame(a=[1, 2]).groupby("a")),
    (frame(a=[1, 2]).style, frame(a=[1, 2]).style),
    (Bunch(a=1), pickle.loads(pickle.dumps(Bunch(a=1)))),  # its copies leave out what it keeps of warnings
]

DIFFERENT: list[tuple[Any, Any]] = [
    (1, 1.0),
    (1, True),
    (0.0, -0.0),
    ("1", 1),
    (0.1 + 0.2, 0.3),
    ([1, 2], (1, 2)),
    ([1, [2, 3]], [[1, 2], 3]),
    ([[1], [2]], [[1, 2]]),
    (["ab"], ["a", "b"]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({1: "a"}, {1.0: "a"}),
    (collections.OrderedDict(a=1), {"a": 1}),
    (collections.Counter("aab"), collections.Counter("abb")),
    (collections.defaultdict(list), collections.defaultdict(set)),
    (collections.deque([1], maxlen=3), collections.deque([1], maxlen=4)),
    (Point([1]), Point([2])),
    (Slotted(1), Slotted(2)),
    (Words(["a"]), Words(["b"])),
    (Words(["a"]), ["a"]),
    (Number(3), Number(4)),
    (Number(3), 3),
    (ValueError("a"), ValueError("b")),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    (dt.date(2024, 1, 1), dt.date(2024, 1, 2)),
    (ticked(1), ticked(2)),
    (functools.partial(int, base=8), functools.partial(int, base=16)),
    (iter([1, 2, 3]), iter([1, 2])),
    (np.float64(1), np.float32(1)),
    (np.float64(1), 1.0),
    (np.array([1, 2]), np.array([1, 2], dtype="int32")),
    (np.array([1, 2]), np.array([[1, 2]])),
    (np.array([0.0]), np.array([-0.0])),
    (np.ma.masked_equal([1, 2], 2), np.ma.masked_equal([1, 2], 3)),
    (np.array([1, "a"], dtype=object), np.array(["1", "a"], dtype=object)),
    (np.random.default_rng(3), np.random.default_rng(4)),
    (frame(a=[1, 2]), frame(a=[1.0, 2.0])),
    (frame(a=[1, 2]), frame(b=[1, 2])),
    (frame(a=[1], b=[2]), frame(b=[2], a=[1])),
    (frame(a=[1, 2]), frame(a=[1, 2]).set_axis([1, 2])),
    (frame(a=[None, "x"]), frame(a=["None", "x"])),
    (frame(a=pd.Categorical(["x", "y"])), frame(a=pd.Categorical(["x", "y"], ["y", "x"]))),
    (frame(a=[1, 2]).rename_axis("i"), frame(a=[1, 2])),
    (pd.Series([1], name="a"), pd.Series([1], name="b")),
    (pd.Series([1, None], dtype="Int64"), pd.Series([1, 0], dtype="Int64")),
    (pd.date_range("2024", periods=3), pd.date_range("2024", periods=3, freq="2D")),
    (pd.Index([1, 2], name="a"), pd.Index([1, 2], name="b")),
    (frame(a=[1]).to_numpy(), [[1]]),
    (io.StringIO("a"), io.StringIO("b")),
    ({"a": np.arange(99)}, {"a": np.arange(99)[::-1]}),
    ([frame(a=[1, 2])], [frame(a=[1, 3])]),
    (
        frame(**{f"c{n}": [n, 2] for n in range(3000)}),
        frame(**{f"c{n}": [n, 2 + n // 2999] for n in range(3000)}),
    ),
    (frame(a=[1, 2]).style, frame(a=[1, 3]).style),
    (frame(a=[1.5]).style.format("{:.1f}"), frame(a=[1.5]).style.format("{:.2f}")),
    (frame(a=[1.5]).style, frame(a=[1.5]).style.highlight_max()),
]


@pytest.mark.parametrize(("one", "other"), EQUAL, ids=[type(one).__name__ for one, _ in EQUAL])
def test_equal_values_have_equal_fingerprints(one: Any, other: Any) -> None:
    assert digest(one) is not None
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"), DIFFERENT, ids=[f"{n}-{type(one).__name__}" for n, (one, _) in enumerate(DIFFERENT)]
)
def test_different_values_have_different_fingerprints(one: Any, other: Any) -> None:
    assert digest(one) is not None
    assert digest(one) != digest(other)


def test_class_data_counts_and_its_methods_do_not() -> None:
    def make(total: int) -> type:
        return type("C", (), {"total": total, "f": lambda _: total, "__module__": HERE})

    assert digest(make(1)) == digest(make(1))
    assert digest(make(1)) != digest(make(2))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ((n for n in range(3)), "generator"),
        ([(n for n in range(3))], "generator"),
        (open(__file__), "open file"),  # noqa: PTH123, SIM115
        ([subprocess.Popen(["true"])], "started program"),
    ],
    ids=["generator", "list-of-generator", "file", "program"],
)
def test_what_cannot_be_looked_into_is_named(value: Any, word: str) -> None:
    assert any(word in reason for reason in told(value)["reasons"])


def test_looking_changes_nothing() -> None:
    numbers = (n for n in range(3))
    text = io.StringIO("abc")
    text.read(1)
    rows = iter([1, 2, 3])
    next(rows)
    table = frame(a=[1, 2])
    cached = dict(vars(table.index).get("_cache", {}))
    for value in (numbers, text, rows, table):
        told(value)
    assert (list(numbers), text.read(), list(rows)) == ([0, 1, 2], "bc", [2, 3])
    assert vars(table.index).get("_cache", {}) == cached


def test_parts_say_where_frames_differ() -> None:
    one = told(frame(a=range(64), b=range(64)))["parts"]
    changed = frame(a=range(64), b=range(64))
    changed.loc[40, "b"] = -1
    other = told(changed)["parts"]
    assert [name for name in one if one[name][0] != other[name][0]] == ["column 'b'"]
    assert [n for n in range(32) if one["column 'b'"][3][n] != other["column 'b'"][3][n]] == [20]


def test_an_array_that_is_no_block_of_memory_is_hashed_whole() -> None:
    big = np.zeros((3000, 1001))
    part = big[:, 1:]
    before = digest(part)
    big[2999, 1000] = 1
    assert digest(part) != before


_list: list[int] = []
_array = np.arange(4)
_pair: Any = ("a", ("b", 1))
_deep: Any = ("a", ("b", []))
OBJECTS: list[tuple[dict[str, Any], bool]] = [
    ({"a": _list, "b": _list}, True),
    ({"a": [], "b": []}, False),
    ({"a": _list, "b": {"k": [_list]}}, True),
    ({"a": 5, "b": 5}, False),
    ({"a": _array, "b": _array[1:]}, True),
    ({"a": _array, "b": _array.copy()}, False),
    ({"a": [_list, _list]}, True),
    ({"a": [[], []]}, False),
    ({"a": Point(_list), "b": _list}, True),
    ({"a": (_list,), "b": [_list]}, True),
    ({"a": [_pair], "b": [_pair]}, False),  # nobody can tell one tuple of texts from its equal by changing it
    ({"a": [_deep], "b": [_deep]}, True),
]


@pytest.mark.parametrize(("namespace", "is_shared"), OBJECTS)
def test_shared_objects_are_found(namespace: dict[str, Any], is_shared: bool) -> None:
    told = aliases.graph(namespace, lambda module: module == HERE)
    parents = [
        *told["roots"].values(),
        *(node for steps in told["steps"].values() for step, node in steps if step != "memory"),
    ]
    owners = [node for steps in told["steps"].values() for step, node in steps if step == "memory"]
    nodes = [node for node in parents if node]
    assert (len(set(nodes)) < len(nodes) or len(set(owners)) < len(owners)) is is_shared


def test_an_item_of_a_dict_is_found_by_its_key() -> None:
    """Two runs may fill a registry in another order: its places tell nothing."""
    item = [1]
    steps = [
        {
            step
            for reached in aliases.graph({"d": made}, lambda _: True)["steps"].values()
            for step, _ in reached
        }
        for made in ({"a": item, "b": [2]}, {"b": [2], "a": item})
    ]
    assert steps[0] == steps[1] == {"['a']", "['b']"}
