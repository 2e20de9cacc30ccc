// The package's exports. Operations are separate functions, so that bundlers drop unused ones.
export * from "./gen/sdk.gen.js";
export type * from "./gen/types.gen.js";
export { createPlinthClient, setDefaultClient, type PlinthClient, type PlinthClientOptions } from "./client.js";
export { formDataBodySerializer, urlSearchParamsBodySerializer } from "./gen/core/bodySerializer.gen.js";
export { inCookie } from "./cookie.js";
export { inLocalStorage } from "./localstorage.js";
export { errorMessage, fieldErrors, toFormErrors, type FieldCode, type FieldFault, type FormErrors, type Wording } from "./messages.js";
export { paginate } from "./paginate.js";
export {
  isNetworkError,
  isProblem,
  NetworkError,
  ProblemError,
  type ApiError,
  type UnexpectedAnswer,
} from "./problems.js";
export type { SessionEvent, SessionListener } from "./session.js";
export { inMemory, type DeviceStorage, type Tokens, type TokenStorage } from "./storage.js";
