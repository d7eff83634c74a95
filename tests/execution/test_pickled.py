"""Pickles of equal values have equal digests, of different values different ones, and nothing of them is loaded."""

import collections
import io
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from nb2pipe.execution.pickled import pickle_digest


class Loud:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle was loaded",))


def written(folder: Path, *values: Any, protocol: int | None = None) -> str | None:
    path = folder / "values"
    with path.open("wb") as file:
        for value in values:
            pickle.dump(value, file, protocol)
    return pickle_digest(path)


def joined(*parts: str) -> str:
    """A text that is no object of its own in the code."""
    return "".join(parts)


SHARED: list[int] = [1]
NAME = joined("na", "me")
EQUAL: list[tuple[Any, Any]] = [
    ([NAME, NAME], [joined("na", "me"), joined("n", "ame")]),
    ({"a": NAME, "b": (NAME, 1.5)}, {"a": joined("nam", "e"), "b": (NAME, 1.5)}),
    ({3, 1, 2}, {1, 2, 3}),
    ([SHARED, SHARED], [SHARED, SHARED]),
    (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})),
    ([np.arange(2), np.arange(2)], [pickle.loads(pickle.dumps(np.arange(2))), np.arange(2)]),
    (Loud(), Loud()),
]
DIFFERENT: list[tuple[Any, Any]] = [
    ([SHARED, SHARED], [[1], [1]]),
    ([1, 2], [1, 3]),
    ([1, 2], (1, 2)),
    (1, True),
    (1, 1.0),
    ("1", b"1"),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (collections.OrderedDict(a=1), {"a": 1}),
    (np.arange(3), np.arange(4)),
    (np.arange(3.0), np.array([0.0, 1.0, 3.0])),
    (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 3]})),
    (bytearray(b"a"), bytearray(b"b")),
    (DecisionTreeClassifier(max_depth=2), DecisionTreeClassifier(max_depth=3)),
]


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal(tmp_path: Path, one: Any, other: Any, protocol: int) -> None:
    found = written(tmp_path, one, protocol=protocol)
    assert found is not None
    assert found == written(tmp_path, other, protocol=protocol)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(tmp_path: Path, one: Any, other: Any, protocol: int) -> None:
    found = written(tmp_path, one, protocol=protocol)
    assert found is not None
    assert found != written(tmp_path, other, protocol=protocol)


def test_several_in_one_file(tmp_path: Path) -> None:
    assert written(tmp_path, 1, 2) == written(tmp_path, 1, 2)
    assert written(tmp_path, 1, 2) != written(tmp_path, 1, 3)
    assert written(tmp_path, 1, 2) != written(tmp_path, 1)


def test_a_cycle(tmp_path: Path) -> None:
    items: list[Any] = [1]
    items.append(items)
    assert written(tmp_path, items) != written(tmp_path, [1, [1]])
    assert written(tmp_path, items) is not None


@pytest.mark.parametrize("seed", [1, 2])
def test_joblib(tmp_path: Path, seed: int) -> None:
    def dumped(seed: int, labels: list[Any]) -> str | None:
        x, y = np.arange(40.0).reshape(20, 2), np.array(labels * 10, dtype=object)
        model = RandomForestClassifier(3, random_state=seed).fit(x, y)
        joblib.dump({"model": model, "columns": np.array(["a", "bc"])}, tmp_path / "model.joblib")
        return pickle_digest(tmp_path / "model.joblib")

    found = dumped(seed, ["u", "v"])
    assert found is not None
    assert found == dumped(seed, ["u", "v"])
    assert found != dumped(seed + 1, ["u", "v"])
    assert found != dumped(seed, ["u", "w"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n1,2\n",
        b"\x80\x04broken",
        b"\x80\x04\x95",
        b"\x80\x09K\x01.",
        b"\x80\x04K\x01K\x02a.",
        b"\x80\x04cos\nsystem\n}b.",
    ],
)
def test_what_is_no_pickle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert pickle_digest(tmp_path / "file") is None


def test_what_lies_outside_of_the_file_is_not_told(tmp_path: Path) -> None:
    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> Any:
            return "x" if value == 7 else None

    buffer = io.BytesIO()
    Pickler(buffer, 4).dump([7])
    (tmp_path / "file").write_bytes(buffer.getvalue())
    assert pickle_digest(tmp_path / "file") is None


def test_a_tuple_that_holds_itself_many_times_is_told_once(tmp_path: Path) -> None:
    deep: tuple[Any, ...] = ("leaf",)
    for _ in range(200):
        deep = (deep, deep)
    assert written(tmp_path, deep) == written(tmp_path, deep)
    assert written(tmp_path, deep) != written(tmp_path, deep[0])
