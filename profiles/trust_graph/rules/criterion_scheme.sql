-- id: G-014
-- title: Claimed criteria belong to a published scheme that others endorse
-- stands on: TG-028 CRM-18
-- judges: each criterion that a claim names
-- expected: {criterion} in a published conformity vocabulary whose scheme is endorsed by others than itself
-- received: {found}
-- hint: Claim a criterion of a registered scheme, or publish the vocabulary it stands in.
-- missing: conformity vocabularies: the set holds none
WITH known AS (
  SELECT k.id, MAX(s.endorsed) AS endorsed
    FROM criterion k
    JOIN scheme s ON s.id = k.scheme
   GROUP BY k.id
)
SELECT CASE WHEN k.endorsed = 1 THEN 'pass' WHEN MAX(s.schemes) = 0 THEN 'unknown' ELSE 'fail' END AS state,
       MIN(c.doc) AS doc, MIN(cc.pointer) AS pointer, cc.criterion,
       CASE WHEN k.id IS NULL THEN 'no vocabulary of the set defines it' ELSE 'its scheme endorses itself only' END AS found
  FROM claim_criterion cc
  JOIN claim c ON c.no = cc.claim
  JOIN setting s ON 1 = 1
  LEFT JOIN known k ON k.id = cc.criterion
 GROUP BY cc.criterion, k.id, k.endorsed
