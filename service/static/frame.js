// What every room has: it says when the server is away and when it is back.

import { watchConnection } from "./connection.js";

watchConnection();
