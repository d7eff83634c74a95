"""What a scratch copy holds of a notebook's surroundings."""

from pathlib import Path

import pytest

from nb2pipe.execution import scratch_of


@pytest.mark.parametrize("outside", ["data", "data/a.csv"])
def test_what_is_reached_is_copied_too(tmp_path: Path, outside: str) -> None:
    for name in ("nb/nb.ipynb", "data/a.csv", "other/b.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("x", encoding="utf-8")
    with scratch_of(tmp_path / "nb" / "nb.ipynb", reached=[tmp_path / outside]) as scratch:
        scratch.fresh()
        assert sorted(scratch.snapshot()) == ["data/a.csv", "nb/nb.ipynb"]
        assert scratch.around == (".", f"../{outside}")


def test_only_the_root_of_the_disk_holds_both(tmp_path: Path) -> None:
    (tmp_path / "nb.ipynb").write_text("x", encoding="utf-8")
    far = Path("/etc/passwd")
    with scratch_of(tmp_path / "nb.ipynb", reached=[far]) as scratch:
        scratch.fresh()
        assert [path.name for path in scratch.folder.iterdir()] == ["nb.ipynb"]
        assert len(scratch.snapshot()) == 2
        assert (scratch.folder / scratch.around[1]).read_bytes() == far.read_bytes()
