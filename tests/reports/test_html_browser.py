"""The HTML report in a real browser, from ``file://``: it runs, filters, stays self-contained and obeys the keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.profiles.catalogue import load_profile
from assay.reports import html
from tests.reports.sample import run
from tests.reports.webdriver import Browser, browser_binaries

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, Path]]:
    if browser_binaries() is None:
        reason = "chromium and chromedriver are not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html.render(run(), load_profile("untp-0.7").requirements), encoding="utf-8")
    with Browser() as browser:
        browser.open(path)
        yield browser, path


def test_hostile_strings_do_not_run_and_the_page_logs_no_error(page: tuple[Browser, Path]) -> None:
    browser, _ = page
    assert browser.run("return document.querySelectorAll('script').length") == 1
    assert "<script>alert(1)</script>" in browser.run("return document.querySelector('h1').textContent")
    assert browser.console_errors() == []


def test_nothing_is_loaded_from_outside(page: tuple[Browser, Path]) -> None:
    browser, path = page
    loaded = browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [name for name in loaded if not name.startswith(("data:", path.as_uri()))] == []


def test_filters_narrow_the_requirement_table_and_say_so(page: tuple[Browser, Path]) -> None:
    browser, _ = page
    shown = browser.run(
        """
        const form = document.querySelector('form[data-table="requirement-table"]');
        form.elements.outcome.value = 'failed';
        form.dispatchEvent(new Event('change'));
        const rows = [...document.querySelectorAll('#requirement-table tbody tr')].filter(row => !row.hidden);
        return [rows.map(row => row.cells[0].textContent), document.getElementById('requirement-status').textContent];
        """
    )
    assert sorted(shown[0]) == ["DPP-061", "STS-004", "VCP-014"]
    assert shown[1].startswith("3 of ")


def test_a_link_from_the_table_opens_the_explanation(page: tuple[Browser, Path]) -> None:
    browser, _ = page
    opened = browser.run(
        """
        document.querySelector('#requirement-table a[href="#DPP-061-failed"]').click();
        const done = arguments[arguments.length - 1];
        window.dispatchEvent(new HashChangeEvent('hashchange'));
        return document.getElementById('DPP-061-failed').open;
        """
    )
    assert opened is True


def test_the_first_tab_stop_skips_to_the_report(page: tuple[Browser, Path]) -> None:
    browser, path = page
    browser.open(path)
    browser.press("\ue004")
    assert browser.run("return document.activeElement.getAttribute('href')") == "#main"


def test_every_interactive_thing_has_a_name_and_every_image_a_description(page: tuple[Browser, Path]) -> None:
    browser, _ = page
    nameless = browser.run(
        """
        const bad = [];
        for (const field of document.querySelectorAll('select,input,button')) {
          if (!field.closest('label') && !field.textContent.trim()) bad.push(field.outerHTML);
        }
        for (const image of document.querySelectorAll('svg:not([aria-hidden])')) {
          const title = document.getElementById(image.getAttribute('aria-labelledby').split(' ')[0]);
          if (!title || !title.textContent) bad.push('svg');
        }
        for (const head of document.querySelectorAll('th')) if (!head.getAttribute('scope')) bad.push(head.outerHTML);
        return bad;
        """
    )
    assert nameless == []


def test_text_stands_out_from_its_background_in_light_and_dark(page: tuple[Browser, Path]) -> None:
    _, path = page
    measure = """
        function channel(v) { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); }
        function light(c) { const m = c.match(/[\\d.]+/g).map(Number); return 0.2126*channel(m[0]) + 0.7152*channel(m[1]) + 0.0722*channel(m[2]); }
        function background(e) { while (e) { const b = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(b) && b !== 'transparent') return b; e = e.parentElement; } return 'rgb(255,255,255)'; }
        let worst = 99;
        for (const e of document.querySelectorAll('p,td,th,.badge,dt,dd,h1,h2,.rule,label,summary')) {
          if (!e.textContent.trim() || !e.offsetParent) continue;
          const a = light(getComputedStyle(e).color), b = light(background(e));
          worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
        }
        return worst;
    """
    for flag in ("--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"):
        with Browser(flag) as browser:
            browser.open(path)
            assert browser.run(measure) >= 4.5
