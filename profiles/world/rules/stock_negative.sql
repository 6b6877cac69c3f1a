-- id: W-105
-- title: No stock is ever negative
-- stands on: MB-006
-- judges: each product at each site, after its first arrival there, at every instant
-- expected: at least nothing of {key} at {facility} at {at_s} (within {slack_mg} of weighing and rounding)
-- received: {stock_mg}
-- hint: Record the missing receipt or make event, or mend quantities.
-- missing: a mass of some movement of {key}, or how it came to {facility}
WITH arrived AS (
  SELECT facility, key, MIN(CASE WHEN phase = 0 THEN at_s END) AS first_s, SUM(CASE WHEN mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM flow
   GROUP BY facility, key
), running AS (
  SELECT f.facility, f.key, f.at_s, f.phase, f.doc, f.pointer,
         SUM(f.mass_mg) OVER (PARTITION BY f.facility, f.key ORDER BY f.at_s, f.phase, f.doc, f.pointer) AS stock_mg,
         SUM(f.slack_mg) OVER (PARTITION BY f.facility, f.key ORDER BY f.at_s, f.phase, f.doc, f.pointer) AS slack_mg
    FROM flow f
    JOIN arrived a ON a.facility = f.facility AND a.key = f.key
   WHERE a.first_s IS NOT NULL AND a.blank = 0 AND f.at_s >= a.first_s
), lowest AS (
  SELECT facility, key, at_s, doc, pointer, stock_mg, slack_mg,
         ROW_NUMBER() OVER (PARTITION BY facility, key ORDER BY stock_mg + slack_mg, at_s, doc, pointer) AS place
    FROM running
)
SELECT CASE WHEN stock_mg + slack_mg < 0 THEN 'fail' ELSE 'pass' END AS state, doc, pointer, facility, key, at_s,
       CAST(stock_mg AS BIGINT) AS stock_mg, CAST(slack_mg AS BIGINT) AS slack_mg
  FROM lowest
 WHERE place = 1
UNION ALL
SELECT 'unknown' AS state, CAST(NULL AS BIGINT) AS doc, '' AS pointer, facility, key, CAST(NULL AS BIGINT) AS at_s,
       CAST(NULL AS BIGINT) AS stock_mg, CAST(NULL AS BIGINT) AS slack_mg
  FROM arrived
 WHERE blank > 0
