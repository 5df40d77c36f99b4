// Requests to the server of this page. A refusal becomes a Fault with the server's own sentence; where nobody answers,
// the connection is told and the Fault's kind is "Lost".

import { connection } from "./connection.js";

export class Fault extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** Ask `path` for JSON. `body`, bytes or a Blob, is posted; `json` is posted as such. */
export async function ask(path, { query = {}, body = null, json = null, signal = null } = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const words = new URLSearchParams(given);
  const sent = json === null ? body : JSON.stringify(json);
  const kind = json === null ? "application/octet-stream" : "application/json";
  const options = sent === null ? {} : { method: "POST", body: sent, headers: { "Content-Type": kind } };
  let answer;
  try {
    answer = await fetch(given.length ? `${path}?${words}` : path, { ...options, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    connection.lost();
    throw new Fault("Lost", "The Studio's server does not answer.");
  }
  const read = await answer.json().catch(() => null);
  if (answer.ok && read !== null && !read.error) return read;
  throw new Fault(read?.error?.kind ?? "Unknown", read?.error?.message ?? `The server answered ${answer.status}.`);
}

/** Bytes of base64. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
