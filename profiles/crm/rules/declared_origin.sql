-- id: G-204
-- title: Declared origins of materials are countries their lineage passed through
-- stands on: CRM-04 CRM-16
-- judges: each declared material (by classification) whose counterpart is among the inputs of the product's make events
-- expected: for {name} a country where the input or one of its ancestors was made
-- received: originCountry {origin_country}, through which nothing came
-- hint: Mend originCountry, or publish the make events that show this origin.
-- missing: the country of the facility that made {name}
WITH making AS (
  SELECT DISTINCT l.product, i.product AS input
    FROM event_product l
    JOIN event_product i ON i.event = l.event AND i.direction = 'in'
   WHERE l.direction = 'out'
), matched AS (
  SELECT m.product, m.name, m.code, m.origin_country, m.doc, m.pointer, k.input
    FROM material m
    JOIN making k ON k.product = m.product
    JOIN category c ON c.subject_kind = 'product' AND c.subject = k.input AND c.code = m.code
   WHERE m.origin_country IS NOT NULL
  UNION
  SELECT m.product, m.name, m.code, m.origin_country, m.doc, m.pointer, k.input
    FROM material m
    JOIN making k ON k.product = m.product
    JOIN product p ON p.id = k.input AND LOWER(p.name) = LOWER(m.name)
   WHERE m.origin_country IS NOT NULL
), through AS (
  SELECT product AS input, ancestor FROM lineage
  UNION
  SELECT DISTINCT input, input AS ancestor FROM making
), country AS (
  SELECT DISTINCT t.input, COALESCE(f.country, p.country) AS country
    FROM through t
    JOIN product p ON p.id = t.ancestor
    LEFT JOIN facility f ON f.id = p.produced_at
)
SELECT CASE WHEN MAX(CASE WHEN c.country = m.origin_country THEN 1 ELSE 0 END) = 1 THEN 'pass'
            WHEN COUNT(c.country) = 0 THEN 'unknown'
            ELSE 'fail' END AS state,
       m.doc, m.pointer, m.name, m.origin_country
  FROM matched m
  LEFT JOIN country c ON c.input = m.input
 GROUP BY m.doc, m.pointer, m.name, m.origin_country
