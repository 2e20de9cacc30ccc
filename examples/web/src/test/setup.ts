import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

configure({ asyncUtilTimeout: 10_000 }); // for busy machines
afterEach(cleanup);

/** Makes the window as wide as a desk's, or a phone's. */
export const setWidth = (pixels: number) =>
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: pixels >= 16 * Number(query.match(/min-width: (\d+)rem/)?.[1] ?? 0),
    addEventListener: () => {},
    removeEventListener: () => {},
  }));

setWidth(1280);
