-- id: G-005
-- title: The assessment behind a claim was in force at the claim's date
-- stands on: TG-026
-- judges: each criterion of each claim with a conforming assessment of the claim's own subject
-- expected: an assessment against {criterion} in force on the claim's date, {claimed_s}
-- received: none of the conforming assessments of {subject} was in force on that date
-- hint: Renew the assessment, or date the claim within its validity.
-- missing: nothing
SELECT CASE WHEN g.grade = 7 THEN 'fail' ELSE 'pass' END AS state,
       g.doc, g.pointer, g.claim_id, g.criterion, g.subject, c.from_s AS claimed_s
  FROM claim_grade g
  JOIN claim c ON c.no = g.claim
 WHERE g.grade >= 7
