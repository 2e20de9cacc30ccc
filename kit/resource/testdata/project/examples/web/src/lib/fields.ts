export const fromInstant = () => {};
export const fromList = () => {};
export const toFlag = () => {};
export const toID = () => {};
export const toInstant = () => {};
export const toList = () => {};
export const toNumber = () => {};
