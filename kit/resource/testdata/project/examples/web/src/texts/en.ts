export const en = {
  // scaffold:begin audit
  audit: {},
  // scaffold:end audit

  problems: {
    unknown: "?",
  },
};
