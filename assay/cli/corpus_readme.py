"""The README that lies in an exported corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

__all__ = ["readme"]

_TEXT = """\
# UNTP test vectors

{vectors} vectors made by Assay {assay}: {valid} without fault, {faulty} with one fault each, signed anew around the fault. They
stand for {rows} requirements that are decided from documents. The same release of Assay writes the same bytes on every machine.

All parties are invented, all hosts end in `.example`, and everything works without a network.

## Files

| file | holds |
|---|---|
| `manifest.json` | every vector with what differs, the date, and what is to be said of it |
| `vectors/valid/<base>.jwt` (or `.json`) | documents without fault |
| `vectors/<row>/<n>.jwt` (or `.json`) | a document that breaks the requirement `<row>`; beside a `.jwt`, its payload as `.json` where the fault is in it |
| `vectors/<row>/<n>.resolver.json`, `<n>.resources/` | what addresses answer for this vector alone |
| `bases/<base>.json` | the content that the patches of the manifest apply to |
| `resolver.json`, `resources/<host>/<path>` | DID documents and status lists: what every address answers unless a vector says otherwise |
| `keys/issuer.jwk.json` | the public key of all issuers |

## Use it

For each entry of `vectors` in the manifest:

1. Set the clock of the verifier to `as_of`. Nearly all vectors share {date}.
2. Let it look up addresses in the maps under `resolver`, the last one first: an entry has a `file` with its `media_type`, or a
   `status` to answer with. A folder below `resources` can also be served as the host of its name.
3. Hand over `file`; where `together_with` names others, the fault is seen only beside them.
4. Compare.

| field of `expected` | says |
|---|---|
| `verification` | `verified`: the proof holds, the credential is in force on the date, no status bit is set. `either`: so too, but a MUST of data model, token, linked data, DID or status list fails; who reads strictly refuses. `refused`: a verifier of VC-JOSE-COSE and Bitstring Status List must not accept it. `unsecured`: nothing signs it. `undecided`: it rests on something that these files cannot answer. `none`: no credential. |
| `because` | why, in words |
| `rows` | the requirements that fail, with level and the file or address that each finding is about; no other fails |
| `contradictions` | rows on which the text of UNTP and its published schema contradict each other, and which of them (`basis`) the vector breaks; they decide nothing |
| `undecided` | rows that would decide conformity and cannot be decided here |
| `verdict` | what `assay validate` says of the whole |

A verifier need not know the rows: `verified` and `refused` are what it has to get right. `verified` with failed rows means that the proof
is sound and what UNTP asks of the content is not met. How each is counted: {verifications}.

`breaks` names the row that a vector is for, `patch` (RFC 6902, to be applied to `base`) says what differs, `forged` names what is wrong
with the token, `around` what is wrong with the DID document or status list. `command` is the call of Assay that gives the same verdict,
run from this folder. Rows and their wording stand under `requirements`.

## The key

All issuers sign with one {algorithm} key, thumbprint `{thumbprint}`. It follows from the public seed `{seed}`, so anybody
can sign with it: **never trust it outside a test**. The private scalar is SHA-512 over `assay forge|{algorithm}|<0, 1>|{seed}`,
the two digests joined, the first 48 bytes read as a number, modulo (order of P-256 - 1), plus 1.

## Rows without a vector

{elsewhere}

The manifest names each of them under `not_represented`.
"""


def readme(manifest: Mapping[str, Any]) -> str:
    """The README for a manifest."""
    counts, keys, vectors = manifest["counts"], manifest["keys"], manifest["vectors"]
    verifications = Counter(vector["expected"]["verification"] for vector in vectors)
    dates = Counter(vector["as_of"] for vector in vectors)
    reasons = Counter(
        "they are the same rule as another row" if why.startswith("the same rule as") else why
        for why in manifest["not_represented"].values()
    )
    single = {why: row for row, why in manifest["not_represented"].items()}
    return _TEXT.format(
        assay=manifest["assay"],
        vectors=counts["vectors"],
        valid=counts["valid"],
        faulty=counts["vectors"] - counts["valid"],
        rows=counts["rows"],
        date=dates.most_common(1)[0][0] if dates else "one date",
        verifications=", ".join(f"{name} {number}" for name, number in sorted(verifications.items())),
        elsewhere="\n".join(
            f"* {number} rows: {why}" if number > 1 else f"* `{single[why]}`: {why}"
            for why, number in sorted(reasons.items())
        ),
        **{name: keys[name] for name in ("algorithm", "thumbprint", "seed")},
    )
