export const Day = () => null;
export const Fact = () => null;
export const Empty = () => null;
export const Failure = () => null;
export const Loading = () => null;
export const Page = () => null;
export const Time = () => null;
