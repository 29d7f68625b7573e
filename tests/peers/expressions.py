"""Evaluates Mule's expressions with MuleSoft's own DataWeave: a line of JSON with expression, claimSet and attributes on
standard input gives one of what came out, or "error: ..." as text."""

import json
import sys

from dataweave import DataWeave

engine = DataWeave()
engine.initialize()
for line in sys.stdin:
    asked = json.loads(line)
    expression = asked["expression"].removeprefix("#[").removesuffix("]")
    inputs = {
        name: {"content": json.dumps(value), "mimeType": "application/json"}
        for name, value in (("vars", {"claimSet": asked["claimSet"]}), ("attributes", asked["attributes"]))
    }
    result = engine.run("%dw 2.0\noutput application/json\n---\n" + expression, inputs)
    answer = json.loads(result.get_string()) if result.success else "error: " + str(result.error)
    print(json.dumps(answer), flush=True)
engine.cleanup()
