import { type FormErrors, isNetworkError, toFormErrors } from "@plinth/client";
import { EyeIcon, EyeOffIcon } from "lucide-react";
import { type ComponentProps, type ReactNode, useEffect, useId, useState } from "react";
import {
  type DefaultValues,
  type FieldValues,
  FormProvider,
  type Path,
  type UseFormRegisterReturn,
  type UseFormReturn,
  useForm,
  useFormContext,
} from "react-hook-form";
import { passwordMinLength, unreachable } from "@/api";
import { Alert } from "@/components/alert";
import { Button, type ButtonProps, Input, Label, Select, TextArea } from "@/components/ui/controls";
import { texts, useTexts } from "@/i18n";
import { cn } from "@/lib/utils";
import { explain } from "@/problems";
import { isSessionEnd } from "@/session";

type Zod = typeof import("@plinth/client/zod");

/** A schema of the contract. */
interface Schema {
  safeParse(
    value: unknown,
    options: { error: ReturnType<Zod["zodMessages"]> },
  ): { error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

// Loaded when the first form gets the focus, so that the first page does without.
const loadSchemas = () => import("@plinth/client/zod");

// Problems that belong to a field.
const fieldsByCode = { email_taken: "email", reauthentication_failed: "current_password" };

export interface SubmitOptions<Values extends FieldValues, Body> {
  defaultValues: DefaultValues<Values>;
  /** Makes the body of the request; the values themselves by default. */
  body?: (values: Values) => Body;
  /** Chooses the contract's schema of the body. The form refuses what the API would, without a request. */
  schema?: (zod: Zod) => Schema;
  /** The field with a new password. The API's minimum length is a setting, above that of the contract. */
  newPassword?: Path<Values>;
  send: (body: Body) => Promise<unknown>;
  /** Problems of this form that belong to a field, by code. */
  codes?: Record<string, Path<Values>>;
  /** Called after a success, for example to reset the form. */
  onDone?: (form: UseFormReturn<Values>) => void;
  /** Asks before the user leaves the page with unsaved values. */
  guard?: boolean;
}

export interface Submission<Values extends FieldValues> {
  form: UseFormReturn<Values>;
  onSubmit: (event?: { preventDefault(): void }) => void;
  busy: boolean;
  /** An error that does not belong to a field. */
  failure: unknown;
}

/**
 * Makes a form that validates with the contract's schema, submits, and shows the API's errors beside
 * their fields, with the focus on the first. The input is kept whatever happens.
 */
export function useSubmit<Values extends FieldValues, Body = Values>(
  options: SubmitOptions<Values, Body>,
): Submission<Values> {
  const {
    defaultValues,
    body = (values) => values as unknown as Body,
    schema,
    newPassword,
    send,
    codes,
    onDone,
    guard,
  } = options;
  const [failure, setFailure] = useState<unknown>(null);
  const form = useForm<Values>({
    defaultValues,
    resolver: async (values) => {
      const errors = schema ? await validate(schema, body(values), values) : {};
      const password: unknown = newPassword && values[newPassword];
      if (newPassword && password && [...String(password)].length < passwordMinLength) {
        errors[newPassword] = { type: "too_short", message: texts().tooShort(passwordMinLength) };
      }
      return { values, errors: errors as never };
    },
  });
  const { isDirty, isSubmitting } = form.formState;
  useUnsaved(!!guard && isDirty);

  const submit = form.handleSubmit(async (values) => {
    if (isSubmitting) return;
    setFailure(null);
    try {
      await send(body(values));
      onDone?.(form);
    } catch (error) {
      if (isNetworkError(error)) unreachable.set(true);
      if (isSessionEnd(error)) return;
      const names = Object.keys(values);
      const { root, ...fields } = toFormErrors(error, {
        wording: texts().wording,
        names,
        codes: { ...fieldsByCode, ...codes },
      });
      for (const [index, name] of Object.keys(fields).entries()) {
        form.setError(name as Path<Values>, fields[name] as never, { shouldFocus: index === 0 });
      }
      if (root) setFailure(error);
    }
  });
  return { form, onSubmit: (event) => void submit(event as never), busy: isSubmitting, failure };
}

/** Returns the first error of each field. Without the schemas, such as offline, the API validates. */
async function validate(schema: (zod: Zod) => Schema, body: unknown, fields: object): Promise<FormErrors> {
  const zod = await loadSchemas().catch(() => undefined);
  if (!zod) return {};
  const issues = schema(zod).safeParse(body, { error: zod.zodMessages(texts().wording) }).error?.issues ?? [];
  const errors = issues.map(({ path: [name], message }) => [String(name), { type: "contract", message }] as const);
  return Object.fromEntries(errors.reverse().filter(([name]) => name in fields));
}

interface FormProps<Values extends FieldValues> {
  submission: Submission<Values>;
  className?: string;
  children: ReactNode;
}

export function Form<Values extends FieldValues>({ submission, className, children }: FormProps<Values>) {
  const t = useTexts();
  const { form, onSubmit, failure } = submission;
  return (
    <FormProvider {...form}>
      <form
        noValidate
        onSubmit={onSubmit}
        onFocus={() => void loadSchemas().catch(() => {})}
        className={cn("grid gap-5", className)}
      >
        {failure !== null && <Alert tone="destructive">{explain(failure, t)}</Alert>}
        {children}
      </form>
    </FormProvider>
  );
}

export const SubmitButton = ({
  submission,
  ...props
}: ButtonProps & { submission: Submission<never> | { busy: boolean } }) => (
  <Button type="submit" busy={submission.busy} {...props} />
);

interface FrameProps {
  name: string;
  label: string;
  hint?: ReactNode;
  required?: boolean;
  className?: string;
}

type FieldProps = Omit<ComponentProps<"input">, "name"> & FrameProps;

/** An input with its label, hint and error. Fields that are not required say so. */
export function TextField({ name, label, hint, required, className, ...props }: FieldProps) {
  return (
    <Frame {...{ name, label, hint, required, className }}>
      {(shared) =>
        props.type === "password" ? <PasswordInput {...props} {...shared} /> : <Input {...props} {...shared} />
      }
    </Frame>
  );
}

/** The password that an account gets; its rule stands beside it. */
export function NewPasswordField(props: { label: string; autoFocus?: boolean }) {
  const hint = useTexts().passwordHint(passwordMinLength);
  return <TextField name="password" type="password" autoComplete="new-password" hint={hint} required {...props} />;
}

/** A text with line breaks, or a list with one item per line. */
export function TextAreaField({ rows = 4, ...frame }: FrameProps & { rows?: number }) {
  return <Frame {...frame}>{(shared) => <TextArea rows={rows} {...shared} />}</Frame>;
}

interface SelectFieldProps extends FrameProps {
  options: Record<string, string>;
}

/** One of some values. The empty choice is none, or that nothing is chosen yet. */
export function SelectField({ options, ...frame }: SelectFieldProps) {
  const { formState } = useFormContext();
  const canBeEmpty = !frame.required || !formState.defaultValues?.[frame.name];
  return (
    <Frame {...frame}>
      {(shared) => (
        <Select {...shared}>
          {canBeEmpty && <option value="">–</option>}
          {Object.entries(options).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </Frame>
  );
}

export function CheckboxField({ name, label }: { name: string; label: string }) {
  const { register } = useFormContext();
  return (
    <label className="flex min-h-10 items-center gap-2.5 text-sm font-medium md:min-h-0">
      <input type="checkbox" className="size-4 accent-primary" {...register(name)} />
      {label}
    </label>
  );
}

/** The label, hint and error of an input, which gets what connects it with them. */
function Frame({ name, label, hint, required, className, children }: FrameProps & { children: Render }) {
  const t = useTexts();
  const id = useId();
  const { register, getFieldState, formState } = useFormContext();
  const { error } = getFieldState(name, formState);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={cn("grid gap-2", className)}>
      <Label htmlFor={id}>
        {label}
        {required ? (
          <span aria-hidden className="text-destructive dark:text-red-300">
            *
          </span>
        ) : (
          <span className="font-normal text-muted-foreground">{t.optional}</span>
        )}
      </Label>
      {children({
        id,
        "aria-required": required,
        "aria-invalid": !!error || undefined,
        "aria-describedby": described || undefined,
        ...register(name),
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted-foreground">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-destructive dark:text-red-300">
          {error.message}
        </p>
      )}
    </div>
  );
}

type Render = (shared: UseFormRegisterReturn & Accessibility & { id: string }) => ReactNode;
type Accessibility = Pick<ComponentProps<"input">, "aria-required" | "aria-invalid" | "aria-describedby">;

/** A password that can be shown, with a warning about caps lock. */
function PasswordInput(props: ComponentProps<"input">) {
  const t = useTexts();
  const [visible, setVisible] = useState(false);
  const [caps, setCaps] = useState(false);
  const look = (event: { getModifierState(key: string): boolean }) => setCaps(event.getModifierState("CapsLock"));
  return (
    <>
      <div className="relative">
        <Input
          {...props}
          type={visible ? "text" : "password"}
          spellCheck={false}
          autoCapitalize="none"
          className="pr-11"
          onKeyDown={look}
          onKeyUp={look}
        />
        <Button
          variant="ghost"
          size="icon"
          aria-label={visible ? t.hidePassword : t.showPassword}
          aria-pressed={visible}
          className="absolute inset-y-0 right-0 text-muted-foreground"
          onClick={() => setVisible(!visible)}
        >
          {visible ? <EyeOffIcon /> : <EyeIcon />}
        </Button>
      </div>
      {caps && (
        <p role="status" className="text-sm text-warning">
          {t.capsLock}
        </p>
      )}
    </>
  );
}

const unsaved = new Set<string>();

/** Whether a form of the page has values that are not saved. */
export const hasUnsaved = () => unsaved.size > 0;

/** Forgets unsaved values, before the app leaves the page on purpose. */
export const discardUnsaved = () => unsaved.clear();

function useUnsaved(dirty: boolean) {
  const id = useId();
  useEffect(() => {
    if (dirty) unsaved.add(id);
    return () => void unsaved.delete(id);
  }, [dirty, id]);
}
