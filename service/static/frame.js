// What every room has: it says when the server is away and when it is back, and takes in files.

import { watchConnection } from "./connection.js";
import { startTray } from "./tray.js";

watchConnection();
startTray();
