export const Day = () => null;
export const Fact = () => null;
