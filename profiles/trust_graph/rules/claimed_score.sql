-- id: G-019
-- title: The claimed score is the assessed score
-- stands on: TG-011
-- judges: each claimed score whose criterion a valid assessment of the same subject scores
-- expected: score {assessed} as assessed
-- received: score {code} claimed
-- hint: Claim the score that was assessed.
-- missing: nothing
WITH pair AS (
  SELECT DISTINCT v.claim, v.code, v.pointer, e.assessment
    FROM claim_score v
    JOIN claim_evidence e ON e.claim = v.claim AND e.site = 0 AND e.conformance = 1 AND e.broken IS NULL
                         AND e.in_force = 1
), compared AS (
  SELECT p.claim, p.code, p.pointer, MIN(a.code) AS assessed,
         MAX(CASE WHEN a.code = p.code THEN 1 ELSE 0 END) AS agrees
    FROM pair p
    JOIN assessment_score a ON a.assessment = p.assessment
   GROUP BY p.claim, p.code, p.pointer
)
SELECT CASE WHEN x.agrees = 1 THEN 'pass' ELSE 'fail' END AS state, c.doc, x.pointer, x.code, x.assessed
  FROM compared x
  JOIN claim c ON c.no = x.claim
