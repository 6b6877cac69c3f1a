-- What the rules share. Built once after loading, in this order; each becomes a table.

-- view: several
-- Identifiers that cover more than one batch or item.
SELECT id FROM (
  SELECT id, combo FROM product WHERE combo <> ''
  UNION
  SELECT id, combo FROM line WHERE combo <> ''
) AS named
 GROUP BY id HAVING COUNT(*) > 1

-- view: site
-- Facility records by identifier, the first of each.
SELECT id, name, country, latitude_e6, longitude_e6, capacity_mg, capacity_of, assumed, doc, pointer
  FROM (
    SELECT id, name, country, latitude_e6, longitude_e6, capacity_mg, capacity_of, assumed, doc, pointer,
           ROW_NUMBER() OVER (PARTITION BY id ORDER BY doc) AS place
      FROM facility
  ) AS numbered
 WHERE place = 1

-- view: passport
-- Passports by key, one each.
SELECT key, MIN(name) AS name, MIN(family) AS family, MIN(granularity) AS granularity, MIN(produced_at) AS produced_at,
       MIN(day_from_s) AS day_from_s, MAX(day_until_s) AS day_until_s, MIN(country) AS country, MIN(weight_mg) AS weight_mg,
       MIN(slack_mg) AS slack_mg, MIN(energy_wh) AS energy_wh, MIN(valid_from_s) AS valid_from_s, MIN(doc) AS doc,
       MIN(pointer) AS pointer
  FROM (
    SELECT CASE WHEN s.id IS NULL OR p.combo = '' THEN p.id ELSE CONCAT(p.id, ' ', p.combo) END AS key, p.name, p.family,
           p.granularity, COALESCE(a.facility, p.produced_at) AS produced_at, p.day_from_s, p.day_until_s, p.country,
           p.weight_mg, p.slack_mg, p.energy_wh, p.valid_from_s, p.doc, p.pointer
      FROM product p
      LEFT JOIN several s ON s.id = p.id
      LEFT JOIN alias a ON a.alias = p.produced_at
  ) AS keyed
 GROUP BY key

-- view: content
-- Grades by key.
SELECT key, element, MAX(share_e9) AS share_e9, MAX(assumed) AS assumed
  FROM (
    SELECT CASE WHEN s.id IS NULL OR g.combo = '' THEN g.id ELSE CONCAT(g.id, ' ', g.combo) END AS key, g.element, g.share_e9,
           g.assumed
      FROM grade g
      LEFT JOIN several s ON s.id = g.id
  ) AS keyed
 GROUP BY key, element

-- view: footprint
SELECT key, MAX(value_e6) AS value_e6, MIN(doc) AS doc, MIN(pointer) AS pointer
  FROM (
    SELECT CASE WHEN s.id IS NULL OR c.combo = '' THEN c.id ELSE CONCAT(c.id, ' ', c.combo) END AS key, c.value_e6, c.doc,
           c.pointer
      FROM carbon c
      LEFT JOIN several s ON s.id = c.id
  ) AS keyed
 GROUP BY key

-- view: graded
SELECT key, MAX(assumed) AS assumed FROM content GROUP BY key

-- view: item
-- Lines of events with key, mass in every case where it follows, and the event's own columns.
SELECT l.event, l.direction, l.place, l.key, l.name, COALESCE(l.family, p.family) AS family,
       CASE WHEN l.mass_mg IS NOT NULL THEN l.mass_mg
            WHEN l.pieces_e6 IS NOT NULL THEN CAST(FLOOR(CAST(l.pieces_e6 AS DOUBLE) * p.weight_mg / 1000000) AS BIGINT)
            END AS mass_mg,
       COALESCE(l.slack_mg, CAST(FLOOR(CAST(l.pieces_e6 AS DOUBLE) * p.slack_mg / 1000000) AS BIGINT), 0) AS slack_mg,
       e.kind, e.at_s, COALESCE(a.facility, e.facility) AS facility, COALESCE(b.facility, e.to_facility) AS to_facility,
       e.consignment, l.doc, l.pointer
  FROM (
    SELECT l.event, l.direction, l.name, l.family, l.mass_mg, l.slack_mg, l.pieces_e6, l.place, l.doc, l.pointer,
           CASE WHEN s.id IS NULL OR l.combo = '' THEN l.id ELSE CONCAT(l.id, ' ', l.combo) END AS key
      FROM line l
      LEFT JOIN several s ON s.id = l.id
  ) AS l
  JOIN event e ON e.no = l.event
  LEFT JOIN passport p ON p.key = l.key
  LEFT JOIN alias a ON a.alias = e.facility
  LEFT JOIN alias b ON b.alias = e.to_facility

-- view: made
-- What came into being where and when: outputs of make events, and passports of batches and items that no make event
-- puts out (mined, or bought in).
SELECT i.key, i.facility, i.at_s, i.mass_mg, i.slack_mg, i.family, i.doc, i.pointer, i.event
  FROM item i
 WHERE i.kind = 'make' AND i.direction = 'out'
UNION ALL
SELECT p.key, p.produced_at AS facility, p.day_from_s AS at_s, p.weight_mg AS mass_mg, p.slack_mg, p.family, p.doc, p.pointer,
       CAST(NULL AS BIGINT) AS event
  FROM passport p
  LEFT JOIN (SELECT DISTINCT key FROM item WHERE kind = 'make' AND direction = 'out') AS o ON o.key = p.key
 WHERE o.key IS NULL AND p.granularity IN ('batch', 'item') AND p.produced_at IS NOT NULL AND p.day_from_s IS NOT NULL

-- view: shipment
-- One row per consignment and product: what the sender and the receiver say.
SELECT consignment, key, MIN(CASE WHEN kind = 'sent' THEN event END) AS sent_event,
       MIN(CASE WHEN kind = 'received' THEN event END) AS received_event,
       MIN(CASE WHEN kind = 'sent' THEN at_s END) AS sent_s, MIN(CASE WHEN kind = 'received' THEN at_s END) AS received_s,
       SUM(CASE WHEN kind = 'sent' THEN mass_mg END) AS sent_mg, SUM(CASE WHEN kind = 'received' THEN mass_mg END) AS received_mg,
       SUM(CASE WHEN kind = 'sent' THEN slack_mg END) AS sent_slack_mg,
       SUM(CASE WHEN kind = 'received' THEN slack_mg END) AS received_slack_mg,
       MIN(facility) AS facility, MIN(to_facility) AS to_facility,
       MIN(CASE WHEN kind = 'sent' THEN doc END) AS sent_doc, MIN(CASE WHEN kind = 'sent' THEN pointer END) AS sent_pointer,
       MIN(CASE WHEN kind = 'received' THEN doc END) AS received_doc,
       MIN(CASE WHEN kind = 'received' THEN pointer END) AS received_pointer
  FROM item
 WHERE direction = 'moved' AND kind IN ('sent', 'received')
 GROUP BY consignment, key

-- view: flow
-- Every coming and going of a product at a facility. phase: 0 comes, 1 goes.
SELECT facility, key, at_s, 0 AS phase, mass_mg, slack_mg, doc, pointer, 'made' AS what FROM made
UNION ALL
SELECT to_facility AS facility, key, COALESCE(received_s, sent_s) AS at_s, 0 AS phase, COALESCE(received_mg, sent_mg) AS mass_mg,
       COALESCE(received_slack_mg, sent_slack_mg) AS slack_mg, COALESCE(received_doc, sent_doc) AS doc,
       COALESCE(received_pointer, sent_pointer) AS pointer, 'received' AS what
  FROM shipment
UNION ALL
SELECT facility, key, at_s, 1 AS phase, -mass_mg AS mass_mg, slack_mg, doc, pointer, 'used' AS what
  FROM item
 WHERE kind = 'make' AND direction = 'in'
UNION ALL
SELECT facility, key, COALESCE(sent_s, received_s) AS at_s, 1 AS phase, -COALESCE(sent_mg, received_mg) AS mass_mg,
       COALESCE(sent_slack_mg, received_slack_mg) AS slack_mg, COALESCE(sent_doc, received_doc) AS doc,
       COALESCE(sent_pointer, received_pointer) AS pointer, 'sent' AS what
  FROM shipment

-- view: balance
-- Contained elements in and out of make events, in milligrams. blank: lines without mass or known content.
SELECT i.event, c.element,
       SUM(CASE WHEN i.direction = 'in' THEN CAST(i.mass_mg AS DOUBLE) * c.share_e9 / 1000000000 ELSE 0 END) AS in_mg,
       SUM(CASE WHEN i.direction = 'out' THEN CAST(i.mass_mg AS DOUBLE) * c.share_e9 / 1000000000 ELSE 0 END) AS out_mg,
       SUM(CASE WHEN i.direction = 'in' THEN CAST(i.slack_mg AS DOUBLE) * c.share_e9 / 1000000000 ELSE 0 END)
         + SUM(CASE WHEN i.direction = 'out' THEN CAST(i.slack_mg AS DOUBLE) * c.share_e9 / 1000000000 ELSE 0 END) AS slack_mg,
       MAX(c.assumed) AS assumed
  FROM item i
  JOIN content c ON c.key = i.key
 WHERE i.kind = 'make'
 GROUP BY i.event, c.element

-- view: gaps
-- Make events some of whose lines have no mass or no known content, and what goes in and out by number.
SELECT i.event, SUM(CASE WHEN i.mass_mg IS NULL OR (g.key IS NULL AND i.direction = 'in') THEN 1 ELSE 0 END) AS blank_in,
       SUM(CASE WHEN i.direction = 'out' AND i.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank_out,
       SUM(CASE WHEN i.direction = 'out' AND g.key IS NOT NULL THEN 1 ELSE 0 END) AS graded_out,
       SUM(CASE WHEN i.direction = 'in' THEN 1 ELSE 0 END) AS inputs, MIN(i.facility) AS facility, MIN(i.at_s) AS at_s
  FROM item i
  LEFT JOIN graded g ON g.key = i.key
 WHERE i.kind = 'make'
 GROUP BY i.event
