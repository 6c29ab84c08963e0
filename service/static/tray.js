// In every room: files dropped anywhere are taken in, a tray says how far they are, and who leaves
// the page while one is going up is warned.

import { importAccounts } from "./account-import.js";
import { byId, tell } from "./element.js";
import { may } from "./may.js";
import { fromDrop, fromPicker, leftOut, leftSpare } from "./sifting.js";
import { resume, sending, take } from "./upload.js";
import { clear, onWork } from "./work.js";

const tray = byId("tray"); // the room of calls has none: the whole list is in the room

export function startTray() {
  watchDrops();
  watchPickers();
  addEventListener("beforeunload", (event) => { if (sending()) event.preventDefault(); });
  onWork(tray ? show : () => {});
  byId("tray-close")?.addEventListener("click", () => {
    clear(["done", "failed", "stopped"]);
    note("");
    byId("main").focus();
  });
  const choose = () => byId("files").click();
  resume({ failures: tray === null, choose }).catch((problem) => {
    if (problem.status !== 0) note(problem.message); // else the page says that the server is away
  });
}

function watchDrops() {
  const takes = () => may("editor") && !document.querySelector("dialog[open]");
  const files = (event) => event.dataTransfer.types.includes("Files");
  const over = (is) => document.body.classList.toggle("dropping", is);
  addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    if (!may("editor")) event.dataTransfer.dropEffect = "none";
    over(takes());
  });
  addEventListener("dragleave", (event) => { if (event.relatedTarget === null) over(false); });
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault(); // else the browser opens the file in place of the page
    over(false);
    if (takes()) takeIn(fromDrop(event.dataTransfer));
  });
}

function watchPickers() {
  for (const id of ["files", "folder"]) {
    const picker = byId(id);
    picker.addEventListener("change", () => {
      takeIn(fromPicker(picker));
      picker.value = "";
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (button) byId(button.dataset.pick || "files").click();
  });
}

// Accounts first: calls may name them.
async function takeIn(giving) {
  note("");
  const about = {
    account_id: byId("add-account")?.value ?? byId("main").dataset.account ?? "",
    date: byId("add-date")?.value ?? "",
  };
  try {
    const { calls, accounts, left, spare } = await giving;
    const said = [];
    for (const file of accounts) said.push(await importAccounts(file));
    if (calls.length > 0 && tray) byId("tray-fold").open = true;
    if (calls.length > 0 && byId("main").dataset.account) said.push(`Added as calls with ${document.querySelector("h1").textContent}.`);
    take(calls, about);
    if (calls.length + accounts.length === 0) said.push("There is no recording or transcript in it.");
    note([...said, leftOut(left), leftSpare(spare)].filter(Boolean).join(" "));
  } catch (problem) {
    if (!(problem instanceof DOMException)) throw problem;
    note(`What was dropped cannot be read (${problem.message}); choose it with the button in Calls.`);
  }
}

function note(words) {
  tell(byId("work-note"), words);
  if (tray) tray.hidden = !words && byId("work").childElementCount === 0;
}

function show({ all, under, done, failed, part }) {
  tray.hidden = all === 0 && byId("work-note").hidden;
  byId("tray-fold").hidden = all === 0;
  byId("tray-bar").hidden = under === 0;
  byId("tray-bar").value = part;
  byId("tray-close").hidden = under > 0;
  const ended = [done > 0 && `${done} ready`, failed > 0 && `${failed} failed`].filter(Boolean).join(", ");
  if (under > 0) byId("tray-head").textContent = `Adding ${under} of ${all}${ended ? ` · ${ended}` : ""}`;
  else byId("tray-head").textContent = ended || "Stopped";
}
