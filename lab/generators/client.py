"""Tests the generated Python client with an API that is newer than the client."""

import sys

import generated
from generated.api.audit_api import AuditApi
from generated.api.auth_api import AuthApi
from generated.api.users_api import UsersApi

client = generated.ApiClient(generated.Configuration(host=sys.argv[1], access_token="token"))

user = UsersApi(client).get_current_user()
assert user.role == "auditor", user

(event,) = AuditApi(client).list_audit_events(type=generated.AuditEventTypeInput.AUTHN_LOGIN_SUCCESS).items
assert event.type == "authn_passkey_added", event

try:
    AuthApi(client).register_user(generated.RegisterUserRequest(email="ada@example.com", password="correct horse battery"))
except generated.ApiException as error:
    assert error.status == 409, error
    problem = generated.Problem.from_json(error.body)
    assert problem.code == "moon_is_full" and problem.errors[0].var_in == "moonlight", problem
else:
    sys.exit("the error response raised no exception")
