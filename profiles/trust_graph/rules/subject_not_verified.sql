-- id: G-015
-- title: The assessor checked the identity of what it assessed
-- stands on: TG-029
-- judges: each criterion of each verified claim
-- expected: an assessment of {subject} whose assessor verified its identity (idVerifiedByCAB)
-- received: idVerifiedByCAB is false in every assessment that supports the claim
-- hint: Let the assessor verify the identity of the product or facility on site.
-- missing: nothing
SELECT CASE WHEN MAX(COALESCE(e.verified_by_cab, 1)) = 0 THEN 'fail' ELSE 'pass' END AS state,
       g.doc, g.pointer, g.criterion, g.subject
  FROM claim_grade g
  JOIN claim_evidence e ON e.claim = g.claim AND e.criterion = g.criterion AND e.site = 0 AND e.conformance = 1
                       AND e.broken IS NULL AND e.in_force = 1
 WHERE g.grade = 9
 GROUP BY g.doc, g.pointer, g.criterion, g.subject
