import type { Config } from "@react-router/dev/config";

export default {
  future: { v8_middleware: true },
  // React Router refuses forms whose Origin is not that of the request. Behind a proxy with TLS it sees
  // http: name the public host here.
  allowedActionOrigins: process.env.PUBLIC_HOST ? [process.env.PUBLIC_HOST] : [],
} satisfies Config;
