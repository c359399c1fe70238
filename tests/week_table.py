"""A freelancer's week in Berlin, as a script, and what has to come of it, worked out by hand.

Each line is a local time (UTC+1, no change of the hour in November) and what happens then. While a run goes
on, the hands type in every minute, unless they have left. `back` is the first input, in the second that
begins there; `leave` is the last one, in the second that ends there.
"""

from __future__ import annotations

SCRIPT = """
# Monday: a break at lunch, and a memo that says too little
16 09:00:00 start N
16 10:30:00 switch F
16 11:45:20 leave
16 12:40:00 back
16 12:45:00 discard
16 13:00:00 switch O Fix
16 13:30:00 memo Map supplier codes
16 14:10:00 stop
16 14:11:00 deliver

# Tuesday: a morning of small things, and a call
17 09:00:00 rounds 24 0:07:30 N F O
17 12:07:30 stop
17 14:00:00 start F
17 14:06:00 call 17 15:00:00
17 14:06:00 leave
17 14:52:00 back
17 15:20:00 stop
17 15:21:00 deliver

# Wednesday: the screen locked, the lid closed, and a night in which nobody pressed stop
18 08:30:00 start O
18 10:02:15 lock
18 10:20:00 unlock
18 10:20:40 back
18 10:25:00 move N
18 11:10:00 switch N
18 12:10:30 sleep
18 12:50:00 wake
18 12:52:10 back
18 12:55:00 keep
18 13:30:00 switch F
18 14:00:00 stop
18 22:00:00 start N
18 23:31:00 leave

# Thursday: the clock is set wrong, is put right, and the power fails
19 09:05:00 discard
19 09:10:00 start N
19 09:40:00 jump +0:47:00
19 10:00:00 stop
19 10:05:00 deliver
19 10:15:00 start F
19 11:00:00 jump -0:47:00
19 11:30:00 switch O
19 12:00:00 stop
19 12:05:00 deliver
19 13:00:00 start N
19 14:17:23 crash
19 14:21:00 reboot
19 14:25:00 start N
19 15:00:00 stop
19 15:01:00 deliver

# Friday: to and fro between two, and a sleep that nothing told of
20 09:00:00 rounds 25 0:04:00 F O
20 10:44:00 stop
20 13:00:00 start N
20 13:42:00 nap
20 14:30:00 wake
20 14:33:30 back
20 15:00:00 stop
20 15:01:00 deliver

# Sunday, and on into Monday: the week turns at one o'clock here
22 20:00:00 start F
22 20:30:00 switch O
22 21:00:00 switch N
22 21:10:00 switch F
22 21:25:00 stop
22 23:50:00 start O
23 00:20:00 switch N
23 00:55:00 switch O
23 01:10:00 switch F
23 01:30:00 stop
23 01:31:00 deliver
"""

FENNELS_LIMIT = "7:00:00"  # a week

# How each row was worked out; a slot end cuts a segment wherever it falls inside a stretch.
#
# 16 N   09:00-10:30 in 9 slots.
# 16 F   10:30-11:45:20 (7 whole slots and one of 5:20), 12:40-13:00 (2); between them 54:40 are discarded.
#        The cell of 11:40 has a shot of its own or borrows that of 11:30.
# 16 O   13:00-14:10; the first half hour's memo has 3 letters of 10, so 40:00 of it are protected.
# 17     25 stretches of 7:30 take turns: N 9, F 8, O 8 of them. In every half hour four stretches lie over
#        three slots and two of them, the second and the third, cross a slot's end. So N's have 13 segments
#        (the 1st, 4th, 7th, ...: 1 1 2 2 1 1 2 2 1), F's 12 (2 1 1 2 2 1 1 2), O's 12 (2 2 1 1 2 2 1 1).
#        No slot sees a contract twice: as many cells.
# 17 F   and 14:00-15:20: 14:00-14:06 | of the call, kept, 14:06-10, 10-20, 20-30, 30-40, 40-50, 50-52 |
#        14:52-15:00, 00-10, 10-20: 10 segments in 8 cells; 46:00 kept. 6:00 + 28:00 are protected: the level
#        of the cell at 14:00 is 6 (6 minutes of 10), that at 14:50 is 8.
# 18 O   08:30-10:02:15 (9 slots and 2:15, whose shot is its own or borrowed) and 10:20:40-11:10 (5).
# 18 N   moved to it 10:02:15-10:20:40 (3 slots, 18:25); 11:10-12:10:30 (6 and 0:30); kept 12:10:30-12:52:10
#        (5 pieces, 41:40); 12:52:10-13:30 (4); 22:00-23:31 (9 and 1:00), and from there to midnight, where
#        the run ended, 29:00 are discarded. 3 + 7 + 5 + 4 + 10 = 29 segments; those before and after each end
#        of the sleep share a cell: 27. Protected 60:00 + 37:50 + 91:00; not the 0:30 at 12:10, for of that
#        cell's ten minutes one was active: level 1.
# 18 F   13:30-14:00.
# 19 N   09:10-10:00 (5), 13:00-14:17:20 (7 and 7:20): the draft was saved at the full minute and each five
#        seconds after, so 3 s were lost; 14:25-15:00 (5:00 and 3). The clock's 47 minutes move nothing.
# 19 F   10:15-11:30 (5:00 and 7); begun by the server's clock, for this machine's showed 11:02.
# 19 O   11:30-12:00.
# 20 F   26 stretches of 4:00 in turn: 13 each. Of each five the third crosses a slot's end: the 3rd, 8th,
#        13th, 18th and 23rd, three of F's and two of O's: 16 and 15 segments. Ten slots see both, the
#        eleventh only O's last.
# 20 N   13:00-13:42 (4 and 2:00), 14:33:30-15:00 (6:30 and 2). What is between is not answered.
# 22 F   20:00-20:30 (3), 21:10-21:25 (2). F had 6:32:20 before, so its 7 h are full at 20:27:40, and of this
#        day 2:20 + 15:00 are over the limit: 27:40 are protected.
# 22 O   20:30-21:00 (3) and the slot from 23:50.
# 22 N   21:00-21:10.
# 23 O   00:00-00:20 (2), 00:55-01:10 (2: a slot ends with the week).
# 23 N   00:20-00:55 (4).
# 23 F   01:10-01:30 (2), in a new week: nothing of it is over.
DIARY = """
day        tracked  idle kept  protected  segments  cells
16  N      1:30:00    0:00:00    1:30:00         9      9
16  F      1:35:20    0:00:00    1:35:20        10     10
16  O      1:10:00    0:00:00    0:40:00         7      7
17  N      1:07:30    0:00:00    1:07:30        13     13
17  F      2:20:00    0:46:00    1:34:00        22     20
17  O      1:00:00    0:00:00    1:00:00        12     12
18  N      4:09:25    1:00:05    3:08:50        29     27
18  F      0:30:00    0:00:00    0:30:00         3      3
18  O      2:21:35    0:00:00    2:21:35        15     15
19  N      2:42:20    0:00:00    2:42:20        17     17
19  F      1:15:00    0:00:00    1:15:00         8      8
19  O      0:30:00    0:00:00    0:30:00         3      3
20  N      1:08:30    0:00:00    1:08:30         8      8
20  F      0:52:00    0:00:00    0:52:00        16     10
20  O      0:52:00    0:00:00    0:52:00        15     11
22  N      0:10:00    0:00:00    0:10:00         1      1
22  F      0:45:00    0:00:00    0:27:40         5      5
22  O      0:40:00    0:00:00    0:40:00         4      4
23  N      0:35:00    0:00:00    0:35:00         4      4
23  F      0:20:00    0:00:00    0:20:00         2      2
23  O      0:35:00    0:00:00    0:35:00         4      4
"""

# The columns above, but for Monday 23: of its time only O's 01:00-01:10 and all of F's lie behind the turn.
WEEKS = """
week      contract   tracked   over the limit
2026-W47  N         11:22:45          0:00:00
2026-W47  F          7:17:20          0:17:20
2026-W47  O          6:58:35          0:00:00
2026-W48  N          0:00:00          0:00:00
2026-W48  F          0:20:00          0:00:00
2026-W48  O          0:10:00          0:00:00
"""

# From each start to its stop: 5:10:00 · 3:07:30, 1:20:00 · 5:30:00, 2:00:00 · 0:50:00, 1:45:00, 1:17:23,
# 0:35:00 · 1:44:00, 2:00:00 · 1:25:00, 1:40:00.
RUNS = "28:23:53"
TRACKED = "26:08:40"
DISCARDED = "1:23:40"  # 54:40 + 29:00
IN_QUESTION = "0:51:30"  # 20 N 13:42:00-14:33:30
LOST = "0:00:03"

LEFT_OPEN = ("20 13:42:00", "20 14:33:30", "N", "sleep")

# When, of which contract, and by how much: a jump; that this machine's clock stands off; put right again.
CLOCK = (("19 09:40:00", "N", "+0:47:00"), ("19 10:15:00", "F", "+0:47:00"), ("19 11:00:00", "F", "-0:47:00"))
