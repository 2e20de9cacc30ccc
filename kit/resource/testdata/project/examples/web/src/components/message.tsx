export const Message = () => null;
