-- id: HR-002
-- title: Each make event names an input
-- stands on: DTE-031
-- judges: each make event
-- expected: at least one input of {event}
-- received: {inputs} inputs
-- hint: Name what went in, or publish the event as something else.
-- missing: the inputs of {event}
SELECT CASE WHEN SUM(CASE WHEN p.direction = 'in' THEN 1 ELSE 0 END) > 0 THEN 'pass' ELSE 'fail' END AS state,
       e.doc, e.pointer, MIN(e.id) AS event,
       SUM(CASE WHEN p.direction = 'in' THEN 1 ELSE 0 END) AS inputs
  FROM event e
  LEFT JOIN event_product p ON p.event = e.no
 WHERE e.kind = 'make'
 GROUP BY e.doc, e.pointer
