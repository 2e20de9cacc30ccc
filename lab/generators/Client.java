import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AuditApi;
import org.openapitools.client.api.AuthApi;
import org.openapitools.client.api.UsersApi;
import org.openapitools.client.model.AuditEventList;
import org.openapitools.client.model.AuditEventTypeInput;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.RegisterUserRequest;

/** Tests the generated Java client with an API that is newer than the client. */
class Client {
    public static void main(String[] args) throws Exception {
        ApiClient client = new ApiClient().setBasePath(args[0]);
        client.setBearerToken("token");

        want("auditor", new UsersApi(client).getCurrentUser(null, null).getRole());

        AuditEventList events = new AuditApi(client).listAuditEvents(
            null, null, AuditEventTypeInput.AUTHN_LOGIN_SUCCESS, null, null);
        want("authn_passkey_added", events.getItems().get(0).getType());

        try {
            new AuthApi(client).registerUser(
                new RegisterUserRequest().email("ada@example.com").password("correct horse battery"), null);
            throw new AssertionError("the error response raised no exception");
        } catch (ApiException e) {
            want(409, e.getCode());
            Problem problem = Problem.fromJson(e.getResponseBody());
            want("moon_is_full", problem.getCode());
            want("moonlight", problem.getErrors().get(0).getIn());
        }
    }

    private static void want(Object want, Object got) {
        if (!want.equals(got)) {
            throw new AssertionError("want " + want + ", got " + got);
        }
    }
}
