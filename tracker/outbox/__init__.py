"""Station 3: nothing is lost. The open segment as a draft, closed ones until the server has them, and after.

database  the encrypted file: its schema, its transactions, and its faults as errors of ours
draft     the open segment, saved as it grows
memory    what the home knows from run to run: its id, the account, contracts, servers' keys
weeks     a week's time from elsewhere, and its limit
history   every segment of this device, read only
outbox    the queue: held, waiting, delivered or refused
"""
