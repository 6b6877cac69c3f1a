-- id: G-104
-- title: Nothing is used or sent before it was made or sent here
-- stands on: MB-007
-- judges: each product at each facility that both receives (or makes) and uses (or sends) it
-- expected: first use or dispatch of {product} at {facility} after {first_s}, when it was made or sent off to there
-- received: {what} on {used_s}
-- hint: Mend the dates of the events, or publish the earlier make or move event.
-- missing: the date of some event about {product}
WITH arrival AS (
  SELECT facility, product, MIN(at_s) AS first_s, SUM(CASE WHEN at_s IS NULL THEN 1 ELSE 0 END) AS blank
    FROM flow
   WHERE what IN ('made', 'received') AND facility IS NOT NULL
   GROUP BY facility, product
), leaving AS (
  SELECT facility, product, MIN(at_s) AS used_s, SUM(CASE WHEN at_s IS NULL THEN 1 ELSE 0 END) AS blank
    FROM flow
   WHERE what IN ('consumed', 'sent') AND facility IS NOT NULL
   GROUP BY facility, product
), place AS (
  SELECT f.facility, f.product, MIN(f.what) AS what, MIN(f.doc) AS doc, MIN(f.pointer) AS pointer
    FROM flow f
    JOIN leaving l ON l.facility = f.facility AND l.product = f.product AND l.used_s = f.at_s
   WHERE f.what IN ('consumed', 'sent')
   GROUP BY f.facility, f.product
)
SELECT CASE WHEN l.used_s < a.first_s THEN 'fail'
            WHEN a.blank + l.blank > 0 THEN 'unknown'
            ELSE 'pass' END AS state,
       p.doc, p.pointer, a.facility, a.product, a.first_s, l.used_s, p.what
  FROM arrival a
  JOIN leaving l ON l.facility = a.facility AND l.product = a.product
  LEFT JOIN place p ON p.facility = a.facility AND p.product = a.product
