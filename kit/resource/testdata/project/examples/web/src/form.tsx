export const discardUnsaved = () => {};
export function TextAreaField() {}
export function SelectField() {}
export function CheckboxField() {}
