-- id: W-103
-- title: Stocktakes close: opening and in less out is what was counted
-- stands on: MB-002
-- judges: each product that a site with a stocktake has held, at each stocktake
-- expected: {expected_mg} of {key} by the events before (within {slack_mg} of weighing and rounding), but for what is in work
-- received: {counted_mg} counted
-- hint: Record the missing receipt, use, dispatch or loss, or mend the stocktake.
-- missing: a mass of some movement of {key}
WITH stocktake AS (
  SELECT DISTINCT no, COALESCE(a.facility, e.facility) AS facility, at_s, e.doc, e.pointer
    FROM event e
    LEFT JOIN alias a ON a.alias = e.facility
   WHERE kind = 'counted'
), expected AS (
  SELECT t.no, f.key, SUM(f.mass_mg) AS mass_mg, SUM(f.slack_mg) AS slack_mg, MIN(f.phase) AS first_phase,
         SUM(CASE WHEN f.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM stocktake t
    JOIN flow f ON f.facility = t.facility AND f.at_s <= t.at_s
   GROUP BY t.no, f.key
), later AS (
  SELECT t.no, i.key, SUM(i.mass_mg) AS mass_mg
    FROM stocktake t
    JOIN item i ON i.facility = t.facility AND i.at_s > t.at_s AND i.kind = 'make' AND i.direction = 'in'
   GROUP BY t.no, i.key
), today AS (
  -- Passports without a make event state the day only: on the day of the stocktake the lot may have come before or after.
  SELECT t.no, m.key, SUM(m.mass_mg) AS mass_mg
    FROM stocktake t
    JOIN made m ON m.facility = t.facility AND m.event IS NULL AND m.at_s <= t.at_s
    JOIN passport p ON p.key = m.key AND p.day_until_s >= t.at_s
   GROUP BY t.no, m.key
), counted AS (
  SELECT event, key, SUM(mass_mg) AS mass_mg, SUM(slack_mg) AS slack_mg FROM item WHERE kind = 'counted' GROUP BY event, key
)
SELECT CASE WHEN x.blank > 0 OR x.first_phase = 1 THEN 'unknown'
            WHEN ABS(x.mass_mg - COALESCE(c.mass_mg, 0)) <= x.slack_mg + COALESCE(c.slack_mg, 0) + 20000 THEN 'pass'
            WHEN ABS(x.mass_mg - d.mass_mg - COALESCE(c.mass_mg, 0)) <= x.slack_mg + COALESCE(c.slack_mg, 0) + 20000 THEN 'pass'
            WHEN x.mass_mg > COALESCE(c.mass_mg, 0) AND l.mass_mg IS NOT NULL THEN 'work'
            ELSE 'fail' END AS state,
       t.doc, t.pointer, x.key, x.mass_mg AS expected_mg, x.slack_mg + COALESCE(c.slack_mg, 0) AS slack_mg,
       COALESCE(c.mass_mg, 0) AS counted_mg, t.facility, t.at_s
  FROM expected x
  JOIN stocktake t ON t.no = x.no
  LEFT JOIN counted c ON c.event = x.no AND c.key = x.key
  LEFT JOIN later l ON l.no = x.no AND l.key = x.key
  LEFT JOIN today d ON d.no = x.no AND d.key = x.key
UNION ALL
SELECT 'fail' AS state, t.doc, t.pointer, c.key, 0 AS expected_mg, c.slack_mg, c.mass_mg AS counted_mg, t.facility, t.at_s
  FROM counted c
  JOIN stocktake t ON t.no = c.event
  LEFT JOIN expected x ON x.no = c.event AND x.key = c.key
  JOIN passport p ON p.key = c.key
 WHERE x.key IS NULL AND c.mass_mg > c.slack_mg
