-- id: G-013
-- title: Who issues a passport belongs to the facility that made the product
-- stands on: TG-017
-- judges: each passport
-- expected: {issuer} as a party of facility {facility}, or as the issuer of its record
-- received: the facility record names others only
-- hint: Name the issuer in a role of the facility record, or let the facility's operator issue the passport.
-- missing: a facility record of {facility}
WITH tie AS (
  SELECT id AS facility, issuer AS party FROM facility WHERE recorded = 1
  UNION
  SELECT subject AS facility, party FROM party_role WHERE subject_kind = 'facility'
)
SELECT CASE WHEN t.party IS NOT NULL THEN 'pass' WHEN COALESCE(f.recorded, 0) = 0 THEN 'unknown' ELSE 'fail' END AS state,
       p.doc, '/issuer' AS pointer, p.issuer, p.produced_at AS facility
  FROM product p
  LEFT JOIN facility f ON f.id = p.produced_at
  LEFT JOIN tie t ON t.facility = p.produced_at AND t.party = p.issuer
 WHERE p.passport = 1 AND p.produced_at IS NOT NULL
