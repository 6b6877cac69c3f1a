"""Stories: one labelled case of a deceptive world, gathered from its credentials, registers, ledger and acts.

``gather`` tells a case; ``chain``, ``papers`` and ``happenings`` each look after one part of it, ``words`` names things.
Read by people who train or investigate: a story knows the labels, so no detector may use it.
"""
