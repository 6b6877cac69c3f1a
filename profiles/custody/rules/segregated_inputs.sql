-- id: G-112
-- title: Every input of a segregated product conforms itself
-- stands on: MB-014 COC-04
-- judges: each direct input, of the same elements, of each product for which segregated or identity preserved is stated
-- expected: for {input} a custody model of its own or, where lineage begins, an assessment of it or of its site
-- received: neither
-- hint: Keep non-conforming inputs apart, or state mass balance.
-- missing: element content of {input}
WITH stated AS (
  SELECT product, MIN(doc) AS doc, MIN(pointer) AS pointer, MAX(strength) AS strength FROM custody GROUP BY product
), input AS (
  SELECT DISTINCT t.product, t.doc, t.pointer, l.ancestor AS input
    FROM stated t
    JOIN lineage l ON l.product = t.product AND l.depth = 1
   WHERE t.strength >= 4
), shared AS (
  SELECT DISTINCT i.product, i.input
    FROM input i
    JOIN product_content x ON x.product = i.product
    JOIN product_content y ON y.product = i.input AND y.element = x.element AND y.grade_ppm > 0
), conforming AS (
  SELECT DISTINCT s.subject_kind, s.subject
    FROM assessed_subject s
    JOIN assessment a ON a.no = s.assessment AND a.conformance = 1 AND a.broken IS NULL
), judged_input AS (
  SELECT i.product, i.doc, i.pointer, i.input,
         MAX(CASE WHEN c.product IS NULL THEN 0 ELSE 1 END) AS has_model,
         MAX(CASE WHEN d.product IS NULL THEN 1 ELSE 0 END) AS begins,
         MAX(CASE WHEN f.subject IS NULL AND g.subject IS NULL THEN 0 ELSE 1 END) AS assessed,
         MAX(CASE WHEN h.input IS NULL AND p.graded > 0 AND n.graded > 0 THEN 1 ELSE 0 END) AS foreign_matter,
         MIN(n.graded) AS graded
    FROM input i
    JOIN product p ON p.id = i.product
    JOIN product n ON n.id = i.input
    LEFT JOIN custody c ON c.product = i.input
    LEFT JOIN (SELECT DISTINCT product FROM lineage) d ON d.product = i.input
    LEFT JOIN conforming f ON f.subject_kind = 'product' AND f.subject = i.input
    LEFT JOIN conforming g ON g.subject_kind = 'facility' AND g.subject = n.produced_at
    LEFT JOIN shared h ON h.product = i.product AND h.input = i.input
   GROUP BY i.product, i.doc, i.pointer, i.input
)
SELECT CASE WHEN has_model = 1 OR (begins = 1 AND assessed = 1) THEN 'pass'
            WHEN graded = 0 THEN 'unknown'
            ELSE 'fail' END AS state,
       doc, pointer, product, input
  FROM judged_input
 WHERE foreign_matter = 0
