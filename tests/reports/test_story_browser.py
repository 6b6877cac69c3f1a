"""The page of a case in a real browser: quiet, nothing loaded, readable in light, dark and print, fit for a narrow screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.reports.story.page import render
from tests.reports.story_sample import HOSTILE, story
from tests.reports.webdriver import Browser, browser_binaries

pytestmark = pytest.mark.browser

CONTRAST = """
    function channel(v) { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); }
    function light(c) { const m = c.match(/[\\d.]+/g).map(Number); return 0.2126*channel(m[0]) + 0.7152*channel(m[1]) + 0.0722*channel(m[2]); }
    function background(e) { while (e) { const b = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(b) && b !== 'transparent') return b; e = e.parentElement; } return 'rgb(255,255,255)'; }
    let worst = [99, ''];
    for (const e of document.querySelectorAll('p,td,th,dt,dd,h1,h2,h3,a,code,strong,b,small,span,i,summary,li,footer')) {
      if (!e.textContent.trim() || !e.offsetParent || e.closest('svg,.skip,.hidden')) continue;
      const a = light(getComputedStyle(e).color), b = light(background(e));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 120)];
    }
    return worst;
"""
SHOWN = """
    return [...document.querySelectorAll('svg.chain')].filter(e => getComputedStyle(e).display !== 'none').map(e => e.classList[1]);
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if browser_binaries() is None:
        reason = "chromium and chromedriver are not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    path = tmp_path_factory.mktemp("story") / "story.html"
    path.write_text(render(story(HOSTILE)), encoding="utf-8")
    return path


def test_a_wide_light_screen_shows_the_columns_and_runs_nothing(page: Path) -> None:
    with Browser("--blink-settings=preferredColorScheme=1") as browser:
        browser.open(page)
        assert browser.run("return document.querySelectorAll('script').length") == 0
        assert browser.run("return performance.getEntriesByType('resource').length") == 0
        assert browser.console_errors() == []
        assert browser.run(SHOWN) == ["wide"]
        ratio, where = browser.run(CONTRAST)
        assert ratio >= 4.5, where


def test_a_narrow_dark_screen_shows_the_sites_below_each_other_and_needs_no_sideways_scrolling(
    page: Path,
) -> None:
    with Browser("--blink-settings=preferredColorScheme=0", "--window-size=520,900") as browser:
        browser.open(page)
        assert browser.run(SHOWN) == ["tall"]
        assert browser.run("return document.documentElement.scrollWidth <= window.innerWidth") is True
        ratio, where = browser.run(CONTRAST)
        assert ratio >= 4.5, where
