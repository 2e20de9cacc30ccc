// Draws the contract with Swagger UI: every operation can be tried on the host that serves this page.
"use strict";

// bearerScheme returns the name of the contract's bearer scheme, under which Swagger UI files the token.
const bearerScheme = (contract) =>
  Object.entries(contract.components?.securitySchemes ?? {})
    .find(([, scheme]) => scheme.type === "http" && scheme.scheme === "bearer")?.[0];

// The contract is beside this page, wherever a proxy has put both.
const contractURL = new URL("openapi.json", location.href);

// resolve follows a reference within the contract.
const resolve = (contract, node) =>
  node?.$ref ? resolve(contract, node.$ref.slice(2).split("/").reduce((at, step) => at[step], contract)) : node;

// withoutExample moves the example of an optional parameter into its description. Swagger UI fills fields with examples:
// If-Match would then refuse a change, and filters would empty a list.
const withoutExample = (contract, ref) => {
  const parameter = resolve(contract, ref);
  if (parameter.required || !parameter.schema) return parameter;
  const { example: own, examples: _, ...rest } = parameter;
  const { example: shared, ...schema } = resolve(contract, parameter.schema);
  const example = own ?? shared;
  const note = example === undefined ? "" : `\n\nExample: \`${typeof example === "string" ? example : JSON.stringify(example)}\``;
  return { ...rest, schema, description: `${parameter.description ?? ""}${note}` };
};

// withEmptyOptions empties the fields of optional parameters, wherever the contract has parameters.
const withEmptyOptions = (contract) => {
  const empty = (holder) =>
    holder?.parameters ? { ...holder, parameters: holder.parameters.map((ref) => withoutExample(contract, ref)) } : holder;
  const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
  return { ...contract, paths: mapValues(contract.paths, (item) => mapValues(empty(item), empty)) };
};

// forThisPage says how to sign in here, resolves the servers, empties optional fields and leaves the guide to Redoc.
const forThisPage = (contract) => {
  const servers = contract.servers.map((server) => ({ ...server, url: new URL(server.url, contractURL).href.replace(/\/$/, "") }));
  const description = `${contract.info.description ?? ""}

To sign in, execute *Create an account* or *Log in* below: the page then sends the token that came. One that you have already
goes into **Authorize**. Errors, pages, limits and the rest are explained in [the reference](redoc).`;
  const tags = contract.tags.filter((tag) => !tag["x-traitTag"]);
  return { ...withEmptyOptions(contract), servers, tags, info: { ...contract.info, description } };
};

// say shows a message for a few seconds.
const say = (() => {
  const status = document.getElementById("status");
  let timer;
  return (message) => {
    clearTimeout(timer);
    status.textContent = message;
    timer = setTimeout(() => { status.textContent = ""; }, 6000);
  };
})();

// What Swagger UI draws without a name gets one, for people who do not see what is beside it.
const names = { "#servers": "Server", ".examples-select-element": "Example", ".body-param__text": "Body", ".content-type": "Media type" };
new MutationObserver(() => {
  for (const [selector, name] of Object.entries(names)) {
    for (const field of document.querySelectorAll(`${selector}:not([aria-label])`)) field.setAttribute("aria-label", name);
  }
}).observe(document.getElementById("docs"), { childList: true, subtree: true });

const draw = (contract) => {
  const scheme = bearerScheme(contract);

  // signIn takes the token out of an answer that brought one, so that a tried log-in signs the page in.
  const signIn = (response) => {
    const { access_token: token, token_type: type } = response.body ?? {};
    if (response.ok && scheme && type === "bearer" && token) {
      ui.preauthorizeApiKey(scheme, token);
      say("Signed in with the new access token. This page forgets it on reload.");
    }
    return response;
  };

  const ui = SwaggerUIBundle({
    spec: forThisPage(contract),
    dom_id: "#docs",
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    requestSnippetsEnabled: true,
    showCommonExtensions: true,
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    persistAuthorization: false, // tokens do not belong in localStorage
    queryConfigEnabled: false, // a link must not be able to point this page at another contract
    validatorUrl: null, // no other host
    withCredentials: false,
    responseInterceptor: signIn,
  });
};

fetch(contractURL)
  .then((response) => {
    if (!response.ok) throw new Error(`${contractURL.pathname} answered ${response.status}`);
    return response.json();
  })
  .then(draw)
  .catch((error) => {
    document.querySelector("#docs .notice").textContent = `The contract could not be loaded: ${error.message}`;
  });
