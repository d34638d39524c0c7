"""The page in Chromium: nothing fails, nothing is fetched, everything can be read on a desk, on a phone, in the dark, on paper.

Screenshots go to ``report/screenshots``, for people to look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from llm_usage.html import SECTIONS
from places import PAGES, SCREENSHOTS

KINDS = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 2, "is_mobile": True},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "tablet": {"viewport": {"width": 834, "height": 1112}, "color_scheme": "light"},
    "small desk": {"viewport": {"width": 900, "height": 700}, "color_scheme": "light"},
}


@contextmanager
def opened(browser, path: Path, **how: object) -> Iterator[object]:
    """A tab with the page in it. Fails on any word on the console, any error, any request but for the file itself."""
    context = browser.new_context(**how)
    said: list[str] = []
    asked: list[str] = []

    def route(route) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", route)
    tab = context.new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    tab.on("request", lambda request: asked.append(request.url) if request.url not in {path.as_uri(), "data:,"} else None)
    try:
        tab.goto(path.as_uri(), wait_until="load")
        yield tab
        tab.wait_for_timeout(50)
    finally:
        context.close()
    assert said == []
    assert asked == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PAGES)
def test_opens_without_a_word_and_without_a_request(browser, pages: dict[str, Path], name: str, kind: str) -> None:
    with opened(browser, pages[name], **KINDS[kind]) as tab:
        assert tab.locator("section").evaluate_all("nodes => nodes.map(n => n.id)") == [s.ident for s in SECTIONS]
        for section in SECTIONS[1:]:
            assert tab.locator(f"#{section.ident} h2").is_visible()
        width = KINDS[kind]["viewport"]["width"]  # type: ignore[index]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, "the page itself never scrolls sideways"
        tab.screenshot(path=SCREENSHOTS / f"{name}-{kind.replace(' ', '-')}.png", full_page=True)


@pytest.mark.parametrize("kind", ["light", "phone"])
def test_exactly_one_of_both_drawings_of_a_plot_is_shown(browser, pages: dict[str, Path], kind: str) -> None:
    with opened(browser, pages["sample"], **KINDS[kind]) as tab:
        figures = tab.locator("figure")
        assert figures.count() >= 8
        for number in range(figures.count()):
            drawings = figures.nth(number).locator("svg")
            boxes = [drawings.nth(i).bounding_box() for i in range(drawings.count()) if drawings.nth(i).is_visible()]
            assert len(boxes) == 1
            assert boxes[0]["height"] > 30
            assert boxes[0]["x"] >= 0
            assert boxes[0]["x"] + boxes[0]["width"] <= KINDS[kind]["viewport"]["width"]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["light", "phone", "tablet", "small desk"])
def test_letters_in_plots_can_be_read(browser, pages: dict[str, Path], kind: str) -> None:
    with opened(browser, pages["sample"], **KINDS[kind]) as tab:
        heights = tab.evaluate("[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height).filter(h => h > 0)")
        assert len(heights) > 50
        assert min(heights) >= 10


def test_plots_follow_the_theme(browser, pages: dict[str, Path]) -> None:
    colours = {}
    for kind in ("light", "dark"):
        with opened(browser, pages["sample"], **KINDS[kind]) as tab:
            colours[kind] = set(tab.evaluate("[...document.querySelectorAll('svg text')].map(t => getComputedStyle(t).fill)"))
            assert len(colours[kind]) == 1
    assert colours["light"] == {"rgb(77, 85, 98)"}
    assert colours["dark"] == {"rgb(170, 179, 194)"}


def test_everything_is_there_without_scripts(browser, pages: dict[str, Path]) -> None:
    texts = []
    for scripts in (True, False):
        with opened(browser, pages["sample"], java_script_enabled=scripts, viewport={"width": 1280, "height": 900}) as tab:
            texts.append(tab.locator("main").inner_text())
            buttons = tab.locator("th button").count()
            assert buttons > 20 if scripts else buttons == 0
    assert texts[0] == texts[1]


def test_tables_sort_and_sort_back(browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["corpus"], **KINDS["light"]) as tab:
        table = tab.locator("#providers table")
        column = table.locator("thead th").all_inner_texts().index("requests")
        cells = table.locator(f"tbody tr > :nth-child({column + 1})")
        first = cells.all_inner_texts()
        button = table.locator("thead th").nth(column).locator("button")

        def numbers() -> list[int]:
            return [int(text.replace(",", "")) for text in cells.all_inner_texts()]

        foot = table.locator("tfoot").inner_text()
        button.click()
        assert numbers() == sorted(numbers(), reverse=True)
        assert table.locator("thead th").nth(column).get_attribute("aria-sort") == "descending"
        button.focus()
        tab.keyboard.press("Enter")
        assert numbers() == sorted(numbers())
        button.click()
        assert cells.all_inner_texts() == first
        assert table.locator("tfoot").inner_text() == foot, "sums stay below"


def test_a_link_leads_to_its_section(browser, pages: dict[str, Path]) -> None:
    from playwright.sync_api import expect

    with opened(browser, pages["sample"], **KINDS["light"]) as tab:
        tab.locator("nav a", has_text="Rejects").click()
        expect(tab.locator("#rejects h2")).to_be_in_viewport()


def test_names_that_mean_harm_stay_names(browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["hostile"], **KINDS["light"]) as tab:  # a script that ran would open a dialog, and fail here
        assert "<script>alert(1)</script>" in tab.locator("main").inner_text()
        assert tab.locator("img").count() == 0
        assert tab.locator("script").count() == 1


@pytest.mark.parametrize("name", ["sample", "corpus"])
def test_prints(browser, pages: dict[str, Path], name: str) -> None:
    with opened(browser, pages[name], **KINDS["dark"]) as tab:
        tab.emulate_media(media="print")
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not tab.locator("nav").is_visible()
        tab.pdf(path=SCREENSHOTS / f"{name}.pdf", format="A4", margin={"top": "14mm", "bottom": "14mm", "left": "12mm", "right": "12mm"})
        assert (SCREENSHOTS / f"{name}.pdf").stat().st_size > 20_000
