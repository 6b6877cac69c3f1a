-- id: W-106
-- title: What arrives is what was sent
-- stands on: MB-008 COC-12
-- judges: each product of a consignment that both sides record
-- expected: {sent_mg} of {key}, as the sender states (within {slack_mg} of weighing and rounding)
-- received: {received_mg} at the receiver
-- hint: Weigh again and record the loss in transit, or mend the record that is wrong.
-- missing: a mass in one of the two records
SELECT CASE WHEN sent_mg IS NULL OR received_mg IS NULL THEN 'unknown'
            WHEN ABS(sent_mg - received_mg) > sent_slack_mg + received_slack_mg THEN 'fail'
            ELSE 'pass' END AS state,
       received_doc AS doc, received_pointer AS pointer, key, CAST(sent_mg AS BIGINT) AS sent_mg,
       CAST(received_mg AS BIGINT) AS received_mg, CAST(sent_slack_mg + received_slack_mg AS BIGINT) AS slack_mg
  FROM shipment
 WHERE sent_event IS NOT NULL AND received_event IS NOT NULL
