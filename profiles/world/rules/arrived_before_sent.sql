-- id: W-124
-- title: Nothing arrives before it leaves
-- stands on: MB-010
-- judges: each consignment that both sides record
-- expected: arrival after {sent_s}, when the sender shipped it
-- received: arrival at {received_s}
-- hint: Mend the date that is wrong.
-- missing: a date in one of the two records
SELECT CASE WHEN sent_s IS NULL OR received_s IS NULL THEN 'unknown' WHEN received_s < sent_s THEN 'fail' ELSE 'pass' END AS state,
       MIN(received_doc) AS doc, MIN(received_pointer) AS pointer, MIN(sent_s) AS sent_s, MAX(received_s) AS received_s
  FROM shipment
 WHERE sent_event IS NOT NULL AND received_event IS NOT NULL
 GROUP BY consignment, sent_s, received_s
