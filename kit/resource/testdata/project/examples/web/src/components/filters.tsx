export function FlagFilter() {}
