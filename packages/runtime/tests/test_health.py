import asyncio
import json

import pytest

from ichor_devstack.ports import free_port
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.health import Check, check_health, health_server
from ichor_runtime.telemetry import METRICS_OFF


async def well() -> None:
    return None


async def ill() -> None:
    raise UnhealthyError("the database is away")


async def silent() -> None:
    await asyncio.Event().wait()


async def ask(port: int, request: str) -> tuple[int, dict]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    return status, json.loads(body) if body else {}


async def get(port: int, path: str) -> tuple[int, dict]:
    return await ask(port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")


async def test_ready_when_all_is_well():
    async with health_server([Check("database", well)]) as port:
        assert await get(port, "/health/live") == (200, {"status": "live"})
        assert await get(port, "/health/ready?verbose=1") == (
            200,
            {"status": "ready", "checks": {"database": {"status": "ok"}}},
        )


async def test_not_ready_names_what_is_missing_and_stays_alive():
    async with health_server([Check("database", ill), Check("temporal", well)]) as port:
        status, body = await get(port, "/health/ready")
        assert status == 503
        assert body["status"] == "not_ready"
        assert body["checks"]["database"]["reason"] == "the database is away"
        assert body["checks"]["temporal"]["status"] == "ok"
        assert (await get(port, "/health/live"))[0] == 200


async def test_what_is_not_required_degrades_only():
    report = await check_health([Check("database", well), Check("temporal", ill, required=False)])
    assert (report.status, report.http_status, report.degraded) == ("ready", 200, ("temporal",))


async def test_a_check_that_does_not_answer_has_failed():
    report = await check_health([Check("database", silent, timeout_seconds=0.01)])
    assert report.checks["database"].reason == "no answer within 0.01 s"
    assert report.http_status == 503


async def test_an_error_without_text_is_named_by_its_type():
    async def nameless() -> None:
        raise ConnectionResetError

    report = await check_health([Check("database", nameless)])
    assert report.checks["database"].reason == "ConnectionResetError"


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\n\r\n", 404),
        ("POST /health/live HTTP/1.1\r\n\r\n", 405),
        ("HEAD /health/live HTTP/1.1\r\n\r\n", 200),
    ],
)
async def test_other_requests_are_answered_too(request_text, status):
    async with health_server([]) as port:
        assert (await ask(port, request_text))[0] == status


async def test_whoever_speaks_something_else_does_no_harm():
    async with health_server([]) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\0" * 100_000)
        writer.write_eof()
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
        assert (await get(port, "/health/live"))[0] == 200


async def test_metrics_on_a_port_of_their_own():
    port = free_port()
    async with health_server([Check("database", well)], metrics_port=port) as own:
        assert (await get(own, "/health/ready"))[0] == 200
        assert (await get(own, "/metrics"))[0] == 404
        assert (await get(port, "/health/live"))[0] == 404
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert (await reader.read()).decode().endswith(METRICS_OFF)
        writer.close()
    with pytest.raises(ConnectionRefusedError):
        await get(port, "/metrics")
