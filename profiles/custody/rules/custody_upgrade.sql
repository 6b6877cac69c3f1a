-- id: G-113
-- title: A custody model only weakens downstream
-- stands on: COC-26 MB-016
-- judges: each direct input, of the same elements, of each product with a stated custody model, where it states one too
-- expected: {model} only from inputs with {model} or stronger
-- received: {input} states {input_model}
-- hint: State the weakest model of the inputs.
-- missing: nothing
WITH stated AS (
  SELECT product, MIN(doc) AS doc, MIN(pointer) AS pointer, MAX(strength) AS strength FROM custody GROUP BY product
), named AS (
  SELECT DISTINCT product, strength, model FROM custody
), shared AS (
  SELECT DISTINCT l.product, l.ancestor
    FROM lineage l
    JOIN product_content x ON x.product = l.product
    JOIN product_content y ON y.product = l.ancestor AND y.element = x.element AND y.grade_ppm > 0
   WHERE l.depth = 1
)
SELECT CASE WHEN i.strength < t.strength THEN 'fail' ELSE 'pass' END AS state,
       t.doc, t.pointer, t.product, l.ancestor AS input, MIN(a.model) AS model, MIN(b.model) AS input_model
  FROM stated t
  JOIN lineage l ON l.product = t.product AND l.depth = 1
  JOIN stated i ON i.product = l.ancestor
  JOIN named a ON a.product = t.product AND a.strength = t.strength
  JOIN named b ON b.product = i.product AND b.strength = i.strength
  JOIN product p ON p.id = t.product
  JOIN product n ON n.id = i.product
  LEFT JOIN shared h ON h.product = t.product AND h.ancestor = l.ancestor
 WHERE h.ancestor IS NOT NULL OR p.graded = 0 OR n.graded = 0
 GROUP BY i.strength, t.strength, t.doc, t.pointer, t.product, l.ancestor
