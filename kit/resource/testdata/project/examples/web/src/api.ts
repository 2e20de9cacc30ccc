import { createShelfClient } from "@shelf/client";

export const client = createShelfClient();
