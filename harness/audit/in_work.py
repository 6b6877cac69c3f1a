"""Stocktakes while batches are in work: what was drawn for them is gone from the store and not yet on paper.

Make events tell when a batch was finished, not when it was begun. A stocktake that counts less than the events before
it leave is honest where the difference is what some of the next make events there used; the rule (W-103) hands such
cases over as ``work``.
"""

from __future__ import annotations

from typing import Any

from assay.harness.audit.store import Store
from assay.harness.audit.tally import Tally
from assay.harness.graph.rules import Rule, word

__all__ = ["judge_in_work"]

_MOST_IN_WORK = 60
"""Batches in work at one site that may have drawn on one and the same lot; subsets of more are not tried."""
_GRAINS = 4096
"""Sums of uses that differ by less than this part of what is lacking count as one, so that there are never many."""

_QUERY = f"""
SELECT j.*, n.used_mg, n.used_slack_mg
  FROM judged j
  JOIN (
    SELECT w.key AS lot, w.facility AS place, w.at_s AS moment, i.mass_mg AS used_mg, i.slack_mg AS used_slack_mg,
           ROW_NUMBER() OVER (PARTITION BY w.key, w.facility, w.at_s ORDER BY i.at_s, i.event) AS turn
      FROM judged w
      JOIN item i ON i.facility = w.facility AND i.key = w.key AND i.at_s > w.at_s AND i.kind = 'make' AND i.direction = 'in'
     WHERE w.state = 'work' AND i.mass_mg IS NOT NULL
  ) AS n ON n.lot = j.key AND n.place = j.facility AND n.moment = j.at_s AND n.turn <= {_MOST_IN_WORK}
 WHERE j.state = 'work'
 ORDER BY j.doc, j.pointer, j.key, n.turn
"""  # noqa: S608 - a number of ours


def judge_in_work(store: Store, tally: Tally, rule: Rule) -> None:
    """Decide the cases that the rule left open, from the table ``judged``."""
    cursor = store.connection.execute(_QUERY)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and _same(rows[start], rows[end]):
            end += 1
        _decide(tally, rule, rows[start:end])
        start = end


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("doc", "pointer", "key"))


def _decide(tally: Tally, rule: Rule, rows: list[dict[str, Any]]) -> None:
    row = rows[0]
    lacking, slack = row["expected_mg"] - row["counted_mg"], row["slack_mg"]
    uses = [(use["used_mg"], use["used_slack_mg"]) for use in rows]
    tally.judge(
        rule.id,
        any(abs(lacking - mass) <= slack + slip for mass, slip in _sums(uses, lacking + slack)),
        row["doc"],
        row["pointer"] or "",
        word(rule.expected, row),
        word(rule.received, row),
        word(rule.hint, row),
    )


def _sums(uses: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """Masses that some of the uses add up to, with their slack; those far above ``most`` are left out."""
    grain = max(1, most // _GRAINS)
    sums: dict[int, tuple[int, int]] = {}
    for mass, slip in uses:
        grown = [(before + mass, slack + slip) for before, slack in sums.values()]
        for total, slack in ((mass, slip), *grown):
            if total - slack <= most:
                known = sums.get(total // grain)
                if known is None or known[1] < slack:
                    sums[total // grain] = (total, slack)
    return list(sums.values())
