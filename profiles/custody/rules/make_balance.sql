-- id: G-101
-- title: A make event does not put out more of an element than went in
-- stands on: MB-003 MB-004 TG-019 COC-07 COC-13 CRM-12
-- judges: each element of each make event that has inputs
-- expected: at most {limit_mg} of contained {element} from {in_mg} that went in (tolerance {tolerance_permille})
-- received: {out_mg} of contained {element} in the products of {event_id}
-- hint: List every feed, scrap and returns too, with its quantity; or mend the quantity or the grade.
-- missing: element content or mass of {blank} product(s) of event {event_id}
-- An element that a graded product does not list counts as absent from it. Inputs of unknown content may hold at most
-- their own mass of the element; where even that cannot explain the output, the event fails all the same.
WITH line AS (
  SELECT e.no AS event, e.id AS event_id, e.doc, e.pointer, l.direction, l.product, l.mass_mg,
         CASE WHEN p.graded = 0 OR l.mass_mg IS NULL THEN 1 ELSE 0 END AS blank
    FROM event e
    JOIN event_product l ON l.event = e.no
    JOIN product p ON p.id = l.product
   WHERE e.kind = 'make'
), total AS (
  SELECT event, event_id, doc, pointer,
         SUM(CASE WHEN direction = 'in' THEN 1 ELSE 0 END) AS inputs,
         SUM(CASE WHEN direction = 'out' THEN 1 ELSE 0 END) AS outputs,
         SUM(blank) AS blank,
         SUM(CASE WHEN direction = 'in' AND blank = 1 THEN mass_mg ELSE 0 END) AS blank_in_mg,
         SUM(CASE WHEN direction = 'in' AND blank = 1 AND mass_mg IS NULL THEN 1 ELSE 0 END) AS massless_in
    FROM line
   GROUP BY event, event_id, doc, pointer
), element AS (
  SELECT event, element, MAX(assumed) AS assumed,
         SUM(CASE WHEN direction = 'in' THEN content_mg ELSE 0 END) AS in_mg,
         SUM(CASE WHEN direction = 'out' THEN content_mg ELSE 0 END) AS out_mg
    FROM event_content
   GROUP BY event, element
)
SELECT CASE WHEN t.massless_in = 0
             AND COALESCE(x.out_mg, 0) * 1000
                 > (COALESCE(x.in_mg, 0) + t.blank_in_mg) * (1000 + s.tolerance_permille) THEN 'fail'
            WHEN t.blank > 0 THEN 'unknown'
            ELSE 'pass' END AS state,
       t.doc, t.pointer, t.event_id, x.element, x.in_mg, x.out_mg, t.blank, x.assumed, s.tolerance_permille,
       CAST(FLOOR(COALESCE(x.in_mg, 0) * (1000 + s.tolerance_permille) / 1000) AS BIGINT) AS limit_mg
  FROM total t
  JOIN setting s ON 1 = 1
  LEFT JOIN element x ON x.event = t.event
 WHERE t.inputs > 0 AND t.outputs > 0
