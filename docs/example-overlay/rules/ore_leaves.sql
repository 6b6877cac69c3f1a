-- id: ZW-001
-- title: Lithium ore does not leave the country without permission
-- stands on: CRM-05
-- judges: each move event of lithium ore from a facility in Zimbabwe
-- expected: a destination in Zimbabwe, or a permit for {product} or its origin
-- received: {product} goes to {country}, with {permits} permits
-- hint: Concentrate the ore before it leaves, or publish the permit.
-- missing: the facility record of the destination of {product}
-- Ores are told from concentrates by their names: spodumene, petalite or lepidolite ore, lithium ore.
WITH permit AS (
  SELECT DISTINCT s.subject
    FROM assessment a
    JOIN assessed_subject s ON s.assessment = a.no
   WHERE a.permit = 1 AND a.conformance = 1 AND a.broken IS NULL
), shipment AS (
  SELECT e.doc, e.pointer, e.no, e.from_facility, e.to_facility, p.product, q.name
    FROM event e
    JOIN facility f ON f.id = e.from_facility AND f.country = 'ZW'
    JOIN event_product p ON p.event = e.no AND p.direction = 'moved'
    JOIN product q ON q.id = p.product
   WHERE e.kind = 'move'
     AND (LOWER(q.name) LIKE '%spodumene%' OR LOWER(q.name) LIKE '%petalite%' OR LOWER(q.name) LIKE '%lepidolite%'
          OR LOWER(q.name) LIKE '%lithium%')
     AND LOWER(q.name) LIKE '% ore%' AND LOWER(q.name) NOT LIKE '%concentrate%'
)
SELECT CASE WHEN t.country = 'ZW' OR COUNT(m.subject) > 0 THEN 'pass'
            WHEN t.country IS NULL THEN 'unknown'
            ELSE 'fail' END AS state,
       x.doc, x.pointer, x.product, t.country, COUNT(m.subject) AS permits
  FROM shipment x
  LEFT JOIN facility t ON t.id = x.to_facility
  LEFT JOIN permit m ON m.subject = x.product OR m.subject = x.from_facility
 GROUP BY x.doc, x.pointer, x.no, x.product, t.country
