"""The page of a proof in a real browser: it needs no network, shows the worst first, and runs nothing of the notebook's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nb2pipe.execution import Aliases, Border, Controls, Display, RunRecord, Value
from nb2pipe.reports.proof import in_form
from nb2pipe.verification import Difference, NotCompared, StageCells, Verdict

pytestmark = pytest.mark.browser

HOSTILE = "<script>document.title = 'taken over'</script><img src=x onerror=\"document.title='taken over'\">"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def record(mode: str, cell: int = 0, stage: str = "") -> RunRecord:
    """A run with two borders, a hostile value and two displays."""
    values = {"df": Value("DataFrame", "1", HOSTILE), "total": Value("int", "2", "3")}
    borders = tuple(
        Border(values, Aliases(), cell=number * bool(cell), stage=name if stage else "")
        for number, name in ((1, "load"), (2, "fit"))
    )
    shown = (
        Display(values["df"], 1, {"text/plain": HOSTILE}),
        Display(values["total"], 2, {"image/png": PICTURE}),
    )
    return RunRecord(mode, ((1, "x\n"),), borders, shown, {})


STAGES = (StageCells("load", "function", (1,)), StageCells("fit", "script", (2,)))
COUNTS = {"stdout_lines": 1, "variables": 4, "displays": 2, "files": 0, "exceptions": 0}
EQUAL = Verdict(
    "equal", ("in-process",), 2, COUNTS, (), (), 1.0, Controls(), stages=STAGES, seconds={"notebook": 1.0},
    records=(record("notebook", cell=1), record("in-process", stage="load")),
)  # fmt: skip
DIFFERENT = replace(
    EQUAL,
    verdict="different",
    differences=(Difference("variable", "total", "fit", 2, 3, HOSTILE, "4", "isolated"),),
    not_compared=(NotCompared("variable", "df", "a generator cannot be fingerprinted", 1, "load"),),
    others=(replace(EQUAL, inputs="50% of the rows"),),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium as the system has it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a verdict's page; the page must be quiet and alone."""
    context = browser.new_context(color_scheme="dark", viewport={"width": 1000, "height": 700})
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))

    def open_page(verdict: Verdict) -> Any:
        path = tmp_path / "proof.html"
        path.write_text(in_form(verdict, "html", "churn"), encoding="utf-8")
        page.goto(path.as_uri())
        return page

    yield open_page
    assert [one for one in asked if not one.startswith(("file:", "data:"))] == []
    assert errors == []
    context.close()


def top(page: Any, selector: str) -> float:
    """How far down something stands."""
    return float(page.locator(selector).first.bounding_box()["y"])


@pytest.mark.parametrize("verdict", [EQUAL, DIFFERENT], ids=["equal", "different"])
def test_the_verdict_is_seen_first(opened: Any, verdict: Verdict) -> None:
    page = opened(verdict)
    assert page.locator(".badge").inner_text() == verdict.verdict
    assert top(page, ".badge") < 100
    assert page.title() == f"churn: {verdict.verdict}"


def test_differences_come_before_all_else(opened: Any) -> None:
    page = opened(DIFFERENT)
    assert top(page, "#differences") < top(page, "#inputs") < top(page, ".flow") < top(page, ".sides")
    assert "stage fit, cell 2, line 3" in page.locator("table").first.inner_text()
    assert page.locator("details[open]").count() == 1


def test_a_stage_opens_by_mouse_and_by_keyboard(opened: Any) -> None:
    page = opened(EQUAL)
    assert page.locator("details[open]").count() == 0
    page.locator(".flow a").first.click()
    assert page.locator("#stage-1[open]").count() == 1
    assert "total" in page.locator("#stage-1").inner_text()
    page.locator("#stage-2 summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#stage-2[open]").count() == 1


def test_displays_stand_side_by_side(opened: Any) -> None:
    page = opened(EQUAL)
    left, right = (page.locator(".sides").first.locator("> div").nth(n).bounding_box() for n in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert page.locator(".sides img").count() == 2
    assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth > 0)")


def test_nothing_of_the_notebook_runs(opened: Any) -> None:
    page = opened(DIFFERENT)
    page.wait_for_timeout(200)
    assert page.title() == "churn: different"
    assert page.locator("img[src=x]").count() == 0
    assert HOSTILE in page.locator("#differences + table").inner_text()


@pytest.mark.parametrize("width", [400, 1000])
def test_nothing_sticks_out(opened: Any, width: int) -> None:
    page = opened(DIFFERENT)
    page.set_viewport_size({"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
