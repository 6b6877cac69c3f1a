"""The manifest: every mistake is told with key, value and mend; secrets are references."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.harness.manifest import Manifest, ManifestError, load, template

SMALLEST = '[system]\nname = "x"\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "assay.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ManifestError) as caught:
        load(written(tmp_path, text), environ or {})
    return str(caught.value)


def test_the_template_is_a_manifest_and_so_is_the_smallest(tmp_path: Path) -> None:
    assert load(written(tmp_path, template('My "system"')), {}).system.name == "My 'system'"
    assert load(written(tmp_path, SMALLEST), {}).roles.issuer == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[system]\nname = "x"\nprofile = "y"\n', "system.profile: no such key; did you mean 'profiles'?"),
        ('[sytem]\nname = "x"\n', "sytem: no such key; did you mean 'system'?"),
        (SMALLEST + 'profiles = ["untp-0.8"]\n', "profile 'untp-0.8' is unknown; did you mean 'untp-0.7'?"),
        (
            SMALLEST + '[roles.publisher]\narchives = ["https://archive.example/copies"]\n',
            "expected {url} in each address",
        ),
        (SMALLEST + 'features = ["verify-link"]\n', "did you mean 'verify-links'?"),
        (SMALLEST + 'identifiers = ["0123"]\n', "'0123' cannot be resolved"),
        ("[system]\n", "system.name: is missing"),
        (SMALLEST + '[roles.verifier]\nendpoint = "ftp://x"\n', "expected an http(s) URL"),
        (SMALLEST + '[roles.verifier]\nendpont = "https://x.example"\n', "did you mean 'endpoint'?"),
        (
            SMALLEST + '[[roles.issuer]]\nendpoint = "https://u:p@x.example"\n',
            "credentials do not belong into a URL",
        ),
        (
            SMALLEST + '[[roles.issuer]]\nendpoint = "https://x.example"\nauth = "hunter2"\n',
            'write "env:NAME"',
        ),
        (SMALLEST + '[network.hosts]\n"a.example" = "127.0.0.1"\n', 'write "address:port"'),
        (SMALLEST + "[limits]\nseconds = -1\n", "limits.seconds = -1"),
        (SMALLEST + '[network]\nca = "nowhere.pem"\n', "there is no such file"),
        (SMALLEST + '[harness]\nlisten = "127.0.0.1:8499"\n', "needs 'certificate' and 'key'"),
        (SMALLEST + "[secrets]\na = 1\n", "secrets: no such key"),
        ("[system\n", "not TOML"),
    ],
)
def test_a_mistake_is_told_with_key_and_mend(tmp_path: Path, text: str, told: str) -> None:
    assert told in problems(tmp_path, text)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    told = problems(tmp_path, '[system]\nnam = "x"\n[limits]\nseconds = 0\nbites = 1\n')
    assert len(told.splitlines()) == 4


def test_a_missing_manifest_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="assay init"):
        load(tmp_path / "assay.toml", {})


AUTH = SMALLEST + '[roles.issuer]\nendpoint = "https://x.example/"\nauth = "{}"\n'


def test_a_secret_comes_from_the_environment_and_is_not_shown(tmp_path: Path) -> None:
    manifest = load(written(tmp_path, AUTH.format("env:TOKEN")), {"TOKEN": "hunter2"})
    assert manifest.headers(manifest.roles.issuer[0]) == {"Authorization": "Bearer hunter2"}
    assert manifest.roles.issuer[0].endpoint == "https://x.example"
    assert "hunter2" not in repr(manifest) + manifest.model_dump_json()


def test_a_secret_comes_from_a_file_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n")
    manifest = load(written(tmp_path, AUTH.format("file:token")), {})
    assert manifest.secret("file:token") == "hunter2"


def test_a_secret_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    assert "the environment variable TOKEN is not set" in problems(tmp_path, AUTH.format("env:TOKEN"))
    assert "the file cannot be read" in problems(tmp_path, AUTH.format("file:token"))


def test_hosts_become_a_host_map() -> None:
    manifest = Manifest.model_validate(
        {
            "system": {"name": "x"},
            "network": {"hosts": {"ID.a.example": "[::1]:8443", "b.example": "127.0.0.1:1"}},
        }
    )
    assert manifest.host_map == {"id.a.example": ("::1", 8443), "b.example": ("127.0.0.1", 1)}


def test_a_trust_anchor_that_is_no_did_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "assay.toml"
    path.write_text('[system]\nname = "x"\ntrust_anchors = ["registry.example"]\n')
    with pytest.raises(ManifestError, match=r"system\.trust_anchors.*'registry\.example' is no DID"):
        load(path)


def test_a_secret_that_stands_in_the_manifest_is_never_shown(tmp_path: Path) -> None:
    """Such lines end in the logs of somebody's CI."""
    auth = problems(
        tmp_path, SMALLEST + '[roles.verifier]\nendpoint = "https://v.example"\nauth = "hunter2secret"\n'
    )
    assert (
        "roles.verifier.auth = (not shown): secrets are given by reference" in auth and "hunter2" not in auth
    )
    seed = problems(tmp_path, SMALLEST + '[harness]\nseed = "hunter2secret"\n')
    assert "harness.seed" in seed and "hunter2" not in seed
    url = problems(tmp_path, SMALLEST + '[[roles.issuer]]\nendpoint = "https://me:hunter2@v.example/x"\n')
    assert "roles.issuer.0.endpoint = 'https://(not shown)@v.example/x'" in url and "hunter2" not in url


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("profiles = []", "system.profiles = []: nothing to judge by"),
        ('trust_anchors = "did:web:a.example"', """system.trust_anchors = 'did:web:a.example': expected a list; write ["..."]"""),
        (
            '[roles.issuer]\nendpoint = "https://v.example"\nadapter = "vc_api"',
            "roles.issuer.adapter = 'vc_api': adapter 'vc_api' is unknown; did you mean 'vc-api'?",
        ),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_the_key_as_the_file_has_it(tmp_path: Path, more: str, told: str) -> None:
    assert told in problems(tmp_path, SMALLEST + more + "\n")
