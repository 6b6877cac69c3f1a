-- id: G-003
-- title: A claim is matched by criterion, not by topic alone
-- stands on: TG-006 TG-009
-- judges: each criterion of each claim for which some assessment exists
-- expected: an assessment of {subject} against {criterion}
-- received: an assessment that shares the claim's topic, against other criteria
-- hint: Name in claim and assessment the same criterion of the same scheme and version.
-- missing: nothing
SELECT CASE WHEN grade = 4 THEN 'fail' ELSE 'pass' END AS state,
       doc, pointer, claim_id, criterion, subject
  FROM claim_grade
 WHERE grade > 0
