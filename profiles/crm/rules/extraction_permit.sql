-- id: G-202
-- title: Extraction is covered by a permit of the site at that date
-- stands on: CRM-05 CRM-06
-- judges: each extraction; a make event without inputs, or a passport without make event of an ore or mineral
-- expected: a permit credential for {facility} that says it conforms, stands, and was in force on {at_s}
-- received: {permits} permit(s) for the facility, none of them so
-- hint: Publish the permit of the permitting authority, or renew it.
-- missing: conformity credentials: the set holds none
-- Ores and minerals are divisions 11 to 16 of the Central Product Classification.
WITH extraction AS (
  SELECT e.doc, e.pointer, e.facility, e.at_s
    FROM event e
   WHERE e.kind = 'make' AND e.facility IS NOT NULL
     AND EXISTS (SELECT 1 FROM event_product l WHERE l.event = e.no AND l.direction = 'out')
     AND NOT EXISTS (SELECT 1 FROM event_product l WHERE l.event = e.no AND l.direction = 'in')
  UNION
  SELECT p.doc, p.pointer, p.produced_at AS facility, COALESCE(p.produced_from_s, c.from_s) AS at_s
    FROM product p
    JOIN credential c ON c.doc = p.doc
    JOIN category k ON k.subject_kind = 'product' AND k.subject = p.id AND LOWER(k.scheme) LIKE '%cpc%'
                   AND SUBSTR(k.code, 1, 2) IN ('11', '12', '13', '14', '15', '16')
    LEFT JOIN (SELECT DISTINCT product FROM event_product WHERE direction = 'out') m ON m.product = p.id
   WHERE p.passport = 1 AND p.produced_at IS NOT NULL AND m.product IS NULL
), permit AS (
  SELECT DISTINCT s.subject AS facility, a.no, a.conformance, a.broken, a.from_s, a.until_s
    FROM assessment a
    JOIN assessed_subject s ON s.assessment = a.no AND s.subject_kind = 'facility'
   WHERE a.permit = 1
)
SELECT CASE WHEN SUM(CASE WHEN p.conformance = 1 AND p.broken IS NULL AND (p.from_s IS NULL OR p.from_s <= x.at_s)
                           AND (p.until_s IS NULL OR p.until_s >= x.at_s) THEN 1 ELSE 0 END) > 0 THEN 'pass'
            WHEN MAX(s.attestations) = 0 THEN 'unknown'
            ELSE 'fail' END AS state,
       x.doc, x.pointer, x.facility, x.at_s, COUNT(p.no) AS permits
  FROM extraction x
  JOIN setting s ON 1 = 1
  LEFT JOIN permit p ON p.facility = x.facility
 GROUP BY x.doc, x.pointer, x.facility, x.at_s
