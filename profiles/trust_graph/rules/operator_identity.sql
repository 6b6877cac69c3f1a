-- id: G-011
-- title: Who operates a facility is known to a business register
-- stands on: TG-016 TG-024 CRM-08
-- judges: the operator of each recorded facility; its owner, or the issuer of the record, where no operator is named
-- expected: an identity anchor from a business register for {party}, in force
-- received: none in the set that stands
-- hint: Obtain the anchor from the business register and link it from the DID document.
-- missing: identity anchors: the set holds none
WITH holder AS (
  SELECT f.id AS facility, r.party, r.doc, r.pointer
    FROM facility f
    JOIN party_role r ON r.subject_kind = 'facility' AND r.subject = f.id AND r.role = 'operator'
   WHERE f.recorded = 1
), owner AS (
  SELECT f.id AS facility, r.party, r.doc, r.pointer
    FROM facility f
    JOIN party_role r ON r.subject_kind = 'facility' AND r.subject = f.id AND r.role = 'owner'
   WHERE f.recorded = 1 AND NOT EXISTS (SELECT 1 FROM holder h WHERE h.facility = f.id)
), other AS (
  SELECT f.id AS facility, f.issuer AS party, f.doc, '/issuer' AS pointer
    FROM facility f
   WHERE f.recorded = 1 AND NOT EXISTS (SELECT 1 FROM holder h WHERE h.facility = f.id)
     AND NOT EXISTS (SELECT 1 FROM owner o WHERE o.facility = f.id)
), everyone AS (
  SELECT facility, party, doc, pointer FROM holder
  UNION ALL SELECT facility, party, doc, pointer FROM owner
  UNION ALL SELECT facility, party, doc, pointer FROM other
), known AS (
  SELECT DISTINCT i.subject
    FROM identity i
    JOIN setting s ON 1 = 1
   WHERE i.register_type = 'business' AND i.broken IS NULL
     AND (i.from_s IS NULL OR i.from_s <= s.as_of_s) AND (i.until_s IS NULL OR i.until_s >= s.as_of_s)
)
SELECT CASE WHEN k.subject IS NOT NULL THEN 'pass' WHEN s.identities = 0 THEN 'unknown' ELSE 'fail' END AS state,
       e.doc, e.pointer, e.facility, e.party
  FROM everyone e
  JOIN setting s ON 1 = 1
  LEFT JOIN known k ON k.subject = e.party
