import { createPlinthClient, inCookie, inLocalStorage, setDefaultClient } from "@plinth/client";
import { createStore } from "@/lib/utils";

/**
 * With both storages the user stays signed in after a reload, and all tabs share one session.
 * Scripts in the page can read tokens in localStorage, so the page's Content-Security-Policy blocks
 * injected scripts; see vite.config.ts. No script can read the cookie.
 */
const storage = import.meta.env.VITE_TOKEN_STORAGE === "cookie" ? inCookie() : inLocalStorage();

export const client = createPlinthClient({ baseUrl: import.meta.env.VITE_API_URL, storage });

// Operations and queries use it.
setDefaultClient(client);

/** The default of PASSWORD_MIN_LENGTH, for the hint; errors name the configured minimum. */
export const passwordMinLength = 15;

/**
 * Whether the API sends mails, which needs MAIL_URL in production. Without them the app does not ask to
 * verify e-mails, and offers no reset of forgotten passwords.
 */
export const sendsMails: boolean = true;

/** Whether a request has failed because the API could not be reached. */
export const unreachable = createStore(false);
