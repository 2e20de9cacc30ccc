import { lazy } from "react";
import { Navigate, Route, Routes } from "react-router";
import { Layout } from "./Layout";
import { Profile } from "./pages/Profile";
import { Sessions } from "./pages/Sessions";
import { Register, SignIn } from "./pages/SignIn";
import { useSession } from "./session";

// Loaded lazily, because only administrators need them.
const Audit = lazy(async () => ({ default: (await import("./pages/Audit")).Audit })); // scaffold:only audit
const Users = lazy(async () => ({ default: (await import("./pages/Users")).Users }));

export function App() {
  const { signedIn, count } = useSession();
  if (signedIn === undefined) return null;
  if (!signedIn) {
    return (
      <Routes>
        <Route path="/register" element={<Register />} />
        <Route path="*" element={<SignIn />} />
      </Routes>
    );
  }
  return (
    <Routes key={count}>
      <Route element={<Layout />}>
        <Route path="/profile" element={<Profile />} />
        <Route path="/sessions" element={<Sessions />} />
        <Route path="/users" element={<Users />} />
        <Route path="/audit" element={<Audit />} /> {/* scaffold:only audit */}
        <Route path="*" element={<Navigate to="/profile" replace />} />
      </Route>
    </Routes>
  );
}
