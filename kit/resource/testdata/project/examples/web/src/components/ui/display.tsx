export const Badge = () => null;
export const Card = () => null;
