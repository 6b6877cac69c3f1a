-- id: G-107
-- title: A passport does not declare more of a material than its make events consumed
-- stands on: MB-023
-- judges: each declared material (by classification) whose counterpart is among the inputs of the product's make events
-- expected: at most {used_mg} of {name} ({code}) in {made_mg} of product (tolerance {tolerance_permille})
-- received: a declared mass fraction of {share_ppm}, which makes {declared_mg}
-- hint: Mend the passport's materialProvenance, or list all inputs in the make event.
-- missing: a mass of product or inputs of {product}
WITH declared AS (
  SELECT product, code, SUM(share_ppm) AS share_ppm, MIN(name) AS name, MIN(doc) AS doc, MIN(pointer) AS pointer
    FROM material
   WHERE code IS NOT NULL AND share_ppm IS NOT NULL
   GROUP BY product, code
), made AS (
  SELECT product, SUM(mass_mg) AS made_mg, SUM(CASE WHEN mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM event_product
   WHERE direction = 'out'
   GROUP BY product
), making AS (
  SELECT DISTINCT event, product FROM event_product WHERE direction = 'out'
), matched AS (
  SELECT DISTINCT d.product, d.code, l.event, l.product AS input, l.pointer, l.mass_mg
    FROM declared d
    JOIN making m ON m.product = d.product
    JOIN event_product l ON l.event = m.event AND l.direction = 'in'
    JOIN category c ON c.subject_kind = 'product' AND c.subject = l.product AND c.code = d.code
  UNION
  SELECT DISTINCT d.product, d.code, l.event, l.product AS input, l.pointer, l.mass_mg
    FROM declared d
    JOIN making m ON m.product = d.product
    JOIN event_product l ON l.event = m.event AND l.direction = 'in'
    JOIN product p ON p.id = l.product
    JOIN material t ON t.product = d.product AND t.code = d.code AND LOWER(t.name) = LOWER(p.name)
), used AS (
  SELECT product, code, SUM(mass_mg) AS used_mg, SUM(CASE WHEN mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM matched
   GROUP BY product, code
)
SELECT CASE WHEN u.blank + m.blank > 0 THEN 'unknown'
            WHEN CAST(m.made_mg AS DOUBLE) * d.share_ppm / 1000000
                 > CAST(u.used_mg AS DOUBLE) * (1000 + s.tolerance_permille) / 1000 THEN 'fail'
            ELSE 'pass' END AS state,
       d.doc, d.pointer, d.product, d.name, d.code, d.share_ppm, m.made_mg, u.used_mg, s.tolerance_permille,
       CAST(FLOOR(CAST(m.made_mg AS DOUBLE) * d.share_ppm / 1000000) AS BIGINT) AS declared_mg
  FROM declared d
  JOIN made m ON m.product = d.product
  JOIN used u ON u.product = d.product AND u.code = d.code
  JOIN setting s ON 1 = 1
