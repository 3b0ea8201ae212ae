"""Metrics of the process, for Prometheus."""

from litestar import Response, get

from ichor_runtime.telemetry import MEDIA_TYPE, METRICS_OFF, exposition

_NO_STORE = {"Cache-Control": "no-store"}


@get("/metrics", include_in_schema=False)
async def show_metrics() -> Response[bytes]:
    """Return all metrics, in the event loop like everything that measures; 404 if they are off.

    Not in the OpenAPI document: its text is none of the API's formats.
    """
    metrics = exposition()
    if metrics is None:
        return Response(
            METRICS_OFF.encode(), status_code=404, media_type="text/plain", headers=_NO_STORE
        )
    return Response(metrics, media_type=MEDIA_TYPE, headers=_NO_STORE)
