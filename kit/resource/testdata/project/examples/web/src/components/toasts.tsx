export const notify = () => null;
export const notifyError = () => null;
