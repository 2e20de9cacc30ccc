import { Outlet, Scripts } from "react-router";
import type { Route } from "./+types/root";
import { withClient } from "./session.server";

export const middleware: Route.MiddlewareFunction[] = [withClient];

export function Layout({ children }: { children: React.ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Plinth</title>
      </head>
      <body>
        <main>{children}</main>
        <Scripts />
      </body>
    </html>
  );
}

export default Outlet;
