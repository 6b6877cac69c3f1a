-- id: G-103
-- title: Stock is never negative
-- stands on: MB-006 COC-09
-- judges: the stock of each product at each facility that made or received some of it, after its first receipt
-- expected: at most {in_mg} used or sent (tolerance {tolerance_permille}), as much as {facility} made or received
-- received: stock of {product} falls to {lowest_mg}
-- hint: Publish the missing make or move events, or mend the quantities.
-- missing: the mass of some quantity of {product} at {facility}
-- Receipts count from the moment the goods were sent off, in favour of the facility.
WITH bounds AS (
  SELECT facility, product, SUM(CASE WHEN mass_mg > 0 THEN mass_mg ELSE 0 END) AS in_mg,
         MIN(CASE WHEN what IN ('made', 'received') THEN at_s END) AS first_s,
         SUM(CASE WHEN mass_mg IS NULL OR at_s IS NULL THEN 1 ELSE 0 END) AS blank,
         SUM(CASE WHEN what IN ('made', 'received') THEN 1 ELSE 0 END) AS receipts,
         MIN(doc) AS doc
    FROM flow
   WHERE facility IS NOT NULL
   GROUP BY facility, product
), running AS (
  SELECT facility, product, at_s, doc, pointer,
         SUM(mass_mg) OVER (PARTITION BY facility, product
                            ORDER BY at_s, CASE WHEN mass_mg >= 0 THEN 0 ELSE 1 END, event, pointer
                            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stock_mg
    FROM flow
   WHERE facility IS NOT NULL
), low AS (
  SELECT r.facility, r.product, MIN(r.stock_mg) AS lowest_mg
    FROM running r
    JOIN bounds b ON b.facility = r.facility AND b.product = r.product
   WHERE r.at_s >= b.first_s
   GROUP BY r.facility, r.product
), place AS (
  SELECT r.facility, r.product, MIN(r.doc) AS doc, MIN(r.pointer) AS pointer
    FROM running r
    JOIN low l ON l.facility = r.facility AND l.product = r.product AND l.lowest_mg = r.stock_mg
   GROUP BY r.facility, r.product
)
SELECT CASE WHEN b.blank > 0 THEN 'unknown'
            WHEN -l.lowest_mg * 1000 > b.in_mg * s.tolerance_permille THEN 'fail'
            ELSE 'pass' END AS state,
       COALESCE(p.doc, b.doc) AS doc, p.pointer, b.facility, b.product, b.in_mg, l.lowest_mg, s.tolerance_permille
  FROM bounds b
  JOIN setting s ON 1 = 1
  LEFT JOIN low l ON l.facility = b.facility AND l.product = b.product
  LEFT JOIN place p ON p.facility = b.facility AND p.product = b.product
 WHERE b.receipts > 0
