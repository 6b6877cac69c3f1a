-- id: G-009
-- title: The accreditation covers what was assessed
-- stands on: TG-013
-- judges: each assessment by an accredited issuer that is not itself a trust anchor
-- expected: a registration scope of {issuer} that names the scheme {scheme}, its profile or every assessed criterion
-- received: {uncovered} criteria outside every scope
-- hint: Have the accreditation extended, or assess only what it covers.
-- missing: nothing
WITH scope AS (
  SELECT DISTINCT i.subject AS issuer, p.scope
    FROM identity i
    JOIN identity_scope p ON p.identity = i.no
   WHERE i.register_type = 'accreditation' AND i.broken IS NULL
), covered AS (
  SELECT a.no
    FROM assessment a
    JOIN scope s ON s.issuer = a.issuer AND (s.scope = a.scheme OR s.scope = a.profile)
), open_criterion AS (
  SELECT c.assessment, COUNT(*) AS uncovered
    FROM assessment_criterion c
    JOIN assessment a ON a.no = c.assessment
    LEFT JOIN scope s ON s.issuer = a.issuer AND s.scope = c.criterion
   WHERE s.scope IS NULL
   GROUP BY c.assessment
)
SELECT CASE WHEN v.no IS NULL AND COALESCE(o.uncovered, 0) > 0 THEN 'fail' ELSE 'pass' END AS state,
       a.doc, a.pointer, a.issuer, a.scheme, o.uncovered
  FROM assessment a
  JOIN (SELECT DISTINCT subject FROM identity WHERE register_type = 'accreditation' AND broken IS NULL) i
    ON i.subject = a.issuer
  LEFT JOIN trust_anchor t ON t.id = a.issuer
  LEFT JOIN (SELECT DISTINCT no FROM covered) v ON v.no = a.no
  LEFT JOIN open_criterion o ON o.assessment = a.no
 WHERE t.id IS NULL
