"""Station 4: what is sealed reaches the server, and nothing else is taken for success.

transport   one request over HTTP and its answer, bounded in size and time
faults      what went wrong on the way, in words
backend     the server as typed calls; what is no answer of its own is an error of ours
connection  the server found, or started, and signed in to
delivery    one parcel handed over: pictures, then the segment, for a receipt
gathering   a week's evidence, fetched page by page
backoff     how long to wait after a trouble
rest        how long the server is left alone
weeks       what a server says of the week
syncer      when to deliver, and what becomes of a parcel
"""
