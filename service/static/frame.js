// What every room has: it says when the server is away and when it is back, and takes in files.

import { watchConnection } from "./connection.js";
import { startMe } from "./me.js";
import { startTray } from "./tray.js";
import { startWorkspace } from "./workspace.js";

watchConnection();
startTray();
startMe();
startWorkspace();

// On a phone the rooms are a strip: the one that we are in is not to lie outside of it.
const here = document.querySelector(".side nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 60;
