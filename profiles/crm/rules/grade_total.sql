-- id: G-205
-- title: The stated elements of a product do not exceed its mass
-- stands on: CRM-12 COC-13
-- judges: each product with stated or assumed element content
-- expected: element contents that add up to at most 100 %
-- received: {total_ppm}
-- hint: State mass fractions of elements (not of oxides), on the dry product.
-- missing: nothing
SELECT CASE WHEN SUM(grade_ppm) > 1000000 THEN 'fail' ELSE 'pass' END AS state,
       MIN(doc) AS doc, MIN(pointer) AS pointer, product, SUM(grade_ppm) AS total_ppm, MAX(assumed) AS assumed
  FROM product_content
 GROUP BY product
