export const discardUnsaved = () => {};
export function TextAreaField() {}
export function SelectField() {}
export function CheckboxField() {}
export const Form = () => null;
export const SubmitButton = () => null;
export const TextField = () => null;
export const useSubmit = () => null;
