-- id: G-115
-- title: A product is not made after its own production date
-- stands on: MB-007
-- judges: each passport with a production date of a product whose make event the set holds
-- expected: the last make event by {until_s} (end of the production date, and a day for time zones)
-- received: made on {made_s}
-- hint: Mend productionDate or eventDate.
-- missing: nothing
WITH made AS (
  SELECT l.product, MIN(e.at_s) AS made_s
    FROM event_product l
    JOIN event e ON e.no = l.event
   WHERE l.direction = 'out' AND e.at_s IS NOT NULL
   GROUP BY l.product
)
SELECT CASE WHEN m.made_s > p.produced_until_s + 86400 THEN 'fail' ELSE 'pass' END AS state,
       p.doc, p.pointer, p.id AS product, p.produced_until_s + 86400 AS until_s, m.made_s
  FROM product p
  JOIN made m ON m.product = p.id
 WHERE p.passport = 1 AND p.produced_until_s IS NOT NULL
