// What the other modules lean on: asking the server, drawing its HTML, remembering.
// No sentence for people lives in these files; every text comes from the page.

/** The latest anti-forgery token; live updates may renew the <meta>. */
export const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? '';

/** 128 random bits in hex. crypto.randomUUID is missing on plain http, getRandomValues is not. */
export const token = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');

/** The nodes of a piece of HTML drawn by our own server. */
export function parse(html) {
  const box = document.createElement('template');
  box.innerHTML = html;
  return box.content;
}

/** A copy of the element inside <template id>, or undefined. */
export const stamp = id => document.getElementById(id)?.content?.firstElementChild?.cloneNode(true);

/** Writes text into [data-slot=name]; an empty slot is hidden. */
export function fill(root, name, text) {
  const slot = root.querySelector(`[data-slot="${name}"]`);
  if (!slot) return;
  slot.textContent = text ?? '';
  slot.hidden = !text;
}

/** Leaves for a place of our own; anything else is ignored. */
export function go(url) {
  const to = new URL(url, location.href);
  if (to.origin === location.origin) location.assign(to.href);
}

/** A click that means "open here", not "in a new tab". */
export const plain = e => e.button === 0 && !(e.ctrlKey || e.metaKey || e.shiftKey || e.altKey);

/** Touch only: there Enter breaks the line and focus would open the keyboard. */
export const touchOnly = () => matchMedia('(pointer: coarse)').matches && !matchMedia('(any-pointer: fine)').matches;

/**
 * fetch for a fragment; null when the person has to log in first (we are leaving then).
 * no-store: a fragment shares its URL with a full page and must never be found by "back".
 */
export async function ask(url, { method = 'GET', body, signal } = {}) {
  const headers = { 'X-Fragment': '1' };
  if (method !== 'GET') headers['X-CSRF'] = csrf();
  const answer = await fetch(url, { method, body, signal, headers, credentials: 'same-origin', cache: 'no-store' });
  return toLogin(answer.status, answer.headers.get('X-Login')) ? null : answer;
}

/** True when the answer asked for a login; everything typed is in localStorage by then. */
export function toLogin(status, where) {
  if (!where || (status !== 401 && status !== 403)) return false;
  go(where);
  return true;
}

/** The sentence of a refusal, '' when the body is not meant for people. */
export const sentence = (type, body) => (/^text\/plain/.test(type ?? '') ? body.trim() : '');

/** Shows a sentence or drawn HTML for 8 s, longer while hands or eyes are on it. */
export function notice(content) {
  const box = document.getElementById('avisos');
  if (!box || !content) return;
  let item = content;
  if (typeof content === 'string') {
    item = document.createElement('p');
    item.className = 'notice';
    item.textContent = content;
  }
  box.append(item);
  showNotices();
  const fade = () => {
    if (item.matches(':hover, :focus-within')) setTimeout(fade, 2000);
    else item.remove();
  };
  setTimeout(fade, 8000);
}

/** Below a modal dialog everything is inert, a live region too: the notices go where they can be read. */
export function showNotices(where = document.querySelector('dialog[open]')) {
  const box = document.getElementById('avisos');
  if (box && box.closest('dialog') !== where) (where ?? document.body).append(box);
}

/** Tells a screen reader, once. */
export function announce(text) {
  const box = document.getElementById('anuncio');
  if (box) box.textContent = text;
}

// localStorage can be full or forbidden; then this page at least remembers for itself.
const memory = new Map();

/** JSON by key, kept over reloads. Keys carry the user: people share a desk computer. */
export const keep = {
  key: (kind, action) => `${kind}:${document.body.dataset.user ?? ''}:${action}`,
  get(key) {
    if (memory.has(key)) return memory.get(key);
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    memory.delete(key);
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      memory.set(key, value);
    }
  },
  /** The actions of all keys of a kind. */
  actions(kind) {
    const start = keep.key(kind, '');
    let names = [...memory.keys()];
    try {
      names = names.concat(Object.keys(localStorage));
    } catch { /* forbidden: memory is all there is */ }
    return [...new Set(names.filter(n => n.startsWith(start)).map(n => n.slice(start.length)))];
  },
};

// What is under way and would be lost by leaving (an upload, a recording, a half-filled dialog).
const hands = new Set();
const warn = e => {
  e.preventDefault();
  e.returnValue = true; // Safari still wants it
};

/** Says that something would be lost by leaving, or no longer. The listener exists only meanwhile: it costs the back cache. */
export function occupied(what, on) {
  hands[on ? 'add' : 'delete'](what);
  window[hands.size ? 'addEventListener' : 'removeEventListener']('beforeunload', warn);
}
export const idle = () => hands.size === 0;

const watchers = [];
/** Runs now, and again whenever new HTML came into the page. */
export function onFresh(fn) {
  watchers.push(fn);
  fn();
}
export const fresh = () => watchers.forEach(fn => fn());
