"""Run by the Python of `.tools`: makes CloudFormation of the SAM template on standard input, as AWS does.

The input is `{"template": …, "parameters": {name: value}}`.
"""

import json
import sys

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

given = json.load(sys.stdin)
translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
print(json.dumps(translator.translate(given["template"], given["parameters"])))  # noqa: T201 - its answer
