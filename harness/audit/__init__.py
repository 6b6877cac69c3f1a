"""The independent audit of a world: from published credentials, and the ledger where there is one, to findings.

Credentials are read once, as a stream, into tables on disk (:mod:`extract`, :mod:`store`); what one document can tell
is judged on the way (:mod:`places`, :mod:`codes`, :mod:`packs`, :mod:`dates`), what only several can by SQL afterwards
(``profiles/world/rules``) and by :mod:`travel`; :mod:`ledger` holds paper against facts.
"""
