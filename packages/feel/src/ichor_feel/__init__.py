"""FEEL, the Friendly Enough Expression Language of OMG DMN 1.5.

Pure: no clock, no environment, no chance. Bounded: every evaluation ends within its limits.
"""

from ichor_feel.checking.issues import Issue
from ichor_feel.checking.reads import Read
from ichor_feel.errors import FeelError, NotJsonError, ParseError
from ichor_feel.evaluation.evaluation import Evaluation
from ichor_feel.evaluation.limits import DEFAULT_LIMITS, Limits
from ichor_feel.evaluation.problems import Problem
from ichor_feel.expression import Expression, evaluate, parse, parse_unary_tests
from ichor_feel.source import Span
from ichor_feel.syntax.type_parser import parse_type
from ichor_feel.values.durations import DaysDuration, MonthsDuration
from ichor_feel.values.json_values import json_text, to_json_value
from ichor_feel.values.ranges import UNBOUNDED, Range
from ichor_feel.values.temporal import Date, DateTime, Time

__all__ = [
    "DEFAULT_LIMITS",
    "UNBOUNDED",
    "Date",
    "DateTime",
    "DaysDuration",
    "Evaluation",
    "Expression",
    "FeelError",
    "Issue",
    "Limits",
    "MonthsDuration",
    "NotJsonError",
    "ParseError",
    "Problem",
    "Range",
    "Read",
    "Span",
    "Time",
    "evaluate",
    "json_text",
    "parse",
    "parse_type",
    "parse_unary_tests",
    "to_json_value",
]
