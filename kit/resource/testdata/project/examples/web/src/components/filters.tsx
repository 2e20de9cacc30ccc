export function FlagFilter() {}
export const Filter = () => null;
export const SearchBox = () => null;
