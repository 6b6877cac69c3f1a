-- id: G-110
-- title: What a facility uses or sends was made or received there
-- stands on: MB-007 MB-009 CRM-04
-- judges: each known product that a facility consumes or sends
-- expected: a make event of {product} at {facility}, or a move event that brings it there
-- received: {what} there with neither
-- hint: Publish the missing make or move event.
-- missing: nothing
-- A product is known when the set holds its passport or an event that made or moved it. At the facility where its
-- passport says it was made, and without any make event in the set, it counts as shown. Who sends a product without
-- passport and make event is not judged here: rule G-017 asks where it came from.
WITH gone AS (
  SELECT facility, product, MIN(what) AS what, MIN(doc) AS doc, MIN(pointer) AS pointer
    FROM flow
   WHERE what IN ('consumed', 'sent') AND facility IS NOT NULL
   GROUP BY facility, product
), come AS (
  SELECT DISTINCT facility, product FROM flow WHERE what IN ('made', 'received') AND facility IS NOT NULL
), made AS (
  SELECT DISTINCT product FROM flow WHERE what = 'made'
), moved AS (
  SELECT DISTINCT product FROM flow WHERE what = 'received'
)
SELECT CASE WHEN c.product IS NOT NULL THEN 'pass'
            WHEN m.product IS NULL AND p.passport = 1 AND p.produced_at = g.facility THEN 'pass'
            ELSE 'fail' END AS state,
       g.doc, g.pointer, g.product, g.facility, g.what
  FROM gone g
  JOIN product p ON p.id = g.product
  LEFT JOIN come c ON c.facility = g.facility AND c.product = g.product
  LEFT JOIN made m ON m.product = g.product
  LEFT JOIN moved v ON v.product = g.product
 WHERE p.passport = 1 OR m.product IS NOT NULL OR (v.product IS NOT NULL AND g.what = 'consumed')
