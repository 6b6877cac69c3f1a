-- id: G-102
-- title: A facility does not send out more of an element than it received or mined
-- stands on: MB-002 COC-08
-- judges: each element that a facility sends out, over the whole time that the events cover
-- expected: at most {in_mg} of contained {element} (received or mined there, tolerance {tolerance_permille})
-- received: {out_mg} sent out from {facility}
-- hint: Publish the missing receipts or the opening stock, or mend the quantities.
-- missing: content or mass of what {facility} received
-- Facilities that send products for which the set holds no make event are not judged: their sources are not shown.
WITH sent AS (
  SELECT e.from_facility AS facility, x.element, SUM(x.content_mg) AS out_mg, MAX(x.assumed) AS assumed,
         MIN(e.doc) AS doc, MIN(e.pointer) AS pointer
    FROM event e
    JOIN event_content x ON x.event = e.no AND x.direction = 'moved'
   WHERE e.counted = 1 AND e.from_facility IS NOT NULL
   GROUP BY e.from_facility, x.element
), source AS (
  SELECT e.to_facility AS facility, x.element, x.content_mg
    FROM event e
    JOIN event_content x ON x.event = e.no AND x.direction = 'moved'
   WHERE e.counted = 1
  UNION ALL
  SELECT e.facility, x.element, x.content_mg
    FROM event e
    JOIN event_content x ON x.event = e.no AND x.direction = 'out'
   WHERE NOT EXISTS (SELECT 1 FROM event_product l WHERE l.event = e.no AND l.direction = 'in')
), supply AS (
  SELECT facility, element, SUM(content_mg) AS in_mg FROM source GROUP BY facility, element
), blank AS (
  SELECT DISTINCT e.to_facility AS facility
    FROM event e
    JOIN event_product l ON l.event = e.no AND l.direction = 'moved'
    JOIN product p ON p.id = l.product
   WHERE p.graded = 0 OR l.mass_mg IS NULL
), sourceless AS (
  SELECT DISTINCT e.from_facility AS facility
    FROM event e
    JOIN event_product l ON l.event = e.no AND l.direction = 'moved'
    LEFT JOIN (SELECT DISTINCT f.facility, f.product FROM flow f WHERE f.what IN ('made', 'received')) k
      ON k.facility = e.from_facility AND k.product = l.product
   WHERE k.product IS NULL
)
SELECT CASE WHEN b.facility IS NOT NULL THEN 'unknown'
            WHEN t.out_mg * 1000 > COALESCE(y.in_mg, 0) * (1000 + s.tolerance_permille) THEN 'fail'
            ELSE 'pass' END AS state,
       t.doc, t.pointer, t.facility, t.element, COALESCE(y.in_mg, 0) AS in_mg, t.out_mg, t.assumed,
       s.tolerance_permille
  FROM sent t
  JOIN setting s ON 1 = 1
  LEFT JOIN supply y ON y.facility = t.facility AND y.element = t.element
  LEFT JOIN blank b ON b.facility = t.facility
  LEFT JOIN sourceless n ON n.facility = t.facility
 WHERE n.facility IS NULL
