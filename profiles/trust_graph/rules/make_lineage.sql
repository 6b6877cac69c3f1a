-- id: G-017
-- title: What goes into a product can be traced further
-- stands on: TG-027 TG-024 CRM-04
-- judges: each product that a make event consumes
-- expected: a passport of {product}, or the make event that it came from
-- received: neither in the set
-- hint: Publish passport and make event of the input, or follow its identifier to them.
-- missing: passports: the set holds none
SELECT CASE WHEN p.passport = 1 OR MAX(CASE WHEN o.product IS NULL THEN 0 ELSE 1 END) = 1 THEN 'pass'
            WHEN MAX(s.passports) = 0 THEN 'unknown'
            ELSE 'fail' END AS state,
       MIN(l.doc) AS doc, MIN(l.pointer) AS pointer, l.product
  FROM event_product l
  JOIN product p ON p.id = l.product
  JOIN setting s ON 1 = 1
  LEFT JOIN (SELECT DISTINCT product FROM event_product WHERE direction = 'out') o ON o.product = l.product
 WHERE l.direction = 'in'
 GROUP BY l.product, p.passport
