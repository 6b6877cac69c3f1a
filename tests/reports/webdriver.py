"""A tiny W3C WebDriver client: enough to open a page, run a script and use the keyboard in headless Chromium."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1600",
]


def browser_binaries() -> tuple[str, str] | None:
    """Paths of chromium and chromedriver, or None where one is missing."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    return (chromium, driver) if chromium and driver else None


class Browser:
    """One browser session; use as a context manager."""

    def __init__(self, *flags: str) -> None:
        binaries = browser_binaries()
        if binaries is None:
            raise RuntimeError("chromium and chromedriver are needed")
        self._profile = tempfile.TemporaryDirectory(prefix="assay-browser-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._driver = subprocess.Popen(
            [binaries[1], f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._base = f"http://127.0.0.1:{port}"
        options = {
            "binary": binaries[0],
            "args": [*CHROMIUM_FLAGS, *flags, f"--user-data-dir={self._profile.name}"],
        }
        self._session = ""
        deadline = time.monotonic() + 30
        while True:
            try:
                created = self._call(
                    "POST", "/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
                )
                break
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline:
                    self.close()
                    raise
        self._session = f"/session/{created['sessionId']}"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(
            self._base + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, page: Path) -> None:
        self._call("POST", self._session + "/url", {"url": page.as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a function body in the page and return its value."""
        return self._call(
            "POST", self._session + "/execute/sync", {"script": script, "args": list(arguments)}
        )

    def press(self, keys: str) -> None:
        """Press keys on the focused element, as a keyboard user does."""
        actions = [
            step
            for key in keys
            for step in ({"type": "keyDown", "value": key}, {"type": "keyUp", "value": key})
        ]
        self._call(
            "POST", self._session + "/actions", {"actions": [{"type": "key", "id": "k", "actions": actions}]}
        )

    def console_errors(self) -> list[str]:
        """Errors the page logged (content security violations, script errors)."""
        entries = self._call("POST", self._session + "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def close(self) -> None:
        if self._session:
            self._call("DELETE", self._session)
            self._session = ""
        self._driver.terminate()
        self._driver.wait(timeout=20)
        self._profile.cleanup()

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
