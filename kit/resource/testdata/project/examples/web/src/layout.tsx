export const useMe = () => null;
