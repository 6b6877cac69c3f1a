-- id: W-175
-- title: A pack holds no more energy than its cells
-- stands on: MB-003
-- judges: each make event whose outputs have a rated energy and whose inputs include cells that have one
-- expected: at most {in_wh} Wh, as much as the cells hold (within two per cent)
-- received: {out_wh} Wh in the outputs
-- hint: Mend the rated energy or the number of cells.
-- missing: weight of the cells
WITH energy AS (
  SELECT i.event, SUM(CASE WHEN i.direction = 'in' THEN CAST(p.energy_wh AS DOUBLE) * i.mass_mg / p.weight_mg ELSE 0 END) AS in_wh,
         SUM(CASE WHEN i.direction = 'out' THEN CAST(p.energy_wh AS DOUBLE) * i.mass_mg / p.weight_mg ELSE 0 END) AS out_wh,
         SUM(CASE WHEN i.direction = 'in' THEN 1 ELSE 0 END) AS inputs,
         SUM(CASE WHEN i.mass_mg IS NULL OR p.weight_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM item i
    JOIN passport p ON p.key = i.key AND p.energy_wh IS NOT NULL
   WHERE i.kind = 'make'
   GROUP BY i.event
)
SELECT CASE WHEN n.blank > 0 THEN 'unknown' WHEN n.out_wh > n.in_wh * 1.02 THEN 'fail' ELSE 'pass' END AS state, e.doc, e.pointer,
       CAST(FLOOR(n.in_wh) AS BIGINT) AS in_wh, CAST(FLOOR(n.out_wh) AS BIGINT) AS out_wh
  FROM energy n
  JOIN event e ON e.no = n.event
 WHERE n.inputs > 0 AND n.out_wh > 0
