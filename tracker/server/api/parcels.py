"""Parcels: pictures first, then the segment that names them; and both as they were received."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from tracker.evidence.signing import HEADER
from tracker.server.accounts import ContractId, SeenContract, SegmentId, word_of
from tracker.server.admission import Parcel, Taken
from tracker.server.api.body import read_up_to
from tracker.server.api.describe import answers, json_body, raw_body
from tracker.server.parts import Parts, parts
from tracker.server.pictures import NotAnImage
from tracker.server.problems import not_found
from tracker.wire import API, PICTURE_MAX, PICTURE_TYPE, SEGMENT_MAX
from tracker.wire.receipt import Receipt
from tracker.wire.segment import SegmentBody

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

router = APIRouter(prefix=API)
pictures = APIRouter(include_in_schema=False)

Signed = Annotated[str, Header(alias=HEADER, description="device=<id>; ed25519=<base64>")]
PictureId = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
_THUMBNAILS = (320, 640)


@router.put(
    "/contracts/{contract}/pictures/{sha256}",
    responses=answers((200, None), (201, None), problems=(401, 403, 404, 413)),
    openapi_extra=raw_body(PICTURE_TYPE),
)
async def put_picture(request: Request, contract: ContractId, sha256: PictureId) -> Response:
    """Keep a WebP picture: 201 if it is new here, 200 if not."""
    data = await read_up_to(PICTURE_MAX, request)
    new = await parts(request).picture_intake.put(word_of(request), contract, sha256, data)
    return Response(status_code=201 if new else 200)


@router.put(
    "/contracts/{contract}/segments/{segment}",
    responses=answers((200, Receipt), (201, Receipt), problems=(401, 403, 404, 409, 410, 413)),
    openapi_extra=json_body(SegmentBody),
)
async def put_segment(
    request: Request,
    contract: ContractId,
    segment: SegmentId,
    signature: Signed = "",
) -> Response:
    """Keep a segment's signed bytes verbatim, and answer with the receipt: the same for the same bytes."""
    data = await read_up_to(SEGMENT_MAX, request)
    here = parts(request)
    parcel = Parcel(word_of(request), contract, segment, data, signature)
    return await take(here, here.intake.put_segment, parcel)


async def take(here: Parts, put: "Callable[[Connection, Parcel], Taken]", parcel: Parcel) -> Response:
    """Take a parcel in, and answer with its receipt when all that it says is done."""
    taken = await here.database.write_soon(lambda connection: put(connection, parcel))
    if taken.destroyed:  # on the disk by now: what a crash leaves of the files, the next start removes
        await run_in_threadpool(here.pictures.destroy, parcel.contract, taken.destroyed)
    if taken.forgets:
        await run_in_threadpool(here.database.forget)
    return Response(taken.receipt, 201 if taken.new else 200, media_type="application/json")


@router.get(
    "/contracts/{contract}/segments/{segment}",
    responses=answers((200, SegmentBody), problems=(401, 404)),
)
def get_segment(request: Request, contract: SeenContract, segment: SegmentId) -> Response:
    """Return a segment's signed bytes as they were received, with the signature's header."""
    sealed = parts(request).store.sealed(contract, segment)
    if sealed is None:
        raise not_found("No such segment")
    return Response(sealed.body, headers={HEADER: sealed.signature}, media_type="application/json")


@pictures.get("/contracts/{contract}/pictures/{sha256}")
def get_picture(
    request: Request, contract: SeenContract, sha256: PictureId, w: Annotated[int | None, Query()] = None
) -> Response:
    """Return a picture, or a small one of it, to a member of its contract."""
    held = parts(request).pictures
    if parts(request).store.destroyed(contract, sha256):
        raise not_found("No such picture")
    try:
        path = held.path(contract, sha256) if w is None else held.thumbnail(contract, sha256, _width(w))
        data = None if path is None else path.read_bytes()
    except (NotAnImage, FileNotFoundError) as error:  # or it was destroyed just now
        raise not_found("No picture that can be shown") from error
    if data is None:
        raise not_found("No such picture")
    # the name is the content's hash: what is behind it never changes, but who may see it does
    return Response(data, media_type=PICTURE_TYPE, headers={"Cache-Control": "private, max-age=3600"})


def _width(wished: int) -> int:
    """Return the smallest width there is that is enough; so nobody fills the disk with others."""
    return next((width for width in _THUMBNAILS if width >= wished), _THUMBNAILS[-1])
