# SPDX-License-Identifier: MIT
"""A model on loopback: asks for one shell command after the other, then for nothing.

model.py PORT COMMANDS: the commands are a JSON list. It speaks as much of four
protocols as the agent programs need to run a tool, and counts a conversation's tool
results to know which command is next. With the commands used up it never answers, so
that the program stays at work.
"""
import gzip
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMANDS = json.load(open(sys.argv[2]))
SHELLS = ["Bash", "bash", "exec_command", "shell_command", "shell", "run_shell_command"]


def shell_of(names):
    return next((shell for shell in SHELLS if shell in names), None)


def arguments(tool, command):
    if tool == "exec_command":
        return {"cmd": command, "yield_time_ms": 2000}
    if tool == "shell":
        return {"command": ["bash", "-lc", command]}
    return {"command": command, "description": "as asked"}


def serial(prefix):
    return "%s_%d" % (prefix, time.time_ns())


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, events):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for name, value in events:
            if name:
                self.wfile.write(b"event: %s\n" % name.encode())
            text = value if isinstance(value, str) else json.dumps(value)
            self.wfile.write(b"data: %s\n\n" % text.encode())
            self.wfile.flush()

    def do_GET(self):
        models = {"object": "list", "data": [{"id": "fake", "object": "model"}], "models": []}
        self.answer(models if "models" in self.path else {})

    do_HEAD = do_GET

    def body(self):
        if "chunked" in self.headers.get("transfer-encoding", ""):
            data = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                data += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    break
        else:
            data = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("content-encoding") == "gzip":
            data = gzip.decompress(data)
        try:
            return json.loads(data or b"{}")
        except ValueError:
            return {}

    def do_POST(self):
        request, path = self.body(), self.path.split("?")[0]
        try:
            if path.endswith("/messages"):
                self.speak_messages(request)
            elif path.endswith("/responses"):
                self.speak_responses(request)
            elif path.endswith("/chat/completions"):
                self.speak_completions(request)
            elif "enerateContent" in path:
                self.speak_contents(request, "stream" in path)
            else:
                self.answer({"input_tokens": 10, "totalTokens": 10})
        except (BrokenPipeError, ConnectionResetError):
            pass

    def next(self, names, done):
        """The shell's name and the next command; neither: just talk."""
        tool = shell_of(names)
        if tool and done >= len(COMMANDS):
            threading.Event().wait()
        return (tool, COMMANDS[done]) if tool else (None, None)

    def speak_messages(self, request):
        done = sum(part.get("type") == "tool_result"
                   for message in request.get("messages", [])
                   if isinstance(message.get("content"), list) for part in message["content"])
        tool, command = self.next([t.get("name") for t in request.get("tools", [])], done)
        message = {"id": serial("msg"), "type": "message", "role": "assistant",
                   "model": request.get("model", "fake"), "content": [], "stop_reason": None,
                   "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 1}}
        part = {"type": "text", "text": "ok"}
        if tool:
            part = {"type": "tool_use", "id": serial("toolu"), "name": tool,
                    "input": arguments(tool, command)}
        reason = "tool_use" if tool else "end_turn"
        if not request.get("stream"):
            self.answer({**message, "content": [part], "stop_reason": reason})
            return
        delta = ({"type": "input_json_delta", "partial_json": json.dumps(part["input"])} if tool
                 else {"type": "text_delta", "text": "ok"})
        empty = {**part, "input": {}} if tool else {"type": "text", "text": ""}
        events = [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": empty},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
             "usage": {"output_tokens": 5}},
            {"type": "message_stop"},
        ]
        self.stream((event["type"], event) for event in events)

    def speak_responses(self, request):
        given = request.get("input", [])
        given = given if isinstance(given, list) else []
        done = sum(str(item.get("type", "")).endswith("_output") for item in given)
        names = [t.get("name") or t.get("type") for t in request.get("tools", [])]
        tool, command = self.next(names, done)
        item = {"type": "message", "id": "m_1", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": "ok", "annotations": []}]}
        if tool:
            item = {"type": "function_call", "id": serial("fc"), "call_id": serial("call"),
                    "name": tool, "arguments": json.dumps(arguments(tool, command)),
                    "status": "completed"}
        usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15,
                 "input_tokens_details": {"cached_tokens": 0},
                 "output_tokens_details": {"reasoning_tokens": 0}}
        response = {"id": serial("resp"), "object": "response", "created_at": int(time.time()),
                    "model": request.get("model"), "status": "completed", "output": [item],
                    "usage": usage}
        if not request.get("stream"):
            self.answer(response)
            return
        begun = {**response, "status": "in_progress", "output": []}
        events = [{"type": "response.created", "response": begun},
                  {"type": "response.output_item.added", "output_index": 0, "item": item},
                  {"type": "response.output_item.done", "output_index": 0, "item": item},
                  {"type": "response.completed", "response": response}]
        self.stream((event["type"], event) for event in events)

    def speak_completions(self, request):
        names = [t.get("function", {}).get("name") for t in request.get("tools") or []]
        done = sum(m.get("role") == "tool" for m in request.get("messages", []))
        tool, command = self.next(names, done)
        message = {"role": "assistant", "content": "ok"}
        if tool:
            call = {"index": 0, "id": serial("call"), "type": "function",
                    "function": {"name": tool, "arguments": json.dumps(arguments(tool, command))}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        reason = "tool_calls" if tool else "stop"
        base = {"id": serial("c"), "created": int(time.time()),
                "model": request.get("model", "fake")}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        if not request.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": reason}
            self.answer({**base, "object": "chat.completion", "choices": [choice],
                         "usage": usage})
            return
        chunk = {**base, "object": "chat.completion.chunk"}
        choices = [[{"index": 0, "delta": message, "finish_reason": None}],
                   [{"index": 0, "delta": {}, "finish_reason": reason}], []]
        events = [{**chunk, "choices": choice} for choice in choices]
        events[-1]["usage"] = usage
        self.stream([(None, event) for event in events] + [(None, "[DONE]")])

    def speak_contents(self, request, stream):
        names = [f.get("name") for t in request.get("tools", []) or []
                 for f in t.get("functionDeclarations", [])]
        done = sum("functionResponse" in part for content in request.get("contents", [])
                   for part in content.get("parts", []))
        tool, command = self.next(names, done)
        kind = (request.get("generationConfig") or {}).get("responseMimeType")
        part = {"text": "ok"}
        if tool:
            part = {"functionCall": {"name": tool, "args": arguments(tool, command)},
                    "thoughtSignature": "eA=="}
        elif kind == "application/json":
            part = {"text": json.dumps({"reasoning": "x", "model_choice": "flash",
                                        "complexity_reasoning": "x", "complexity_score": 1,
                                        "next_speaker": "user"})}
        candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP",
                     "index": 0}
        usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
        response = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "fake"}
        if stream:
            self.stream([(None, response)])
        else:
            self.answer(response)


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Model)
server.daemon_threads = True
server.serve_forever()
