-- id: W-101
-- title: No make event puts out more of an element than went in
-- stands on: MB-003 TG-019
-- judges: each element that the outputs of a make event contain
-- expected: at most {in_mg} of contained {element}, as much as all inputs hold (declared error {error_ppm})
-- received: {out_mg} of contained {element} in the outputs, a recovery of {recovery_ppm}
-- hint: Name every input (a secondary feed such as scrap, too), or mend the quantities or grades.
-- missing: element content or mass of inputs or outputs of make events
SELECT CASE WHEN g.blank_in + g.blank_out > 0 THEN 'unknown'
            WHEN b.out_mg > b.in_mg * (1000000 + s.content_ppm) / 1000000 + b.slack_mg THEN 'fail'
            ELSE 'pass' END AS state,
       e.doc, e.pointer, b.element, CAST(FLOOR(b.in_mg) AS BIGINT) AS in_mg, CAST(FLOOR(b.out_mg) AS BIGINT) AS out_mg,
       CASE WHEN b.in_mg > 0 THEN CAST(FLOOR(b.out_mg / b.in_mg * 1000000) AS BIGINT) END AS recovery_ppm,
       s.content_ppm AS error_ppm, b.assumed
  FROM balance b
  JOIN gaps g ON g.event = b.event
  JOIN event e ON e.no = b.event
  JOIN setting s ON 1 = 1
 WHERE b.out_mg > 0 AND g.inputs > 0
UNION ALL
SELECT 'unknown' AS state, e.doc, e.pointer, '' AS element, CAST(NULL AS BIGINT) AS in_mg, CAST(NULL AS BIGINT) AS out_mg,
       CAST(NULL AS BIGINT) AS recovery_ppm, CAST(NULL AS BIGINT) AS error_ppm, 0 AS assumed
  FROM gaps g
  JOIN event e ON e.no = g.event
 WHERE g.inputs > 0 AND g.graded_out = 0
