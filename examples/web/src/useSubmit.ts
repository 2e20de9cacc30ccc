import type { UseFormReturnType } from "@mantine/form";
import { fieldErrors, isProblem } from "@plinth/client";
import { useMutation } from "@tanstack/react-query";

/**
 * Sends a form, and shows what the API has against it: beside the field it is about, and the first of those gets the
 * focus; or, as `failure`, above the form.
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
      if (first) setTimeout(() => form.getInputNode(first)?.focus()); // once it can be focused again
    },
  });
  const known = Object.keys(byField(mutation.error)).some((name) => name in form.getInitialValues());
  return {
    onSubmit: form.onSubmit((values) => mutation.mutate(values)),
    busy: mutation.isPending,
    failure: known ? null : mutation.error,
  };
}

/** Some refusals are about one field, though their code says it all. */
function byField(error: unknown): Record<string, string> {
  if (isProblem(error, "email_taken")) return { email: error.detail };
  if (isProblem(error, "reauthentication_failed")) return { current_password: error.detail };
  return fieldErrors(error);
}
