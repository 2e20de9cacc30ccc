import type { UseFormReturnType } from "@mantine/form";
import { fieldErrors, isProblem } from "@plinth/client";
import { useMutation } from "@tanstack/react-query";

/**
 * Submits a form and shows the API's errors: field errors beside their fields, with the focus on
 * the first, and any other error as `failure` above the form.
 */
export function useSubmit<Values extends Record<string, unknown>>(
  form: UseFormReturnType<Values>,
  send: (values: Values) => Promise<unknown>,
) {
  const mutation = useMutation({
    mutationFn: send,
    onError: (error) => {
      const errors = byField(error);
      form.setErrors(errors);
      const first = Object.keys(form.getInitialValues()).find((name) => name in errors);
      if (first) setTimeout(() => form.getInputNode(first)?.focus()); // after the inputs are enabled again
    },
  });
  const known = Object.keys(byField(mutation.error)).some((name) => name in form.getInitialValues());
  return {
    onSubmit: form.onSubmit((values) => mutation.mutate(values)),
    busy: mutation.isPending,
    failure: known ? null : mutation.error,
  };
}

/** Returns the error messages by field. Some problem codes imply a field. */
function byField(error: unknown): Record<string, string> {
  if (isProblem(error, "email_taken")) return { email: error.detail };
  if (isProblem(error, "reauthentication_failed")) return { current_password: error.detail };
  return fieldErrors(error);
}
