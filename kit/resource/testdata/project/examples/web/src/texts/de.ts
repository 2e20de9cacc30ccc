export const de = {
  // scaffold:begin audit
  audit: {},
  // scaffold:end audit

  problems: {
    unknown: "?",
  },
};
