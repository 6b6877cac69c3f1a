-- id: G-111
-- title: A product whose identity is preserved has one source
-- stands on: MB-015 COC-02 COC-03
-- judges: each product for which identity preserved is stated and whose make event the set holds
-- expected: one source of {product} all the way back
-- received: {sources} sources
-- hint: State the custody model that the blending allows (segregated, mass balance).
-- missing: nothing
-- Sources are the facilities where lineage begins; inputs known to hold none of the product's elements do not count.
WITH stated AS (
  SELECT product, MIN(doc) AS doc, MIN(pointer) AS pointer, MAX(strength) AS strength FROM custody GROUP BY product
), beginning AS (
  SELECT l.product, l.ancestor
    FROM lineage l
    LEFT JOIN (SELECT DISTINCT product FROM lineage) deeper ON deeper.product = l.ancestor
   WHERE deeper.product IS NULL
), shared AS (
  SELECT DISTINCT b.product, b.ancestor
    FROM beginning b
    JOIN product_content x ON x.product = b.product
    JOIN product_content y ON y.product = b.ancestor AND y.element = x.element AND y.grade_ppm > 0
), place AS (
  SELECT l.product, MIN(e.facility) AS facility
    FROM event_product l
    JOIN event e ON e.no = l.event
   WHERE l.direction = 'out'
   GROUP BY l.product
), origin AS (
  SELECT b.product, COALESCE(f.facility, a.produced_at, b.ancestor) AS source
    FROM beginning b
    JOIN product p ON p.id = b.product
    JOIN product a ON a.id = b.ancestor
    LEFT JOIN place f ON f.product = b.ancestor
    LEFT JOIN shared h ON h.product = b.product AND h.ancestor = b.ancestor
   WHERE h.ancestor IS NOT NULL OR p.graded = 0 OR a.graded = 0
)
SELECT CASE WHEN COUNT(DISTINCT o.source) > 1 THEN 'fail' ELSE 'pass' END AS state,
       t.doc, t.pointer, t.product, COUNT(DISTINCT o.source) AS sources
  FROM stated t
  JOIN origin o ON o.product = t.product
 WHERE t.strength = 5
 GROUP BY t.doc, t.pointer, t.product
