-- id: G-016
-- title: An assessment by others is not made by the assessed
-- stands on: TG-012 CRM-07
-- judges: each assessment that does not declare itself a self-assessment
-- expected: an assessor other than the assessed party and than those who run the assessed facility
-- received: {issuer} assesses {assessed}
-- hint: Have an independent body assess it, or declare assessorLevel self.
-- missing: nothing
WITH own AS (
  SELECT a.no, a.issued_to AS assessed
    FROM assessment a
   WHERE a.issued_to = a.issuer
  UNION
  SELECT a.no, s.subject AS assessed
    FROM assessment a
    JOIN assessed_subject s ON s.assessment = a.no AND s.subject_kind = 'facility'
    JOIN party_role r ON r.subject_kind = 'facility' AND r.subject = s.subject AND r.party = a.issuer
                     AND r.role IN ('owner', 'operator')
  UNION
  SELECT a.no, s.subject AS assessed
    FROM assessment a
    JOIN assessed_subject s ON s.assessment = a.no AND s.subject_kind = 'product'
    JOIN product p ON p.id = s.subject AND p.passport = 1 AND p.issuer = a.issuer
), first_own AS (
  SELECT no, MIN(assessed) AS assessed FROM own GROUP BY no
)
SELECT CASE WHEN o.no IS NULL THEN 'pass' ELSE 'fail' END AS state, a.doc, a.pointer, a.issuer, o.assessed
  FROM assessment a
  LEFT JOIN first_own o ON o.no = a.no
 WHERE a.assessor_level IS NULL OR a.assessor_level <> 'self'
