-- id: G-008
-- title: Who assesses others is accredited
-- stands on: TG-012
-- judges: each conformity credential that is not a self-assessment
-- expected: an identity anchor from an accreditation register for {issuer}, in force when it assessed or now
-- received: none in the set that stands
-- hint: Obtain and publish the accreditation anchor, or list the issuer as a trust anchor.
-- missing: identity anchors: the set holds none
WITH attestation AS (
  SELECT DISTINCT doc, issuer, date_s, from_s
    FROM assessment
   WHERE assessor_level IS NULL OR assessor_level <> 'self'
), accredited AS (
  SELECT DISTINCT a.doc
    FROM attestation a
    JOIN identity i ON i.subject = a.issuer AND i.register_type = 'accreditation' AND i.broken IS NULL
    JOIN setting s ON 1 = 1
   WHERE ((i.from_s IS NULL OR i.from_s <= s.as_of_s) AND (i.until_s IS NULL OR i.until_s >= s.as_of_s))
      OR ((i.from_s IS NULL OR i.from_s <= COALESCE(a.date_s, a.from_s))
          AND (i.until_s IS NULL OR i.until_s >= COALESCE(a.date_s, a.from_s)))
)
SELECT CASE WHEN MAX(CASE WHEN x.doc IS NULL AND t.id IS NULL THEN 0 ELSE 1 END) = 1 THEN 'pass'
            WHEN MAX(s.identities) = 0 THEN 'unknown'
            ELSE 'fail' END AS state,
       a.doc, '/issuer' AS pointer, a.issuer
  FROM attestation a
  JOIN setting s ON 1 = 1
  LEFT JOIN accredited x ON x.doc = a.doc
  LEFT JOIN trust_anchor t ON t.id = a.issuer
 GROUP BY a.doc, a.issuer
