import { errorMessage, isNetworkError, isProblem } from "@plinth/client";
import type { Texts } from "@/i18n";

/** Returns an error message for the user: the app's own words for known codes, else those of the API. */
export function explain(error: unknown, t: Texts): string {
  if (!isProblem(error) && !isNetworkError(error)) return t.problems.unknown;
  const text = errorMessage(error, t.wording);
  if (!isProblem(error)) return text;
  if (error.retryAfter) return `${text} ${t.problems.wait(error.retryAfter)}`;
  return error.status >= 500 ? `${text} ${t.problems.requestID(error.request_id)}` : text;
}
