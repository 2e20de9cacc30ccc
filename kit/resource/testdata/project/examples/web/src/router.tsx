const users = createRoute({ getParentRoute: () => admins, path: "/users" });
// scaffold:begin audit
const audit = createRoute({ getParentRoute: () => admins, path: "/audit" });
// scaffold:end audit

const adminPages = [
  users,
  audit, // scaffold:only audit
] as const;

const pages = [
  dashboard,
  admins,
] as const;
