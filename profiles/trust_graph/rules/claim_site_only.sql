-- id: G-002
-- title: A product claim does not rest on an assessment of the site alone
-- stands on: TG-006 TG-009
-- judges: each criterion of each product claim for which some assessment exists
-- expected: an assessment of product {subject} against {criterion}
-- received: an assessment of the facility that makes it; the claim is verified for the site only
-- hint: Claim it in the facility record, or have the product (its chain of custody) assessed.
-- missing: nothing
SELECT CASE WHEN grade = 5 THEN 'fail' ELSE 'pass' END AS state,
       doc, pointer, claim_id, criterion, subject
  FROM claim_grade
 WHERE subject_kind = 'product' AND grade > 0
