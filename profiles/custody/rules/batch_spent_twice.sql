-- id: G-106
-- title: No batch is consumed beyond its quantity
-- stands on: MB-013 COC-11
-- judges: each product that make events consume, over all facilities
-- expected: at most {supply_mg} of {product} consumed (tolerance {tolerance_permille}), as much as was made or sent off
-- received: {used_mg} consumed in {events} make event(s)
-- hint: Each quantity may back one output only; mend the inputs of the make events.
-- missing: the mass of some quantity of {product}
WITH used AS (
  SELECT l.product, SUM(l.mass_mg) AS used_mg, COUNT(DISTINCT l.event) AS events, MAX(l.event) AS last_event,
         SUM(CASE WHEN l.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM event_product l
   WHERE l.direction = 'in'
   GROUP BY l.product
), made AS (
  SELECT l.product, SUM(l.mass_mg) AS supply_mg, SUM(CASE WHEN l.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM event_product l
   WHERE l.direction = 'out'
   GROUP BY l.product
), sent AS (
  SELECT l.product, SUM(l.mass_mg) AS supply_mg, SUM(CASE WHEN l.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM event_product l
    JOIN event e ON e.no = l.event AND e.counted = 1
    JOIN product p ON p.id = l.product AND p.produced_at = e.from_facility
   WHERE l.direction = 'moved'
   GROUP BY l.product
), supply AS (
  SELECT u.product, COALESCE(m.supply_mg, s.supply_mg) AS supply_mg,
         CASE WHEN m.product IS NOT NULL THEN m.blank ELSE s.blank END AS blank
    FROM used u
    LEFT JOIN made m ON m.product = u.product
    LEFT JOIN sent s ON s.product = u.product
   WHERE m.product IS NOT NULL OR s.product IS NOT NULL
), place AS (
  SELECT l.event, l.product, MIN(l.doc) AS doc, MIN(l.pointer) AS pointer
    FROM event_product l
   WHERE l.direction = 'in'
   GROUP BY l.event, l.product
)
SELECT CASE WHEN u.blank + y.blank > 0 THEN 'unknown'
            WHEN u.used_mg * 1000 > y.supply_mg * (1000 + s.tolerance_permille) THEN 'fail'
            ELSE 'pass' END AS state,
       p.doc, p.pointer, u.product, u.used_mg, u.events, y.supply_mg, s.tolerance_permille
  FROM used u
  JOIN supply y ON y.product = u.product
  JOIN setting s ON 1 = 1
  JOIN place p ON p.event = u.last_event AND p.product = u.product
