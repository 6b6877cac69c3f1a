-- id: MB-001
-- title: A make event tells a facility what went in and what came out
-- stands on: MB-001
-- judges: each make event
-- expected: a facility, and quantities of everything that went in and came out
-- received: {lacking}
-- hint: Name the facility and give each input and output a quantity in a unit of mass, or in pieces of known weight.
-- missing: the weight of one piece (dimensions.weight of the passport) of what event {id} used or made
SELECT CASE WHEN e.facility IS NULL OR SUM(CASE WHEN l.quantity IS NULL THEN 1 ELSE 0 END) > 0 THEN 'fail'
            WHEN SUM(CASE WHEN l.mass_mg IS NULL THEN 1 ELSE 0 END) > 0 THEN 'unknown' ELSE 'pass' END AS state,
       e.doc, e.pointer, e.id,
       CASE WHEN e.facility IS NULL THEN 'no facility'
            ELSE CONCAT(CAST(SUM(CASE WHEN l.quantity IS NULL THEN 1 ELSE 0 END) AS VARCHAR), ' products without a quantity')
       END AS lacking
  FROM event e JOIN event_product l ON l.event = e.no
 WHERE e.kind = 'make'
 GROUP BY e.no, e.facility, e.doc, e.pointer, e.id
