"""A stub API that is newer than its clients: it serves the examples of the contract with a role, an event type, a problem
code and members that the contract does not declare. Takes the contract's path and prints its URL."""

import http.server
import json
import sys

with open(sys.argv[1]) as contract:
    EXAMPLES = json.load(contract)["components"]["examples"]

USER = EXAMPLES["User"]["value"] | {"role": "auditor", "badge": {"color": "red"}}
EVENT = EXAMPLES["AuditEventPage"]["value"]["items"][0] | {"type": "authn_passkey_added", "device": "key"}
PROBLEM = EXAMPLES["EmailTaken"]["value"] | {
    "code": "moon_is_full", "moon": 1,
    "errors": [{"code": "too_bright", "detail": "Dim it.", "in": "moonlight", "name": "x", "lux": 1}],
}
RESPONSES = {
    "/api/v1/users/me": (200, "application/json", USER),
    "/api/v1/audit-events": (200, "application/json", {"items": [EVENT], "next_cursor": None, "total": 1}),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def respond(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, media_type, body = RESPONSES.get(self.path.split("?")[0], (409, "application/problem+json", PROBLEM))
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = respond

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
