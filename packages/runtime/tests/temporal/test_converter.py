from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.exceptions import ApplicationError

from ichor_core.contract import ActionActivityInput, ActionState, WorkflowInput
from ichor_core.graph import GraphDefinition
from ichor_core.ids import ActionId, ExecutionId, RuleId
from ichor_runtime.temporal.converter import PAYLOAD_ERROR, data_converter

converter = data_converter.payload_converter
START = WorkflowInput(
    rule_id=RuleId("r"),
    execution_id=ExecutionId("e"),
    graph=GraphDefinition(),
    trigger_data={
        "big": 2**70,
        "price": 0.1,
        "exact": Decimal("1.00000000000000000001"),
        "t": "規",
    },
)


def there_and_back(value: Any, hint: Any) -> Any:
    return converter.from_payload(converter.to_payload(value), hint)


def test_structs_travel_as_readable_json_with_exact_numbers():
    payload = converter.to_payload(START)
    assert payload.metadata["encoding"] == b"json/plain"
    assert b'"exact":1.00000000000000000001' in payload.data
    back = converter.from_payload(payload, WorkflowInput)
    assert isinstance(back, WorkflowInput)
    assert back.trigger_data["big"] == 2**70
    assert back.trigger_data["exact"] == Decimal("1.00000000000000000001")
    assert back == START


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (None, None),
        (None, str | None),
        (b"\x00\xff", bytes),
        ({"a": [1, "x", None]}, dict[str, Any]),
        ([1, 2], list[int]),
        ("text", None),
        (
            ActionState(action_id=ActionId("a"), started_at=datetime(2026, 1, 2, tzinfo=UTC)),
            ActionState,
        ),
        (WorkflowMetadata(current_details="d"), WorkflowMetadata),
    ],
)
def test_what_is_sent_arrives(value, hint):
    assert there_and_back(value, hint) == value


@pytest.mark.parametrize(
    ("payload", "hint", "message"),
    [
        (Payload(metadata={"encoding": b"json/plain"}, data=b'{"a":'), None, "not JSON"),
        (Payload(metadata={"encoding": b"json/plain"}, data=b'"\\u0000"'), None, "NUL"),
        (Payload(metadata={"encoding": b"json/plain"}, data=b"[]"), ActionActivityInput, "object"),
        (Payload(metadata={"encoding": b"json/plain"}, data=b"{}"), WorkflowInput, "rule_id"),
        (Payload(metadata={"encoding": b"binary/null"}), WorkflowInput, "got null"),
        (Payload(metadata={"encoding": b"binary/odd"}, data=b"x"), str, "binary/odd"),
        (Payload(data=b"x"), str, "unknown"),
    ],
)
def test_what_cannot_be_read_is_no_reason_to_try_again(payload, hint, message):
    with pytest.raises(ApplicationError, match=message) as caught:
        converter.from_payloads([payload], None if hint is None else [hint])
    assert caught.value.type == PAYLOAD_ERROR
    assert caught.value.non_retryable


def test_what_cannot_be_written_is_no_reason_to_try_again():
    with pytest.raises(ApplicationError, match="lone surrogate") as caught:
        converter.to_payload({"name": "\ud800"})
    assert caught.value.type == PAYLOAD_ERROR
    assert caught.value.non_retryable
