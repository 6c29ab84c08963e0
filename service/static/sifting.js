// What was dropped or chosen, as files to take in: folders are walked, and what is no call is told.

const CALLS = new Set([
  "wav", "mp3", "m4a", "mp4", "mov", "ogg", "opus", "flac", "webm", "mkv", "aac",
  "vtt", "srt", "sbv", "docx", "txt", "md", "json",
]);
const NAMED = 3; // of the files left out
// Columns of a transcript in CSV, as ingest/transcripts/table.py knows them.
const SPEAKER = ["speaker", "speaker name", "speakername", "name"];
const WORDS = ["sentence", "sentences", "text", "transcript", "transcription", "words", "content"];
const HEAD = 10_000; // bytes in which the names of the columns are

// `{calls, accounts, left, spare}`: recordings and transcripts, CSV files of accounts, names of files
// left out because they are none, or because of others of their meeting. A single file that was given by itself is never left out: the server says what is wrong.
export async function fromDrop(transfer) {
  // Both have to be asked for before the first wait: the browser empties the transfer then.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return sift(files, false);
  const found = await sift([], true);
  for (const entry of entries) {
    const part = await sift(entry.isDirectory ? await walk(entry) : [await fileOf(entry)], entry.isDirectory);
    for (const sort of Object.keys(found)) found[sort].push(...part[sort]);
  }
  return found;
}

export const fromPicker = (picker) => sift([...picker.files], picker.webkitdirectory);

// "3 files are no recordings or transcripts and were left out: a.png, b.zip and 1 more."
export const leftOut = (names) => told(names, "is no recording or transcript", "are no recordings or transcripts");
export const leftSpare = (names) =>
  told(names, "of a meeting has nothing spoken that another lacks", "of meetings have nothing spoken that others lack");

function told(names, one, several) {
  if (names.length === 0) return "";
  const more = names.length - NAMED;
  const listed = `${names.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more.toLocaleString("en-US")} more` : ""}`;
  return names.length === 1
    ? `1 file ${one} and was left out: ${listed}.`
    : `${names.length.toLocaleString("en-US")} files ${several} and were left out: ${listed}.`;
}

async function sift(files, folder) {
  const found = { calls: [], accounts: [], left: [], spare: [] };
  const spare = spareOf(files);
  for (const file of files) {
    if (spare.has(file)) {
      found.spare.push(file.name);
      continue;
    }
    const ending = file.name.slice(file.name.lastIndexOf(".") + 1).toLowerCase();
    if (ending === "csv") found[await isSaid(file) ? "calls" : "accounts"].push(file);
    else if (!folder || CALLS.has(ending)) found.calls.push(file);
    // What the system keeps in folders, nobody put there.
    else if (!file.name.startsWith(".") && !/^(?:thumbs\.db|desktop\.ini)$/i.test(file.name)) found.left.push(file.name);
  }
  return found;
}

// Of what Zoom left of a meeting: the picture where the sound is here alone, captions without names
// where the transcript is, the chat.
function spareOf(files) {
  const meetings = new Map();
  for (const file of files) {
    const folder = folders.get(file) ?? file.webkitRelativePath.replace(/[^/]*$/, "");
    const key = `${folder}\n${/GMT\d{8}-\d{6}/i.exec(file.name)?.[0].toUpperCase() ?? ""}`;
    meetings.set(key, [...(meetings.get(key) ?? []), file]);
  }
  const spare = new Set();
  for (const [key, some] of meetings) {
    const dated = !key.endsWith("\n");
    const has = (pattern) => some.some((file) => pattern.test(file.name));
    const drop = (pattern) => some.filter((file) => pattern.test(file.name)).forEach((file) => spare.add(file));
    const sound = has(dated ? /\.m4a$/i : /^audio(_only|\d+)\.m4a$/i);
    if (sound) drop(dated ? /\.mp4$/i : /^(video|zoom_)\d+\.mp4$/i);
    if (dated && has(/\.transcript\.vtt$/i)) drop(/\.cc\.vtt$/i);
    if (some.length > 1) drop(dated ? /newChat\.txt$/i : sound ? /^chat\.txt$/i : /$^/);
  }
  return spare;
}

// Whether a CSV file has a line for each thing said rather than for each account.
async function isSaid(file) {
  const [head] = (await file.slice(0, HEAD).text()).split("\n", 1);
  const apart = [",", ";", "\t"].reduce((a, b) => (head.split(b).length > head.split(a).length ? b : a));
  const names = head.split(apart).map((name) => name.toLowerCase().replace(/[^a-z]+/g, " ").trim());
  const has = (known) => names.some((name) => known.includes(name));
  return has(SPEAKER) && has(WORDS) && !names.includes("account id");
}

const folders = new WeakMap(); // of dropped files, which do not tell it themselves

async function walk(folder) {
  const files = [];
  const reader = folder.createReader();
  for (;;) {
    // A hundred at a time, until none are left.
    const entries = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (entries.length === 0) return files;
    for (const entry of entries) {
      if (entry.isDirectory) {
        files.push(...(await walk(entry)));
        continue;
      }
      const file = await fileOf(entry);
      folders.set(file, folder.fullPath);
      files.push(file);
    }
  }
}

const fileOf = (entry) => new Promise((resolve, reject) => { entry.file(resolve, reject); });
