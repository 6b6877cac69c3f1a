-- id: G-114
-- title: Passport and make event agree on where the product was made
-- stands on: TG-027 MB-009
-- judges: each passport of a product whose make event the set holds
-- expected: {produced_at} in the make event, as in the passport
-- received: made at {facility}
-- hint: Mend producedAtFacility or madeAtFacility.
-- missing: nothing
WITH made AS (
  SELECT l.product, MIN(e.facility) AS facility,
         MAX(CASE WHEN e.facility = p.produced_at THEN 1 ELSE 0 END) AS agrees
    FROM event_product l
    JOIN event e ON e.no = l.event
    JOIN product p ON p.id = l.product
   WHERE l.direction = 'out' AND e.facility IS NOT NULL
   GROUP BY l.product
)
SELECT CASE WHEN m.agrees = 1 THEN 'pass' ELSE 'fail' END AS state, p.doc, p.pointer, p.id AS product, p.produced_at, m.facility
  FROM product p
  JOIN made m ON m.product = p.id
 WHERE p.passport = 1 AND p.produced_at IS NOT NULL
