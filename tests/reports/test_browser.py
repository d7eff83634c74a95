"""The audit's page in a real browser: a variable's way by click and by keyboard, light and dark, without network."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from notebook_files import write_notebook

from nb2pipe.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
CELLS = (
    "import random",
    "x = [2, 1]",
    "print(x[0])",
    "x.sort()\ny = random.random()",
    "print(x, y)",
    "print(nowhere)",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found, "the browser test needs chromium on the PATH"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: "Browser", tmp_path: Path) -> "Iterator[Page]":
    target = tmp_path / "report.html"
    main(["audit", str(write_notebook(tmp_path, *CELLS)), "--format", "html", "-o", str(target)])
    shown = browser.new_page()
    troubles: list[str] = []
    shown.on("console", lambda message: troubles.append(message.text))
    shown.on("pageerror", lambda error: troubles.append(str(error)))
    shown.on(
        "request", lambda request: None if request.url.startswith("file:") else troubles.append(request.url)
    )
    shown.goto(target.as_uri())
    yield shown
    shown.close()
    assert troubles == []


def lit(page: "Page") -> set[tuple[str | None, str | None]]:
    """The flows that are highlighted, from cell to cell."""
    return {
        (arc.get_attribute("data-a"), arc.get_attribute("data-b")) for arc in page.locator("path.on").all()
    }


def test_summary_comes_first(page: "Page") -> None:
    assert "error" in (page.locator(".verdict").text_content() or "")
    first = page.locator(".top li").first
    assert "nowhere" in (first.text_content() or "")
    first.locator("a").click()
    assert page.url.endswith("-6")
    assert page.locator(".cell").nth(5).is_visible()


def test_click_shows_the_way_of_a_variable(page: "Page") -> None:
    page.locator(".chips button", has_text="x").first.click()
    assert lit(page) == {("2", "3"), ("2", "4"), ("4", "5")}
    assert page.locator(".way").text_content() == "x: made in cell 2; changed in cell 4; needed in cells 3-5"
    assert page.locator(".cell.on").count() == 4


def test_keyboard_moves_and_clears(page: "Page") -> None:
    page.locator(".chips button").first.focus()
    page.keyboard.press("Enter")
    assert lit(page)
    first = page.locator(".way").text_content()
    page.keyboard.press("ArrowRight")
    assert page.locator(".way").text_content() not in (first, "")
    page.keyboard.press("Escape")
    assert lit(page) == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(page: "Page", scheme: str) -> None:
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    ground, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    light = [sum(map(int, colour[4:-1].split(","))) for colour in (ground, ink)]
    assert (light[0] > light[1]) == (scheme == "light")
    assert abs(light[0] - light[1]) > 400
