// The package's exports. Operations are separate functions, so that bundlers drop unused ones.
export * from "./gen/sdk.gen.js";
export { createPlinthClient } from "./client.js";
export { formDataBodySerializer, urlSearchParamsBodySerializer } from "./gen/core/bodySerializer.gen.js";
export { inLocalStorage } from "./localstorage.js";
export { fieldErrors, isNetworkError, isProblem, NetworkError, ProblemError, } from "./problems.js";
export { inMemory } from "./storage.js";
