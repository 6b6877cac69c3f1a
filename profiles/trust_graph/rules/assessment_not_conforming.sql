-- id: G-004
-- title: The assessment behind a claim says that the criterion is met
-- stands on: TG-007
-- judges: each criterion of each claim that is assessed for the claim's own subject
-- expected: an assessment against {criterion} with conformance true
-- received: the assessment of {subject} does not say so
-- hint: Withdraw the claim, or publish the assessment that confirms it.
-- missing: nothing
SELECT CASE WHEN grade = 6 THEN 'fail' ELSE 'pass' END AS state,
       doc, pointer, claim_id, criterion, subject
  FROM claim_grade
 WHERE grade >= 6
