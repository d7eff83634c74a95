"""Which files outside of its folder a notebook names."""

from pathlib import Path

import pytest
from notebook_files import facts_of

from nb2pipe.workflows.reached import reached

CASES = [
    ("pd.read_csv('../data/a.csv')", ["data/a.csv"]),
    ("open('../../top.txt')\nopen('../data/a.csv')", ["../top.txt", "data/a.csv"]),
    ("!cat ../data/a.csv | wc -l", ["data/a.csv"]),
    ("os.path.join('..', 'data', name)", ["data"]),
    ("Path('..') / 'data' / name", ["data"]),
    ("f'../data/{name}.csv'", ["data"]),
    ("glob('../data/*.csv')", ["data"]),
    ("df.to_csv('../data/new.csv')", ["data"]),
    # Nothing is copied for what would be all that lies above.
    ("df.to_csv('../new.csv')\nos.chdir('..')\nopen('../nothing/a.csv')", []),
    ("a = [1, 2]  # 3.. 4/5 http://x/../y", []),
]


@pytest.mark.parametrize(("code", "wanted"), CASES)
def test_reached(tmp_path: Path, code: str, wanted: list[str]) -> None:
    home = tmp_path / "home"
    for folder in ("notebooks", "data"):
        (home / folder).mkdir(parents=True)
    (home / "data" / "a.csv").write_text("a\n", encoding="utf-8")
    (tmp_path / "top.txt").write_text("a\n", encoding="utf-8")
    cells = [cell.lifted for cell in facts_of(code).cells]
    found = reached(cells, home / "notebooks" / "nb.ipynb")
    assert sorted(found) == sorted((home / name).resolve() for name in wanted)
