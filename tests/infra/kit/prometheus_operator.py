"""What is used here of the Prometheus operator's objects, as schemas that allow nothing else."""

from typing import Any


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


def _top(spec: Any) -> dict[str, Any]:
    metadata = _object(["name"], name=_TEXT, namespace=_TEXT, labels=_TEXTS)
    return _object(
        ["apiVersion", "kind", "metadata", "spec"],
        apiVersion=_TEXT,
        kind=_TEXT,
        metadata=metadata,
        spec=spec,
    )


_TEXT = {"type": "string"}
_TEXTS = {"type": "object", "additionalProperties": _TEXT}
_DURATION = {"type": "string", "pattern": "^([0-9]+[smhd])+$"}
_EXPRESSION = _object(["key", "operator", "values"], key=_TEXT, operator=_TEXT, values=_list(_TEXT))
_RULE = _object(
    ["alert", "expr"],
    **{"alert": _TEXT, "expr": _TEXT, "for": _DURATION, "labels": _TEXTS, "annotations": _TEXTS},
)

OPERATOR_SCHEMAS: dict[str, Any] = {
    "PodMonitor": _top(
        _object(
            ["selector", "podMetricsEndpoints"],
            selector=_object([], matchLabels=_TEXTS, matchExpressions=_list(_EXPRESSION)),
            podMetricsEndpoints=_list(
                _object(["port"], port=_TEXT, path=_TEXT, interval=_DURATION)
            ),
        )
    ),
    "PrometheusRule": _top(
        _object(
            ["groups"], groups=_list(_object(["name", "rules"], name=_TEXT, rules=_list(_RULE)))
        )
    ),
}
