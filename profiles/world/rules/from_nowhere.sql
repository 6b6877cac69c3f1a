-- id: W-107
-- title: Nothing is used or sent where it never came to
-- stands on: MB-007
-- judges: each product that is used at or sent from a site, where its origin is known
-- expected: a make event, a passport or a receipt that brings {key} to {facility}
-- received: none; it comes from {origin}
-- hint: Record the move, or name the facility where the product really was.
-- missing: where {key} comes from
WITH taken AS (
  SELECT facility, key, MIN(doc) AS doc, MIN(pointer) AS pointer FROM flow WHERE phase = 1 AND facility IS NOT NULL GROUP BY facility, key
), brought AS (
  SELECT DISTINCT facility, key FROM flow WHERE phase = 0
), origin AS (
  SELECT key, MIN(facility) AS origin FROM made GROUP BY key
)
SELECT CASE WHEN b.key IS NOT NULL THEN 'pass'
            WHEN o.key IS NULL AND p.produced_at = t.facility THEN 'pass'
            WHEN o.key IS NULL THEN 'unknown'
            ELSE 'fail' END AS state,
       t.doc, t.pointer, t.key, t.facility, o.origin
  FROM taken t
  LEFT JOIN brought b ON b.facility = t.facility AND b.key = t.key
  LEFT JOIN origin o ON o.key = t.key
  LEFT JOIN passport p ON p.key = t.key
