-- id: W-102
-- title: Recoveries are plausible for the process
-- stands on: MB-003
-- judges: each element that a make event carries from one known family of materials to another, by the largest carriers
-- expected: a recovery of {element} from {source} to {target} between {lowest_ppm} and {highest_ppm}
-- received: {recovery_ppm} ({out_mg} of {in_mg})
-- hint: Name the other outputs and losses, or mend quantities and grades.
-- missing: element content or mass of inputs or outputs of make events
WITH held AS (
  SELECT i.event, i.direction, i.family, c.element,
         SUM(CAST(i.mass_mg AS DOUBLE) * c.share_e9 / 1000000000) AS content_mg
    FROM item i
    JOIN content c ON c.key = i.key
   WHERE i.kind = 'make' AND i.family IS NOT NULL
   GROUP BY i.event, i.direction, i.family, c.element
), ranked AS (
  SELECT event, direction, family, element, content_mg,
         ROW_NUMBER() OVER (PARTITION BY event, direction, element ORDER BY content_mg DESC, family) AS place
    FROM held
)
SELECT CASE WHEN g.blank_in + g.blank_out > 0 THEN 'unknown'
            WHEN o.content_mg * 1000000 < b.in_mg * r.lowest_ppm * (1000000 - s.content_ppm) / 1000000 THEN 'fail'
            WHEN b.out_mg <= b.in_mg AND o.content_mg * 1000000 > b.in_mg * r.highest_ppm * (1000000 + s.content_ppm) / 1000000
            THEN 'fail'
            ELSE 'pass' END AS state,
       e.doc, e.pointer, b.element, r.source, r.target, r.lowest_ppm, r.highest_ppm, CAST(FLOOR(b.in_mg) AS BIGINT) AS in_mg,
       CAST(FLOOR(o.content_mg) AS BIGINT) AS out_mg,
       CAST(FLOOR(o.content_mg / b.in_mg * 1000000) AS BIGINT) AS recovery_ppm, b.assumed
  FROM balance b
  JOIN gaps g ON g.event = b.event
  JOIN event e ON e.no = b.event
  JOIN ranked i ON i.event = b.event AND i.element = b.element AND i.direction = 'in' AND i.place = 1
  JOIN ranked o ON o.event = b.event AND o.element = b.element AND o.direction = 'out' AND o.place = 1
  JOIN recovery r ON r.source = i.family AND r.target = o.family AND r.element = b.element
  JOIN setting s ON 1 = 1
 WHERE b.in_mg > 0
