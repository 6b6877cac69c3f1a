-- id: G-108
-- title: Make and move events state quantities that can be balanced
-- stands on: MB-001 MB-005 MB-025
-- judges: each product of each make and move event
-- expected: a quantity of {product} in a unit of mass, or pieces whose weight the passport gives
-- received: {stated}
-- hint: State the quantity with a mass unit of UNECE Recommendation 20 such as KGM or TNE.
-- missing: the weight of one piece of {product} (dimensions.weight of its passport)
SELECT CASE WHEN l.mass_mg IS NOT NULL THEN 'pass' WHEN l.measured = 'count' THEN 'unknown' ELSE 'fail' END AS state,
       l.doc, l.pointer, l.product, COALESCE(l.quantity, 'no quantity') AS stated
  FROM event_product l
  JOIN event e ON e.no = l.event AND e.kind IN ('make', 'move')
