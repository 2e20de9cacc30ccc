import { describe, expect, test } from "vitest";
import { fieldErrors, registerUser } from "../src/index.js";
import { zLoginUserBody, zodMessages, zRegisterUserBody, zUpdateUserBody } from "../src/zod.js";
import { failure, newClient } from "./support.js";

/** Returns the messages that a form shows: the first of each field. */
function messages(...[schema, values, wording]: [typeof zRegisterUserBody | typeof zUpdateUserBody, unknown, Parameters<typeof zodMessages>[0]?]) {
  const { error } = schema.safeParse(values, { error: zodMessages(wording) });
  return Object.fromEntries((error?.issues ?? []).reverse().map(({ path, message }) => [path.join("."), message]));
}

describe("the schemas of bodies", () => {
  test("accept what the API accepts", () => {
    const body = { email: "ada@example.com", password: "correct horse battery staple" };
    expect(zLoginUserBody.parse(body)).toEqual(body);
  });

  test("have the codes and messages of the API", async () => {
    const body = { email: "nope", password: "short", name: "a".repeat(201) };
    const server = fieldErrors(await failure(registerUser({ client: newClient(), body })));
    expect(server).toMatchObject({ email: "Must be an e-mail address in ASCII.", name: "Must have at most 200 characters." });
    expect(messages(zRegisterUserBody, body)).toEqual({
      email: "Must be an e-mail address.",
      password: "Must have at least 12 characters.", // PASSWORD_MIN_LENGTH may be longer
      name: server["name"],
    });
    expect(messages(zRegisterUserBody, { email: "", password: null })).toEqual({ email: "Is required.", password: "Must not be null." });
    expect(messages(zUpdateUserBody, { role: "king", is_active: 1 })).toEqual({
      role: "Must be one of the values in the contract.",
      is_active: "Must be a boolean.",
    });
  });

  test("take an app's own wording by code", () => {
    const german = { too_short: ({ limit }: { limit: number | undefined }) => `Mindestens ${limit} Zeichen.`, required: "Fehlt." };
    expect(messages(zRegisterUserBody, { password: "kurz" }, german)).toEqual({ email: "Fehlt.", password: "Mindestens 12 Zeichen." });
  });
});
