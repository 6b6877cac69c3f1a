"""Journeys against the map: speed (W-125) and stated distance (W-126). Both need sines, which the SQL subset lacks."""

from __future__ import annotations

from assay.harness.audit.store import Store
from assay.harness.audit.tally import Tally
from assay.harness.graph.transport import FALLBACK_KMH
from assay.profiles.geography import Point, distance_km

__all__ = ["judge_travel"]

_E6 = 1_000_000
_EARTH_SLACK = 0.99
"""A sphere is within 0.6 per cent of the ellipsoid."""
_LONGEST_DETOUR = 5.0
_NEAR_KM = 300.0
"""Detours of this length are common: round a mountain, or by way of a harbour."""

_QUERY = """
SELECT e.no, e.kind, e.doc, e.pointer, e.at_s, e.limit_kmh, e.stated_km, e.stated_s, e.transport, e.assumed,
       f.latitude_e6, f.longitude_e6, t.latitude_e6, t.longitude_e6, COALESCE(r.received_s, u.used_s) AS there_s,
       r.received_s IS NOT NULL AS recorded
  FROM event e
  LEFT JOIN alias a ON a.alias = e.facility
  LEFT JOIN alias b ON b.alias = e.to_facility
  LEFT JOIN (
    SELECT sent_event, MIN(received_s) AS received_s, MIN(to_facility) AS to_facility FROM shipment GROUP BY sent_event
  ) AS r ON r.sent_event = e.no
  LEFT JOIN site f ON f.id = COALESCE(a.facility, e.facility)
  LEFT JOIN site t ON t.id = COALESCE(b.facility, e.to_facility, r.to_facility)
  LEFT JOIN (
    SELECT s.sent_event, MIN(i.at_s) AS used_s
      FROM shipment s
      JOIN item i ON i.key = s.key AND i.kind = 'make' AND i.direction = 'in' AND i.facility = s.to_facility AND i.at_s >= s.sent_s
     GROUP BY s.sent_event
  ) AS u ON u.sent_event = e.no
 WHERE e.kind = 'sent'
 ORDER BY e.no
"""


def judge_travel(store: Store, tally: Tally) -> None:
    """Every dispatch whose ends are on the map."""
    cursor = store.connection.cursor()
    cursor.execute(_QUERY)
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            _judge(tally, *row)
    cursor.close()


def _judge(
    tally: Tally,
    no: int,
    kind: str,
    doc: int,
    pointer: str,
    sent_s: int | None,
    limit_kmh: int | None,
    stated_km: int | None,
    stated_s: int | None,
    transport: str | None,
    assumed: int,
    from_lat: int | None,
    from_lon: int | None,
    to_lat: int | None,
    to_lon: int | None,
    there_s: int | None,
    recorded: bool,
) -> None:
    if from_lat is None or from_lon is None or to_lat is None or to_lon is None:
        tally.undecide("W-125", "latitude and longitude of an end of a journey")
        return
    direct = distance_km(Point(from_lat / _E6, from_lon / _E6), Point(to_lat / _E6, to_lon / _E6))
    if stated_km is not None:
        tally.judge(
            "W-126",
            direct * _EARTH_SLACK - 2 <= stated_km <= max(direct * _LONGEST_DETOUR, direct + _NEAR_KM),
            doc,
            pointer + "/description",
            f"a length of at least {direct:,.0f} km, the great circle, and of no more than {_LONGEST_DETOUR:g} times as much",
            f"{stated_km:,} km",
            "Mend the stated route, or the coordinates of its ends.",
        )
    if there_s is None or sent_s is None:
        tally.undecide("W-125", "when a consignment arrived, or was first used")
        return
    if there_s < sent_s:
        return  # W-124 tells
    least = direct * _EARTH_SLACK / (limit_kmh or FALLBACK_KMH) * 3600
    if stated_s is not None and limit_kmh is not None:
        least = max(least, stated_s * 0.9)
    tally.judge(
        "W-125",
        there_s - sent_s >= least,
        doc,
        pointer,
        f"at least {least / 3600:,.0f} h for {direct:,.0f} km along the great circle{f' ({stated_km:,} km stated)' if stated_km else ''}"
        f" by {transport or 'any mode'}",
        f"{(there_s - sent_s) / 3600:,.0f} h from dispatch to {'arrival' if recorded else 'first use'}",
        "Mend the dates, name the real mode of transport, or record the real origin.",
        assumed=bool(assumed),
    )
