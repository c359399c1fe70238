"""The words of the trade as values: what work is, when it counts, and whether it stands.

counts    how often, never which key
slot      ten minutes of the UTC clock; minutes of it; instants as text
ranges    stretches of time put together, cut and measured
week      Monday to Monday, UTC, and when it locks
contract  who works for whom, under which terms and policy
segment   one unbroken run of tracked time of one contract and memo inside one slot
cell      what the diary shows for a slot and a contract: its segments together
protection  the activity level, and the verdict with all its reasons
overlap   which of two segments at the same time counts: a second is billed once
limit     which of a week's time is over its contract's limit

Every instant is an integer of milliseconds since the Unix epoch, UTC; every duration an integer too.
"""
