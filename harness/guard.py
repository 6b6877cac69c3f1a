"""The address guard: which hosts and addresses may be connected to.

A linkset, DID document or redirect can name any address, those of the machine that runs the test included
(server-side request forgery). Names are judged twice: by their text, and by the address they resolve to, which is the one
that is then connected to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = [
    "LOCAL_NAMES",
    "Blocked",
    "HostMap",
    "address_problem",
    "looks_numeric",
    "mapped_to",
    "refusal",
]

HostMap = Mapping[str, tuple[str, int]]
"""Host name (lower case; ``name:port`` for another port than the scheme's) to address and port."""

LOCAL_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data", "localhost"})


class Blocked(OSError):
    """An address that must not be connected to."""


def address_problem(address: str) -> str | None:
    """Why an IP address must not be connected to (``loopback``, ``link-local``, ...), or None if it may."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0].strip("[]"))
    except ValueError:
        return "no address"
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if mapped is not None:
        return address_problem(str(mapped))
    kinds = (
        ("loopback", ip.is_loopback),
        ("link-local", ip.is_link_local),
        ("unspecified", ip.is_unspecified),
        ("multicast", ip.is_multicast),
        ("private", not ip.is_global),
    )
    return next((name for name, holds in kinds if holds), None)


def mapped_to(host_map: HostMap, host: str, port: int) -> tuple[str, int] | None:
    """Where a host map sends a host and port, or None."""
    name = host.lower().rstrip(".")
    return host_map.get(f"{name}:{port}") or (host_map.get(name) if port in (80, 443) else None)


def looks_numeric(host: str) -> bool:
    """True for addresses and for spellings of IPv4 that a socket would understand (``2130706433``, ``0x7f.1``)."""
    if ":" in host:
        return True
    return all(part.isdigit() or part.startswith("0x") for part in host.split(".") if part)


def refusal(
    url: str, host_map: HostMap | None = None, allowed: frozenset[str] = frozenset()
) -> tuple[str, str] | None:
    """Why a URL is not fetched at all, judged by its text: reason and detail, or None where it may be tried."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError as error:
        return "bad-url", str(error)
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        return "scheme", f"'{scheme}:' is not fetched, only http and https"
    if not host:
        return "bad-url", "the URL names no host"
    if mapped_to(host_map or {}, host, port or (443 if scheme == "https" else 80)) or host in allowed:
        return None
    problem = "host name of this machine or its metadata" if host in LOCAL_NAMES else None
    if host.endswith((".localhost", ".internal")):
        problem = "host name of a local network"
    if looks_numeric(host):
        problem = address_problem(host) or problem
    return None if problem is None else ("blocked", f"{host} is not connected to: {problem} address")
