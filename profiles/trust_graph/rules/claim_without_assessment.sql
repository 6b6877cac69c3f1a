-- id: G-001
-- title: Every criterion of a claim is assessed for the claim's own subject
-- stands on: TG-006 TG-008 TG-009 TG-010
-- judges: each criterion of each claim of a passport or facility record, and each claim that names none
-- expected: an assessment of {subject_kind} {subject} against {criterion}
-- received: claim {claim_id} with no assessment of this criterion
-- hint: Publish the conformity credential, or name in the claim the criterion that was assessed.
-- missing: conformity credentials: the set holds none, so that claims such as {claim_id} stay unverified
SELECT CASE WHEN g.grade > 0 THEN 'pass'
            WHEN s.attestations = 0 THEN 'unknown'
            ELSE 'fail' END AS state,
       g.doc, g.pointer, g.claim_id, g.criterion, g.subject_kind, g.subject
  FROM claim_grade g
  JOIN setting s ON 1 = 1
UNION ALL
SELECT 'fail' AS state, c.doc, c.pointer, c.id AS claim_id, 'a criterion, which the claim does not name' AS criterion,
       c.subject_kind, c.subject
  FROM claim c
 WHERE NOT EXISTS (SELECT 1 FROM claim_criterion k WHERE k.claim = c.no)
