-- id: G-006
-- title: The assessment behind a claim is neither revoked, suspended nor forged
-- stands on: TG-025 TG-026
-- judges: each criterion of each claim with a conforming assessment in force
-- expected: an assessment against {criterion} whose credential stands
-- received: the credential that assesses {subject} is revoked, suspended or has an invalid signature
-- hint: Withdraw the claim, or have the subject assessed anew.
-- missing: nothing
SELECT CASE WHEN grade = 8 THEN 'fail' ELSE 'pass' END AS state,
       doc, pointer, claim_id, criterion, subject
  FROM claim_grade
 WHERE grade >= 8
