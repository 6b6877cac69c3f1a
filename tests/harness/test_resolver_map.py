"""A resolver map answers addresses from files, and a bad one is told with what to mend."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from assay.cli.errors import UsageError
from assay.cli.validate import run_validate
from assay.harness.evidence import Exchange
from assay.harness.material import Unavailable
from assay.harness.resolver_map import MappedTransport, ResolverMapError, read_resolver_map
from assay.harness.transport import MemoryTransport, OfflineTransport

URL = "https://issuer.example/.well-known/did.json"


def write(folder: Path, content: Any) -> Path:
    path = folder / "resolver.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_file_is_answered_with_its_media_type_and_a_status_without_body(tmp_path: Path) -> None:
    (tmp_path / "did.json").write_bytes(b'{"id":"did:web:issuer.example"}')
    path = write(
        tmp_path,
        {URL: {"file": "did.json", "media_type": "application/did+json"}, URL + "/gone": {"status": 404}},
    )
    answers = read_resolver_map(path)
    assert answers == {
        URL: (200, "application/did+json", b'{"id":"did:web:issuer.example"}'),
        URL + "/gone": (404, "application/octet-stream", b""),
    }


def test_mapped_addresses_are_answered_and_the_rest_is_left_to_the_transport_behind() -> None:
    behind = MemoryTransport({"https://other.example/": (200, "text/plain", b"from behind")})
    mapped = MappedTransport({URL: (200, "application/json", b"{}"), URL + "/gone": (404, "", b"")}, behind)
    found = asyncio.run(mapped.fetch(URL))
    assert isinstance(found, Exchange)
    assert (found.body, found.media_type) == (b"{}", "application/json")
    gone = asyncio.run(mapped.fetch(URL + "/gone"))
    assert isinstance(gone, Unavailable)
    assert (gone.reason, gone.definitive) == ("not-found", True)
    other = asyncio.run(mapped.fetch("https://other.example/"))
    assert isinstance(other, Exchange)
    assert other.body == b"from behind"
    assert [request.url for request in behind.asked] == ["https://other.example/"]


def test_only_a_get_is_answered_from_the_map() -> None:
    mapped = MappedTransport({URL: (200, "application/json", b"{}")}, OfflineTransport())
    posted = asyncio.run(mapped.send("POST", URL))
    assert isinstance(posted, Unavailable)
    assert posted.reason == "offline"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "expected"),
        ('{"https://a.example/":{"status":404},"https://a.example/":{"status":404}}', "resolver.json"),
        ([], "one JSON object"),
        ({"did:web:issuer.example": {"status": 404}}, "no http"),
        ({URL: "did.json"}, "expected an object"),
        ({URL: {"file": "did.json", "colour": "red"}}, "expected an object"),
        ({URL: {"status": True}}, "status True"),
        ({URL: {"status": 99}}, "status 99"),
        ({URL: {}}, "names no file"),
        ({URL: {"file": "did.json", "media_type": 7}}, "media_type"),
        ({URL: {"file": "missing.json"}}, "is no file"),
        ({URL: {"file": "../outside.json"}}, "not below the folder"),
        ({URL: {"file": "/etc/hostname"}}, "not below the folder"),
        ({URL: {"file": "link.json"}}, "not below the folder"),
        ({URL: {"file": "nul\u0000.json"}}, "not below the folder"),
        ({URL: {"file": 7}}, "not below the folder"),
        ({URL: {"file": "."}}, "is no file"),
    ],
)
def test_a_bad_map_is_told_with_file_and_mend(content: Any, words: str, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.json").write_text("{}")
    (inside / "did.json").write_text("{}")
    (inside / "link.json").symlink_to(tmp_path / "outside.json")
    path = write(inside, content)
    with pytest.raises(ResolverMapError, match=r"resolver\.json") as raised:
        read_resolver_map(path)
    assert words in str(raised.value)


def test_a_map_that_is_not_there_is_an_error_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--resolver: resolver map .*nowhere\.json': is no file"):
        run_validate(
            [str(tmp_path)],
            at="2026-06-01",
            offline=True,
            trust_anchors=[],
            require="",
            profiles=[],
            artefacts=None,
            assume=None,
            resolvers=[tmp_path / "nowhere.json"],
            output="json",
            out=None,
            verbose=False,
        )
