import { createPlinthClient, inLocalStorage, setDefaultClient } from "@plinth/client";
import { createStore } from "@/lib/utils";

/**
 * Tokens are in localStorage: the user stays signed in after a reload, and all tabs share one
 * session. Scripts in the page can read them, so the page's Content-Security-Policy blocks injected
 * scripts; see vite.config.ts.
 */
export const client = createPlinthClient({ baseUrl: import.meta.env.VITE_API_URL, storage: inLocalStorage() });

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
