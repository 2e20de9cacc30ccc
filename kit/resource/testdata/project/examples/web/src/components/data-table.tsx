export type Column = object;
export const DataTable = () => null;
export const More = () => null;
