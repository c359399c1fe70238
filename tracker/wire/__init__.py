"""All that app and server agree on: bodies, receipts, what the diary answers, problems, limits.

segment  the signed body of a segment, encoded once and decoded once
revision the signed body of a later change to a segment
receipt  the server's signed word that it holds a parcel
diary    contracts and days, as API and command line show them
problem  errors as RFC 9457 problems
"""

API = "/api/v1"
PICTURE_TYPE = "image/webp"
PICTURE_MAX = 1_048_576  # bytes; the server answers 413 above
SEGMENT_MAX = 262_144  # bytes; the server answers 413 above


def picture_path(contract: str, sha256: str) -> str:
    """Return where a picture is put."""
    return f"{API}/contracts/{contract}/pictures/{sha256}"


def segment_path(contract: str, segment: str) -> str:
    """Return where a segment is put."""
    return f"{API}/contracts/{contract}/segments/{segment}"


def revision_path(contract: str, revision: str) -> str:
    """Return where a revision is put."""
    return f"{API}/contracts/{contract}/revisions/{revision}"
