// The keyboard: / and Ctrl+K search everything, letters narrow the register, arrows move in lists, Esc closes the nearest
// thing.

import { touchOnly } from './kit.js';

const shown = el => el.getClientRects().length > 0;
const writing = el => el.matches('input, select, textarea, [contenteditable]');
const LINK = 'a[href], summary, button:not([disabled])';
const links = list => [...list.querySelectorAll(LINK)].filter(shown);
/** The first link of every row; a row's other links are reached by Tab. */
const heads = rows => [...rows.children].map(r => (r.matches(LINK) ? r : r.querySelector(LINK))).filter(a => a && shown(a));

function search(e) {
  const slash = e.key === '/' && !writing(e.target) && !e.ctrlKey && !e.metaKey && !e.altKey;
  const k = e.key.toLowerCase() === 'k' && (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey;
  if (!slash && !k) return;
  const dialog = document.querySelector('dialog[open]');
  const one = what => [...(dialog ?? document).querySelectorAll(what)].find(shown);
  // The search over everything, where there is one; else (in the portal, in a dialog) the one at hand.
  const field = one('[data-search="all"]') ?? one('[data-find]') ?? one('[data-search]');
  if (!field) return;
  e.preventDefault();
  if (field.matches('a')) return field.click();
  field.focus();
  field.select?.();
}

/** Letters typed anywhere go into the field that takes them: the phone rings, two letters, the extension. */
function letters(e) {
  if (e.key.length !== 1 || e.key === ' ' || e.key === '/' || e.ctrlKey || e.metaKey || e.altKey) return;
  if (writing(e.target) || document.querySelector('dialog[open]')) return;
  document.querySelector('[data-letters]')?.focus(); // the key itself goes there then
}

function arrows(e) {
  const down = e.key === 'ArrowDown';
  if (!down && !['ArrowUp', 'Home', 'End'].includes(e.key)) return;
  if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return;
  let all = [];
  if (down && e.target.matches('[data-search], [data-filter]')) {
    all = [...document.querySelectorAll('[data-rows]')].map(heads).find(h => h.length) ?? [];
  } else if (!writing(e.target)) {
    const rows = e.target.closest('[data-rows]');
    const menu = e.target.closest('details[data-menu][open]');
    all = rows ? heads(rows) : menu ? links(menu) : [];
  }
  if (!all.length) return;
  e.preventDefault();
  const at = all.findIndex(a => a === e.target || a.contains(e.target));
  ({ Home: all[0], End: all.at(-1) }[e.key] ?? all[at + (down ? 1 : -1)])?.focus();
}

/** Enter goes on to the next hit while the words are the same; Shift+Enter goes back. */
function steps(e) {
  const bar = e.key === 'Enter' && !e.isComposing && e.target.matches('[data-search]') && e.target.closest('[data-within]');
  if (!bar || e.target.value !== e.target.defaultValue) return;
  e.preventDefault();
  bar.querySelector(`[data-step="${e.shiftKey ? 'newer' : 'older'}"]`)?.click();
}

function escape(e) {
  if (e.key !== 'Escape' || e.isComposing) return;
  const menu = document.querySelector('details[data-menu][open]');
  if (menu) {
    menu.open = false;
    menu.querySelector('summary')?.focus();
  } else if (document.querySelector('dialog[open]')) return; // dialogs.js asks before it closes
  else if (e.target.closest('[data-within]')) e.target.closest('[data-within]').querySelector('[data-end]').click();
  else if (e.target.matches('[data-filter]') && e.target.value) empty(e.target);
  else if (writing(e.target)) e.target.blur();
  else {
    const back = [...document.querySelectorAll('[data-back]')].find(shown); // on the phone
    if (!back) return;
    back.click();
  }
  e.preventDefault();
}

function empty(field) {
  field.value = '';
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

// What hangs on a wall all day must not go on hiding people because somebody once looked for one.
const FORGOTTEN = 90_000; // ms
let forget;
function forgetLater() {
  clearTimeout(forget);
  const field = document.querySelector('[data-letters]');
  if (field?.value) forget = setTimeout(empty, FORGOTTEN, field);
}
document.addEventListener('input', e => e.target.matches('[data-letters]') && forgetLater());
forgetLater();

document.addEventListener('keydown', e => {
  if (e.defaultPrevented || !(e.target instanceof Element)) return;
  search(e);
  letters(e);
  arrows(e);
  steps(e);
  escape(e);
});

// By the pointer, not by the click: on an iPhone a tap beside everything that can be pressed is no click.
document.addEventListener('pointerdown', e => {
  for (const menu of document.querySelectorAll('details[data-menu][open]')) if (!menu.contains(e.target)) menu.open = false;
});
document.addEventListener('click', e => {
  if (!e.target.closest('a[href], button')) return;
  for (const menu of document.querySelectorAll('details[data-menu][open]')) menu.open = false;
});

// A page that is one form begins in it: at what is wrong, else at the first field; what it offers is typed over.
const wrong = document.querySelector('main [aria-invalid="true"]');
const first = wrong ?? (touchOnly() ? null : [...document.querySelectorAll('main.gate :is(input:not([type=hidden]), select, textarea)')].find(shown));
if (first && document.activeElement === document.body) {
  first.focus();
  if (first.value) first.select?.();
}

// A page that opens at an entry takes the focus from the field; given back once it stands there.
if (location.hash) addEventListener('load', () => document.querySelector('[data-within] [autofocus]')?.focus({ preventScroll: true }));
