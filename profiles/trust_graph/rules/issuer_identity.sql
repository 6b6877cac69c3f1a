-- id: G-012
-- title: Every issuer is vouched for by a register
-- stands on: TG-018 TG-024 CRM-08
-- judges: each issuer of a credential that is not a trust anchor
-- expected: an identity anchor from a business or accreditation register for {issuer}, in force
-- received: none in the set that stands
-- hint: Obtain the anchor from the register, or list the issuer as a trust anchor if it is one.
-- missing: identity anchors, or the list of trust anchors that {issuer} may be one of
WITH issuing AS (
  SELECT c.issuer, MIN(c.doc) AS doc,
         MAX(CASE WHEN c.kind <> 'DigitalIdentityAnchor' THEN 1 ELSE 0 END) AS speaks_of_goods
    FROM credential c
    LEFT JOIN trust_anchor t ON t.id = c.issuer
   WHERE t.id IS NULL AND c.issuer IS NOT NULL
   GROUP BY c.issuer
), known AS (
  SELECT DISTINCT i.subject
    FROM identity i
    JOIN setting s ON 1 = 1
   WHERE i.register_type IN ('business', 'accreditation') AND i.broken IS NULL
     AND (i.from_s IS NULL OR i.from_s <= s.as_of_s) AND (i.until_s IS NULL OR i.until_s >= s.as_of_s)
)
SELECT CASE WHEN k.subject IS NOT NULL THEN 'pass'
            WHEN s.identities = 0 OR (s.anchors = 0 AND x.speaks_of_goods = 0) THEN 'unknown'
            ELSE 'fail' END AS state,
       x.doc, '/issuer' AS pointer, x.issuer
  FROM issuing x
  JOIN setting s ON 1 = 1
  LEFT JOIN known k ON k.subject = x.issuer
