"""The reader of the compatibility kit, on a checkout made here."""

import json

import pytest

from ichor_feel.kit.__main__ import main
from ichor_feel.kit.checkout import cases_of_checkout
from ichor_feel.kit.runner import run_case

_MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" id="m">
  <itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
  <itemDefinition name="tPerson">
    <itemComponent name="name"><typeRef>string</typeRef></itemComponent>
    <itemComponent name="ages" isCollection="true"><typeRef>number</typeRef></itemComponent>
  </itemDefinition>
  <inputData name="Full Price" id="i1"><variable name="Full Price" typeRef="number"/></inputData>
  <inputData name="people" id="i2"><variable name="people"/></inputData>
  <decision name="half" id="d1"><variable name="half" typeRef="number"/>
    <informationRequirement id="r"><requiredInput href="#i1"/></informationRequirement>
    <literalExpression><text>Full Price / 2</text></literalExpression></decision>
  <decision name="typed" id="d2"><variable name="typed"/>
    <informationRequirement id="s"><requiredInput href="#i2"/></informationRequirement>
    <literalExpression><text>people[1] instance of tPerson</text></literalExpression></decision>
  <decision name="numbers" id="d3"><variable name="numbers" typeRef="tNumbers"/>
    <literalExpression><text>[1, "a"]</text></literalExpression></decision>
  <decision name="wrong" id="d4"><variable name="wrong"/>
    <literalExpression><text>1 + 1</text></literalExpression></decision>
  <decision name="other" id="d5"><variable name="other"/>
    <informationRequirement id="t"><requiredDecision href="#d1"/></informationRequirement>
    <literalExpression><text>half * 2</text></literalExpression></decision>
  <decision name="java" id="d6"><variable name="java"/>
    <literalExpression><text>function(a) external {java: {}}</text></literalExpression></decision>
</definitions>"""
_TESTS = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>m.dmn</modelName>
  <testCase id="001">
    <inputNode name="Full Price"><value xsi:type="xsd:decimal">3</value></inputNode>
    <inputNode name="people"><list><item>
      <component name="name"><value xsi:type="xsd:string">A</value></component>
      <component name="ages"><list><item><value xsi:type="xsd:decimal">1</value></item></list>
      </component></item></list></inputNode>
    <resultNode name="half" type="decision"><expected>
      <value xsi:type="xsd:decimal">1.5</value></expected></resultNode>
    <resultNode name="typed" type="decision"><expected>
      <value xsi:type="xsd:boolean">true</value></expected></resultNode>
    <resultNode name="numbers" type="decision" errorResult="true"><expected>
      <value xsi:nil="true"/></expected></resultNode>
    <resultNode name="wrong" type="decision"><expected>
      <value xsi:type="xsd:decimal">3</value></expected></resultNode>
    <resultNode name="other" type="decision"><expected>
      <value xsi:type="xsd:decimal">3</value></expected></resultNode>
  </testCase>
</testCases>"""


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "TestCases" / "m"
    folder.mkdir(parents=True)
    (folder / "m.dmn").write_text(_MODEL)
    (folder / "m-test-01.xml").write_text(_TESTS)
    return tmp_path


def test_cases(checkout):
    outcomes = {one.case.name: one.passed for one in map(run_case, cases_of_checkout(checkout))}
    assert outcomes == {
        "m/m-test-01.xml#001:half": True,
        "m/m-test-01.xml#001:typed": True,
        "m/m-test-01.xml#001:numbers": True,
        "m/m-test-01.xml#001:wrong": False,
    }


def test_report(checkout, tmp_path, capsys):
    assert main([str(checkout)]) == 1
    assert "3 of 4 passed (75.00 %); 1 failed, 1 of them without" in capsys.readouterr().out
    known = tmp_path / "known.txt"
    known.write_text("# known\nm/*:wrong: the case is wrong\n")
    assert main([str(checkout), "--deviations", str(known)]) == 0
    assert "the case is wrong" in capsys.readouterr().out


def test_lines(tmp_path, capsys):
    path = tmp_path / "cases.jsonl"
    number = {"type": "decimal", "text": "2"}
    row = {"test": "t", "expression": "a + 1", "context": {"a": number}}
    row |= {"expected": {"type": "decimal", "text": "3"}, "error": False, "result_type": "number"}
    path.write_text(json.dumps(row) + "\n")
    assert main([str(path)]) == 0
    assert "1 of 1 passed" in capsys.readouterr().out


def test_nothing_to_run(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "no cases" in capsys.readouterr().err
