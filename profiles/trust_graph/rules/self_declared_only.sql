-- id: G-018
-- title: A claim is assessed by somebody other than who makes it
-- stands on: TG-006 TG-012
-- judges: each criterion of each claim for which some assessment exists
-- expected: an assessment of {subject} against {criterion} by an independent body
-- received: only the claimant's own, or a declared self-assessment
-- hint: Have the claim assessed by a third party, or present it as a declaration.
-- missing: nothing
SELECT CASE WHEN grade = 3 THEN 'fail' ELSE 'pass' END AS state,
       doc, pointer, claim_id, criterion, subject
  FROM claim_grade
 WHERE grade > 0
