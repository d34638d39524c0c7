"""Takes the README's picture anew: ``python tests/browser/picture.py`` (`make picture`). The head of the sample's page, down to its first plot."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
PICTURE = PROJECT / "docs" / "images" / "report.png"


def main() -> None:
    """Read the sample, make its page, photograph it."""
    import llm_usage
    from llm_usage import html
    from llm_usage.query import views
    from llm_usage.query.session import connect

    settings = views.Settings()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        llm_usage.ingest(PROJECT / "data" / "sample", Path(folder) / "lake")
        page_file = Path(folder) / "index.html"
        page_file.write_text(html.page(connect(Path(folder) / "lake", settings=settings), settings), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1180, "height": 1000}, color_scheme="light", device_scale_factor=1.25)
        page.goto(page_file.as_uri())
        plot = page.locator("#spend figure").bounding_box()
        if plot is None:
            sys.exit("the page has no plot of spend")
        page.screenshot(path=PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": 1180, "height": plot["y"] + plot["height"] + 24})
        browser.close()
    print(PICTURE.relative_to(PROJECT))


if __name__ == "__main__":
    main()
