import json

import pytest

pytestmark = pytest.mark.servers


@pytest.fixture
async def document(api):
    answer = await api.http.get("http://api/schema/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


async def test_every_reference_is_resolved_and_every_schema_used(document):
    text = json.dumps(document)
    schemas = document["components"]["schemas"]
    used = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used == set(schemas)


async def test_every_error_is_documented_as_a_problem(document):
    for name, operation in operations(document):
        if "/health/" in name:
            continue
        errors = {
            status: response for status, response in operation["responses"].items() if status >= "4"
        }
        assert {"400", "503"} <= set(errors), name
        for response in errors.values():
            (content,) = response["content"].items()
            reference = {"$ref": "#/components/schemas/Problem"}
            assert content == ("application/problem+json", {"schema": reference}), name


async def test_operations_have_names_and_texts(document):
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name


async def test_bodies_say_that_unknown_fields_are_refused(document):
    schemas = document["components"]["schemas"]
    for name in (
        "EventIn",
        "RuleIn",
        "RulePatch",
        "GraphIn",
        "ActionIn",
        "EdgeIn",
        "LimitsIn",
        "DecisionIn",
    ):
        assert schemas[name]["additionalProperties"] is False, name
    assert schemas["LimitsIn"]["properties"]["heartbeat"]["anyOf"][0]["exclusiveMinimum"] == 0


async def test_the_document_needs_nothing_from_elsewhere(api):
    for path in ("", "/openapi.json", "/openapi.yaml"):
        answer = await api.http.get(f"http://api/schema{path}")
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "https://" not in answer.text
