-- id: W-180
-- title: A cradle-to-gate footprint is at least that of its inputs
-- stands on: TG-020
-- judges: each make event whose outputs and some inputs state a cradle-to-gate footprint per kilogram
-- expected: at least {in_mg} CO2e for all outputs, the volume-weighted footprint of the inputs that state one
-- received: {out_mg} CO2e
-- hint: Include what comes with the inputs, or name another boundary than cradle to gate.
-- missing: footprint or mass of outputs
-- Used goods start anew (cut-off): the burdens of a battery that is taken apart stay with its first life. Seen by its
-- energy, which no product of the event has.
WITH dismantled AS (
  SELECT i.event
    FROM item i
    JOIN passport p ON p.key = i.key
   WHERE i.kind = 'make'
   GROUP BY i.event
  HAVING SUM(CASE WHEN i.direction = 'out' AND p.energy_wh > 0 THEN 1 ELSE 0 END) = 0
     AND SUM(CASE WHEN i.direction = 'in' AND p.energy_wh > 0 THEN 1 ELSE 0 END) > 0
), used AS (
  SELECT d.event, p.key
    FROM dismantled d
    JOIN item i ON i.event = d.event AND i.direction = 'in'
    JOIN passport p ON p.key = i.key AND p.energy_wh > 0
   GROUP BY d.event, p.key
), summed AS (
  SELECT i.event, SUM(CASE WHEN i.direction = 'in' THEN CAST(i.mass_mg AS DOUBLE) * f.value_e6 / 1000000 ELSE 0 END) AS in_mg,
         SUM(CASE WHEN i.direction = 'out' THEN CAST(i.mass_mg AS DOUBLE) * f.value_e6 / 1000000 ELSE 0 END) AS out_mg,
         SUM(CASE WHEN i.direction = 'in' AND f.key IS NOT NULL THEN 1 ELSE 0 END) AS known,
         SUM(CASE WHEN i.direction = 'out' AND (f.key IS NULL OR i.mass_mg IS NULL) THEN 1 ELSE 0 END) AS blank,
         SUM(CASE WHEN i.direction = 'out' AND f.key IS NOT NULL THEN 1 ELSE 0 END) AS told
    FROM item i
    LEFT JOIN used x ON x.event = i.event AND x.key = i.key AND i.direction = 'in'
    LEFT JOIN footprint f ON f.key = i.key
   WHERE i.kind = 'make' AND x.key IS NULL
   GROUP BY i.event
), place AS (
  SELECT i.event, MIN(f.doc) AS doc, MIN(f.pointer) AS pointer
    FROM item i
    JOIN footprint f ON f.key = i.key
   WHERE i.kind = 'make' AND i.direction = 'out'
   GROUP BY i.event
)
SELECT CASE WHEN u.blank > 0 THEN 'unknown' WHEN u.out_mg < u.in_mg * 0.98 THEN 'fail' ELSE 'pass' END AS state, p.doc, p.pointer,
       CAST(FLOOR(u.in_mg) AS BIGINT) AS in_mg, CAST(FLOOR(u.out_mg) AS BIGINT) AS out_mg
  FROM summed u
  JOIN place p ON p.event = u.event
 WHERE u.known > 0 AND u.told > 0
