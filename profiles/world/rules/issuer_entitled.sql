-- id: W-160
-- title: Documents are issued while their issuer is registered, mandated or accredited
-- stands on: TG-008
-- judges: each document whose issuer has an identity anchor in the set
-- expected: a start of validity within an identity anchor of {issuer} ({from_s} to {until_s}, of several the first)
-- received: valid from {valid_s}
-- hint: Renew the registration or accreditation first, or withdraw the document.
-- missing: a date of the document
WITH span AS (
  SELECT subject, MIN(from_s) AS from_s, MAX(COALESCE(until_s, 253402300799)) AS until_s FROM identity GROUP BY subject
)
SELECT CASE WHEN d.from_s IS NULL THEN 'unknown'
            WHEN EXISTS (SELECT 1 FROM identity i
                          WHERE i.subject = d.issuer AND COALESCE(i.from_s, 0) <= d.from_s
                            AND COALESCE(i.until_s, 253402300799) >= d.from_s) THEN 'pass'
            ELSE 'fail' END AS state,
       d.no AS doc, '/validFrom' AS pointer, d.issuer, d.from_s AS valid_s, s.from_s, s.until_s
  FROM doc d
  JOIN span s ON s.subject = d.issuer
