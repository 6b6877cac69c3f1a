-- id: G-020
-- title: A link with a digest leads to the very document it was made for
-- stands on: TG-023
-- judges: each link with a digest whose target is part of the set
-- expected: a digest of {url} as it stands
-- received: the digest of something else
-- hint: Compute the digest anew, or restore the document; evidence must not change after it was cited.
-- missing: the bytes of {url} as published (it was not received as a signed token)
SELECT CASE WHEN digest_ok = 1 THEN 'pass' WHEN digest_ok = 0 THEN 'fail' ELSE 'unknown' END AS state,
       doc, pointer, url
  FROM link
 WHERE in_set = 1 AND digest_stated = 1
