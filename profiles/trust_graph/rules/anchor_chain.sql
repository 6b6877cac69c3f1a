-- id: G-010
-- title: Every identity anchor leads to a listed trust anchor
-- stands on: TG-014 TG-015
-- judges: each identity anchor of the set
-- expected: {issuer} listed as a trust anchor, or accredited by a chain that ends at one
-- received: no such chain in the set
-- hint: Publish the missing accreditation, or list the authority with --trust-anchor if you do trust it.
-- missing: trust anchors: none are listed (--trust-anchor)
SELECT CASE WHEN a.party IS NOT NULL THEN 'pass' WHEN s.anchors = 0 THEN 'unknown' ELSE 'fail' END AS state,
       i.doc, '/issuer' AS pointer, i.issuer
  FROM identity i
  JOIN setting s ON 1 = 1
  LEFT JOIN anchored a ON a.party = i.issuer
