# SPDX-License-Identifier: MIT
"""How each agent program is started: its settings, its command, and what is asked of it."""
import json

MODEL = "http://127.0.0.1:8099"
MACHINE = "/mnt"
HOME = MACHINE + "/user"
AGENTS = MACHINE + "/agents"
SERVERS = {
    "polite": ["python3", HOME + "/server.py"],
    "deaf": ["python3", HOME + "/server.py", "--deaf"],
    "npxdeaf": ["npx", "--no", "deaf-server", "--", "--deaf"],
}
PLAIN = {name: {"command": words[0], "args": words[1:]} for name, words in SERVERS.items()}


def search_path(name):
    """Where a program is looked for: first its own folder, and the node that it wants."""
    return "%s/%s/node_modules/.bin:%s/node/node_modules/node/bin:/usr/local/bin:/usr/bin:/bin" % (
        AGENTS, name, AGENTS)


def typed(kind, **more):
    return {name: dict(server, type=kind, **more) for name, server in PLAIN.items()}


def codex_settings():
    text = ('model = "fake"\nmodel_provider = "fake"\ncheck_for_update_on_startup = false\n'
            'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
            '[analytics]\nenabled = false\n[feedback]\nenabled = false\n'
            '[model_providers.fake]\nname = "fake"\nbase_url = "%s/v1"\n'
            'wire_api = "responses"\nenv_key = "FAKE_API_KEY"\n'
            '[projects."%s/proj"]\ntrust_level = "trusted"\n' % (MODEL, HOME))
    for name, server in PLAIN.items():
        text += "[mcp_servers.%s]\ncommand = %s\nargs = %s\n" % (
            name, json.dumps(server["command"]), json.dumps(server["args"]))
    return text


CODEX_EXEC = 'codex exec --skip-git-repo-check "go"'
CODEX_TERMINAL = {"command": 'codex "go"', "keys": "\r"}
NO_UPDATES = {"enableAutoUpdate": False, "enableAutoUpdateNotification": False,
              "disableAutoUpdate": True, "disableUpdateNag": True}
OPENCODE_MODEL = {"npm": "@ai-sdk/openai-compatible", "name": "Fake",
                  "options": {"baseURL": MODEL + "/v1", "apiKey": "dummy"},
                  "models": {"fake": {"name": "fake", "tool_call": True}}}

# app: the profile its leftovers belong to (stdio: they carry nothing). command: how it is
# started on a terminal. batch: the same without one, started by a tool of its own.
# keys: what is typed every now and then until it is at work. patient: its tool calls
# return while what they started in the background still holds their output.
PROGRAMS = {
    "claude": {
        "app": "claude-code", "command": 'claude --permission-mode default "go"',
        "batch": 'claude -p --permission-mode default "go"',
        "env": {"ANTHROPIC_BASE_URL": MODEL, "ANTHROPIC_API_KEY": "dummy",
                "DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1",
                "DISABLE_ERROR_REPORTING": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
        "files": {
            ".claude.json": {
                "hasCompletedOnboarding": True, "theme": "dark",
                "lastOnboardingVersion": "9.9.9",
                "customApiKeyResponses": {"approved": ["dummy"], "rejected": []},
                "projects": {HOME + "/proj": {"hasTrustDialogAccepted": True,
                                              "hasCompletedProjectOnboarding": True,
                                              "allowedTools": []}},
                "mcpServers": typed("stdio")},
            ".claude/settings.json": {"permissions": {"allow": ["Bash", "Bash(*)"]}}},
    },
    "opencode": {
        "app": "opencode", "command": 'opencode --prompt "go"', "patient": False, "keys": "\r",
        "batch": 'opencode run "go"',
        "env": {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1",
                "OPENCODE_DISABLE_LSP_DOWNLOAD": "1"},
        "files": {".config/opencode/opencode.json": {
            "autoupdate": False, "share": "disabled", "model": "fake/fake",
            "small_model": "fake/fake",
            "permission": {"bash": "allow", "external_directory": "allow"},
            "provider": {"fake": OPENCODE_MODEL},
            "mcp": {name: {"type": "local", "command": words, "enabled": True}
                    for name, words in SERVERS.items()}}},
    },
    "codex": {
        "app": "stdio", "command": CODEX_EXEC + " </dev/null", "batch": CODEX_EXEC,
        "env": {"FAKE_API_KEY": "dummy"},
        "files": {".codex/config.toml": codex_settings()},
    },
    "gemini": {
        "app": "stdio", "command": 'gemini --yolo -i "go"',
        "batch": 'gemini --yolo -p "go"',
        "env": {"GEMINI_API_KEY": "dummy", "GOOGLE_GEMINI_BASE_URL": MODEL,
                "GEMINI_TELEMETRY_ENABLED": "false"},
        "files": {".gemini/settings.json": {
            "security": {"auth": {"selectedType": "gemini-api-key"},
                         "folderTrust": {"enabled": False}},
            "general": NO_UPDATES, "privacy": {"usageStatisticsEnabled": False},
            "telemetry": {"enabled": False}, "mcpServers": PLAIN}},
    },
    "qwen": {
        "app": "qwen-code", "command": 'qwen --yolo -i "go"',
        "batch": 'qwen --yolo -p "go"',
        "env": {"OPENAI_API_KEY": "dummy", "OPENAI_BASE_URL": MODEL + "/v1",
                "OPENAI_MODEL": "fake", "QWEN_TELEMETRY_ENABLED": "false"},
        "files": {".qwen/settings.json": {
            "security": {"auth": {"selectedType": "openai"}, "folderTrust": {"enabled": False}},
            "general": NO_UPDATES, "privacy": {"usageStatisticsEnabled": False},
            "telemetry": {"enabled": False}, "mcpServers": PLAIN}},
    },
    "copilot": {
        "app": "copilot-cli", "command": 'copilot -i "go"',
        "batch": 'copilot --allow-all-tools -p "go"',
        "env": {"COPILOT_PROVIDER_BASE_URL": MODEL + "/v1", "COPILOT_MODEL": "fake",
                "COPILOT_OFFLINE": "true", "COPILOT_ALLOW_ALL": "true",
                "COPILOT_AUTO_UPDATE": "false", "COPILOT_PROVIDER_API_KEY": "dummy"},
        "files": {
            ".copilot/mcp-config.json": {"mcpServers": typed("local", tools=["*"])},
            ".copilot/config.json": {"trusted_folders": [HOME + "/proj"], "banner": "never"}},
    },
}

# The scenes of each program (scene.py), and how it is started where that is not its command.
SCENES = {
    "claude": {"owner": {}, "nested": {}, "background": {
        "command": 'claude --permission-mode default --bg "go"'}},
    "opencode": {"owner": {}, "nested": {}},
    "codex": {"owner": {}, "nested": {}, "launcher": CODEX_TERMINAL, "daemon": CODEX_TERMINAL},
    "gemini": {"owner": {}, "nested": {}, "launcher": {}},
    "qwen": {"owner": {}, "nested": {}, "launcher": {}},
    "copilot": {"owner": {}, "nested": {}, "launcher": {}},
}

# What the model asks for: jobs that are left on purpose, and at last one in the foreground.
JOBS = [
    "nohup sleep 602 >/dev/null 2>&1 & setsid sleep 603 >/dev/null 2>&1 </dev/null & "
    "python3 -m http.server $((8123 + ${NESTED:-0})) >/tmp/server.log 2>&1 & echo ok",
    "setsid -f sleep 605 & echo ok",
    HOME + "/proj/foreground 600",
]


def jobs(name, program, scene):
    """What the model asks for, in a scene: with "nested" it starts one more of the same."""
    nested = scene == "nested"
    wanted = list(JOBS if program.get("patient", True) and not nested else JOBS[::2])
    if nested:
        # A tool's shell may be a login shell, and without keys.
        settings = " ".join("%s=%s" % item for item in program["env"].items())
        wanted.insert(0, '[ -n "$NESTED" ] || PATH=%s NESTED=1 %s setsid -f %s </dev/null '
                         ">/tmp/nested.log 2>&1; echo ok"
                      % (search_path(name), settings, program["batch"]))
    return wanted
