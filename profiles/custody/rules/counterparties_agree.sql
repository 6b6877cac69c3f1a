-- id: G-109
-- title: Both parties to a move state the same quantity
-- stands on: MB-008 MB-009 COC-12
-- judges: each product of each consignment that two parties record
-- expected: {first_mg} of {product} in consignment {consignment}, as {first_issuer} states (tolerance {tolerance_permille})
-- received: {second_mg} as {issuer} states
-- hint: Agree on the received quantity and record losses in transit.
-- missing: a mass in one of the two records of consignment {consignment}
WITH line AS (
  SELECT e.no, e.consignment, e.from_facility, e.to_facility, e.counted, e.issuer, l.product, l.doc, l.pointer,
         l.mass_mg
    FROM event e
    JOIN event_product l ON l.event = e.no AND l.direction = 'moved'
   WHERE e.consignment IS NOT NULL
)
SELECT CASE WHEN a.mass_mg IS NULL OR b.mass_mg IS NULL THEN 'unknown'
            WHEN ABS(a.mass_mg - b.mass_mg) * 1000 > a.mass_mg * s.tolerance_permille THEN 'fail'
            ELSE 'pass' END AS state,
       b.doc, b.pointer, b.product, b.consignment, a.issuer AS first_issuer, b.issuer, a.mass_mg AS first_mg,
       b.mass_mg AS second_mg, s.tolerance_permille
  FROM line a
  JOIN line b ON b.consignment = a.consignment AND b.product = a.product AND b.from_facility = a.from_facility
             AND b.to_facility = a.to_facility AND a.counted = 1 AND b.counted = 0
  JOIN setting s ON 1 = 1
