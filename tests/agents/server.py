# SPDX-License-Identifier: MIT
"""A stdio server as agent programs start them. With --deaf it outlives its client."""
import json
import sys
import time

for line in sys.stdin:
    try:
        message = json.loads(line)
    except ValueError:
        continue
    if "id" not in message or "method" not in message:
        continue
    result = {}
    if message["method"] == "initialize":
        result = {"protocolVersion": message["params"].get("protocolVersion", "2024-11-05"),
                  "capabilities": {"tools": {}},
                  "serverInfo": {"name": "deaf", "version": "1"}}
    elif message["method"] == "tools/list":
        result = {"tools": [{"name": "noop", "description": "does nothing",
                             "inputSchema": {"type": "object", "properties": {}}}]}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
while "--deaf" in sys.argv:
    time.sleep(1000)
