-- id: W-173
-- title: A passport declares no more of a material than its make event consumed
-- stands on: MB-023
-- judges: each declared material that is among the inputs of the product's make events
-- expected: at most {used_mg} of {name}, as much as the make event consumed
-- received: {declared_mg} ({share_ppm} of the product's mass)
-- hint: Mend the passport's bill of materials, or list all inputs of the make event.
-- missing: a mass of the product or of its inputs
WITH bill AS (
  SELECT CASE WHEN s.id IS NULL OR m.combo = '' THEN m.id ELSE CONCAT(m.id, ' ', m.combo) END AS key, m.name, m.family,
         m.share_ppm, m.doc, m.pointer
    FROM material m
    LEFT JOIN several s ON s.id = m.id
   WHERE m.share_ppm IS NOT NULL
), made_as AS (
  SELECT DISTINCT i.event, i.key, b.name, b.family
    FROM item i
    JOIN bill b ON b.key = i.key
   WHERE i.kind = 'make' AND i.direction = 'out'
), used AS (
  SELECT m.key, m.name, SUM(i.mass_mg) AS used_mg, SUM(i.slack_mg) AS slack_mg,
         SUM(CASE WHEN i.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM made_as m
    JOIN item i ON i.event = m.event AND i.direction = 'in'
    LEFT JOIN passport p ON p.key = i.key
   WHERE LOWER(m.name) = LOWER(i.name) OR LOWER(m.name) = LOWER(p.name) OR m.family = i.family
   GROUP BY m.key, m.name
), put_out AS (
  SELECT key, SUM(mass_mg) AS mass_mg, SUM(slack_mg) AS slack_mg, SUM(CASE WHEN mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM item
   WHERE kind = 'make' AND direction = 'out'
   GROUP BY key
), declared AS (
  SELECT key, name, SUM(share_ppm) AS share_ppm, MIN(doc) AS doc, MIN(pointer) AS pointer FROM bill GROUP BY key, name
)
SELECT CASE WHEN u.blank + o.blank > 0 THEN 'unknown'
            WHEN CAST(o.mass_mg AS DOUBLE) * d.share_ppm / 1000000 > u.used_mg * 1.005 + u.slack_mg + o.slack_mg THEN 'fail'
            ELSE 'pass' END AS state,
       d.doc, d.pointer, d.name, d.share_ppm, CAST(u.used_mg AS BIGINT) AS used_mg,
       CAST(FLOOR(CAST(o.mass_mg AS DOUBLE) * d.share_ppm / 1000000) AS BIGINT) AS declared_mg
  FROM declared d
  JOIN used u ON u.key = d.key AND u.name = d.name
  JOIN put_out o ON o.key = d.key
