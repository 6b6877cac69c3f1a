-- id: W-104
-- title: No site sends out and holds more of an element than came in
-- stands on: MB-002 COC-08
-- judges: each element at each site that receives goods and sends others, over all events
-- expected: at most {in_mg} of contained {element} sent from {facility} or counted there, as much as arrived or was mined
-- received: {out_mg}
-- hint: Record the missing receipts, or mend quantities and grades.
-- missing: element content or mass of goods at {facility}
WITH arrived AS (
  SELECT f.facility, f.key, f.mass_mg, f.slack_mg, f.doc, f.pointer
    FROM flow f
    LEFT JOIN (SELECT DISTINCT key FROM item WHERE kind = 'make' AND direction = 'out') AS o ON o.key = f.key
   WHERE f.what = 'received'
), transformed AS (
  SELECT DISTINCT s.facility
    FROM shipment s
    JOIN (SELECT DISTINCT facility FROM arrived) AS a ON a.facility = s.facility
    JOIN passport p ON p.key = s.key AND p.produced_at = s.facility
), mined AS (
  SELECT m.facility, m.key, m.mass_mg, m.slack_mg
    FROM made m
    LEFT JOIN gaps g ON g.event = m.event
   WHERE g.inputs = 0
), last_count AS (
  SELECT facility, MAX(at_s) AS at_s FROM item WHERE kind = 'counted' GROUP BY facility
), side AS (
  SELECT facility, 'in' AS direction, key, mass_mg, slack_mg, doc, pointer FROM arrived
  UNION ALL
  SELECT facility, 'in' AS direction, key, mass_mg, slack_mg, CAST(NULL AS BIGINT) AS doc, CAST(NULL AS VARCHAR) AS pointer FROM mined
  UNION ALL
  SELECT facility, 'out' AS direction, key, COALESCE(sent_mg, received_mg) AS mass_mg, COALESCE(sent_slack_mg, 0) AS slack_mg,
         sent_doc AS doc, sent_pointer AS pointer
    FROM shipment
  UNION ALL
  SELECT i.facility, 'out' AS direction, i.key, i.mass_mg, i.slack_mg, i.doc, i.pointer
    FROM item i
    JOIN last_count c ON c.facility = i.facility AND c.at_s = i.at_s
   WHERE i.kind = 'counted'
), summed AS (
  SELECT d.facility, c.element,
         SUM(CASE WHEN d.direction = 'in' THEN CAST(d.mass_mg AS DOUBLE) * c.share_e9 / 1000000000 ELSE 0 END) AS in_mg,
         SUM(CASE WHEN d.direction = 'out' THEN CAST(d.mass_mg AS DOUBLE) * c.share_e9 / 1000000000 ELSE 0 END) AS out_mg,
         SUM(CAST(d.slack_mg AS DOUBLE) * c.share_e9 / 1000000000) AS slack_mg, MAX(c.assumed) AS assumed,
         MAX(CASE WHEN d.direction = 'out' THEN d.doc END) AS doc
    FROM side d
    JOIN content c ON c.key = d.key
   GROUP BY d.facility, c.element
), blanks AS (
  SELECT d.facility, SUM(CASE WHEN d.mass_mg IS NULL OR g.key IS NULL THEN 1 ELSE 0 END) AS blank
    FROM side d
    LEFT JOIN graded g ON g.key = d.key
   GROUP BY d.facility
)
SELECT CASE WHEN b.blank > 0 THEN 'unknown'
            WHEN u.out_mg > u.in_mg * (1000000 + s.content_ppm) / 1000000 + u.slack_mg THEN 'fail'
            ELSE 'pass' END AS state,
       u.doc, '/credentialSubject' AS pointer, u.facility, u.element, CAST(FLOOR(u.in_mg) AS BIGINT) AS in_mg,
       CAST(FLOOR(u.out_mg) AS BIGINT) AS out_mg, u.assumed
  FROM summed u
  JOIN transformed t ON t.facility = u.facility
  JOIN blanks b ON b.facility = u.facility
  JOIN setting s ON 1 = 1
 WHERE u.out_mg > 0
