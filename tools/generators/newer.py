"""An API that is newer than its clients: it answers with a role, an event type, a problem code and members that the
contract does not have yet. Prints its address."""

import http.server
import json

ULID = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"
TIME = "2026-01-02T03:04:05Z"
USER = {
    "id": ULID, "email": "ada@example.com", "name": "Ada", "role": "auditor", "is_active": True,
    "created_at": TIME, "updated_at": TIME, "badge": {"color": "red"},
}
EVENT = {
    "id": ULID, "type": "authn_passkey_added", "occurred_at": TIME, "actor_id": None, "target_id": None,
    "session_id": None, "ip": None, "request_id": None, "detail": None, "device": "key",
}
PROBLEM = {
    "type": "urn:problem-type:moon_is_full", "title": "Moon is full", "status": 409, "detail": "Wait.", "instance": "/",
    "code": "moon_is_full", "request_id": "x", "moon": 1,
    "errors": [{"code": "too_bright", "detail": "Dim it.", "in": "moonlight", "name": "x", "lux": 1}],
}
ANSWERS = {
    "/api/v1/users/me": (200, "application/json", USER),
    "/api/v1/audit-events": (200, "application/json", {"items": [EVENT], "next_cursor": None, "total": 1}),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, media_type, body = ANSWERS.get(self.path.split("?")[0], (409, "application/problem+json", PROBLEM))
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
