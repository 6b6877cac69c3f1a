-- id: G-007
-- title: The claimed value agrees with the assessed value
-- stands on: TG-011
-- judges: each claimed value whose metric a valid assessment of the same criterion and subject gives
-- expected: {assessed_e6} {assessed_unit} for {metric}, as assessed (within {value_permille})
-- received: {claimed_e6} {unit} claimed
-- hint: Claim what was assessed, or have the better value assessed.
-- missing: values of {metric} in one unit: claimed in {unit}, assessed in {assessed_unit}
WITH pair AS (
  SELECT DISTINCT v.claim, v.metric, v.unit, v.value_e6, v.pointer, e.assessment
    FROM claim_value v
    JOIN claim_evidence e ON e.claim = v.claim AND e.site = 0 AND e.conformance = 1 AND e.broken IS NULL
                         AND e.in_force = 1
), compared AS (
  SELECT p.claim, p.metric, p.unit, p.value_e6, p.pointer, s.value_permille,
         MAX(CASE WHEN a.unit = p.unit THEN 1 ELSE 0 END) AS comparable,
         MAX(CASE WHEN a.unit = p.unit
                   AND ABS(a.value_e6 - p.value_e6) * 1000 <= ABS(a.value_e6) * s.value_permille THEN 1 ELSE 0 END) AS agrees,
         MIN(a.value_e6) AS assessed_e6, MIN(a.unit) AS assessed_unit
    FROM pair p
    JOIN assessment_value a ON a.assessment = p.assessment AND a.metric = p.metric
    JOIN setting s ON 1 = 1
   GROUP BY p.claim, p.metric, p.unit, p.value_e6, p.pointer, s.value_permille
)
SELECT CASE WHEN x.agrees = 1 THEN 'pass' WHEN x.comparable = 1 THEN 'fail' ELSE 'unknown' END AS state,
       c.doc, x.pointer, x.metric, x.unit, x.value_e6 AS claimed_e6, x.assessed_e6, x.assessed_unit, x.value_permille
  FROM compared x
  JOIN claim c ON c.no = x.claim
