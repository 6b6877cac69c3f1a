-- What several graph rules need: selected from the tables of graph.sql, in the same SQL subset as the rules.
-- A line of its own names each view; runners may keep it as a view or as a table.

-- view: claim_evidence
-- Each criterion of each claim with every assessment of that criterion: of the same product or facility (site 0), or of
-- the facility where the claimed product is made (site 1). in_force: at some instant of the claim's date. own: 1 when
-- whoever makes the claim assesses it, or the assessment declares itself a self-assessment.
SELECT c.no AS claim, k.criterion, a.no AS assessment, 0 AS site, a.conformance, a.broken, s.verified_by_cab,
       CASE WHEN a.assessor_level = 'self' OR a.issuer = c.issuer THEN 1 ELSE 0 END AS own,
       CASE WHEN (a.from_s IS NULL OR c.until_s IS NULL OR a.from_s <= c.until_s)
             AND (a.until_s IS NULL OR c.from_s IS NULL OR a.until_s >= c.from_s) THEN 1 ELSE 0 END AS in_force
  FROM claim c
  JOIN claim_criterion k ON k.claim = c.no
  JOIN assessed_subject s ON s.subject_kind = c.subject_kind AND s.subject = c.subject
  JOIN assessment_criterion ac ON ac.assessment = s.assessment AND ac.criterion = k.criterion
  JOIN assessment a ON a.no = s.assessment
UNION ALL
SELECT c.no AS claim, k.criterion, a.no AS assessment, 1 AS site, a.conformance, a.broken, s.verified_by_cab,
       CASE WHEN a.assessor_level = 'self' OR a.issuer = c.issuer THEN 1 ELSE 0 END AS own,
       CASE WHEN (a.from_s IS NULL OR c.until_s IS NULL OR a.from_s <= c.until_s)
             AND (a.until_s IS NULL OR c.from_s IS NULL OR a.until_s >= c.from_s) THEN 1 ELSE 0 END AS in_force
  FROM claim c
  JOIN claim_criterion k ON k.claim = c.no
  JOIN product p ON c.subject_kind = 'product' AND p.id = c.subject
  JOIN assessed_subject s ON s.subject_kind = 'facility' AND s.subject = p.produced_at
  JOIN assessment_criterion ac ON ac.assessment = s.assessment AND ac.criterion = k.criterion
  JOIN assessment a ON a.no = s.assessment

-- view: claim_topic_evidence
-- Claims whose subject, or the site where it is made, is assessed positively under a topic of the claim.
SELECT DISTINCT t.claim
  FROM claim_topic t
  JOIN claim c ON c.no = t.claim
  JOIN assessed_subject s ON s.subject_kind = c.subject_kind AND s.subject = c.subject
  JOIN assessment_topic b ON b.assessment = s.assessment AND b.topic = t.topic
  JOIN assessment a ON a.no = s.assessment AND a.conformance = 1
UNION
SELECT DISTINCT t.claim
  FROM claim_topic t
  JOIN claim c ON c.no = t.claim
  JOIN product p ON c.subject_kind = 'product' AND p.id = c.subject
  JOIN assessed_subject s ON s.subject_kind = 'facility' AND s.subject = p.produced_at
  JOIN assessment_topic b ON b.assessment = s.assessment AND b.topic = t.topic
  JOIN assessment a ON a.no = s.assessment AND a.conformance = 1

-- view: claim_grade
-- The best that can be said about each criterion of each claim: 9 verified, 8 assessment revoked, suspended or forged,
-- 7 not in force at the claim's date, 6 not conforming, 5 site only, 4 topic only, 3 self-declared only, 0 nothing.
SELECT c.no AS claim, k.criterion, k.pointer, c.doc, c.subject_kind, c.subject, c.id AS claim_id,
       MAX(CASE WHEN e.assessment IS NULL THEN CASE WHEN t.claim IS NULL THEN 0 ELSE 4 END
                WHEN e.site = 1 THEN CASE WHEN e.conformance = 1 THEN 5 ELSE 0 END
                WHEN e.conformance IS NULL OR e.conformance = 0 THEN 6
                WHEN e.in_force = 0 THEN 7
                WHEN e.broken IS NOT NULL THEN 8
                WHEN e.own = 1 THEN 3
                ELSE 9 END) AS grade
  FROM claim c
  JOIN claim_criterion k ON k.claim = c.no
  LEFT JOIN claim_evidence e ON e.claim = c.no AND e.criterion = k.criterion
  LEFT JOIN claim_topic_evidence t ON t.claim = c.no
 GROUP BY c.no, k.criterion, k.pointer, c.doc, c.subject_kind, c.subject, c.id

-- view: flow
-- Every change of a facility's stock of a product: made and received positive, consumed and sent off negative.
SELECT e.facility, l.product, e.at_s, 'made' AS what, l.mass_mg, e.no AS event, l.doc, l.pointer
  FROM event e JOIN event_product l ON l.event = e.no AND l.direction = 'out'
 WHERE e.counted = 1
UNION ALL
SELECT e.to_facility AS facility, l.product, e.at_s, 'received' AS what, l.mass_mg, e.no AS event, l.doc, l.pointer
  FROM event e JOIN event_product l ON l.event = e.no AND l.direction = 'moved'
 WHERE e.counted = 1
UNION ALL
SELECT e.facility, l.product, e.at_s, 'consumed' AS what, -l.mass_mg AS mass_mg, e.no AS event, l.doc, l.pointer
  FROM event e JOIN event_product l ON l.event = e.no AND l.direction = 'in'
 WHERE e.counted = 1
UNION ALL
SELECT e.from_facility AS facility, l.product, e.at_s, 'sent' AS what, -l.mass_mg AS mass_mg, e.no AS event, l.doc,
       l.pointer
  FROM event e JOIN event_product l ON l.event = e.no AND l.direction = 'moved'
 WHERE e.counted = 1
