export const confirm = () => null;
