export const useTexts = () => null;
