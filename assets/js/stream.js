// What the server says changes the page here: entries find their place, the end stays in sight,
// nobody who reads older messages is moved, and what was on screen is reported as read.
import { announce, fill, fresh, go, idle, notice, onFresh, parse } from './kit.js';
import { morph, morphChildren } from './morph.js';

const NEAR = 120; // px from the end that still count as "at the end"
const $ = id => document.getElementById(id);
const flow = () => $('fluxo');
const scroller = () => flow()?.closest('[data-scroll]');

const acts = {
  put({ id, into, html }) {
    const want = parse(html).firstElementChild;
    if (!want) return;
    want.id = id;
    const sent = pending(want.dataset.token);
    const have = $(id);
    const box = $(into);
    if (have) {
      const moved = have.dataset.k !== want.dataset.k;
      const el = morph(have, want);
      if (moved || (box && el.parentElement !== box)) place(el, box ?? el.parentElement);
    } else if (Number(want.dataset.k) > Number(box?.dataset.until)) {
      return; // old messages are being read: what is new belongs behind the newest, which is not here
    } else if (box) {
      place(want, box);
      if (!sent) settleIn(want, box);
    }
    if (sent) {
      sent.remove();
      document.dispatchEvent(new CustomEvent('delivered', { detail: want.dataset.token }));
    }
  },
  del({ id }) {
    const el = $(id);
    if (!el) return;
    const next = el.contains(document.activeElement) && (el.nextElementSibling ?? el.previousElementSibling);
    el.remove();
    if (next) (next.matches('a[href], button') ? next : next.querySelector('a[href], button'))?.focus();
  },
  morph({ id, html }) {
    const el = $(id);
    if (!el) return;
    const drawn = parse(html);
    const had = el.children.length;
    // Either the element itself or only its content may be sent.
    if (drawn.firstElementChild?.id === id) morph(el, drawn.firstElementChild);
    else morphChildren(el, drawn);
    // The disk takes things again: what waits goes at once.
    if (id === 'disco' && had && !$(id)?.children.length) document.dispatchEvent(new Event('up'));
  },
  title({ text }) { document.title = text; },
  notice({ html }) { notice(parse(html).firstElementChild ?? html); },
  end: leave,
  // Not while a file or a half-filled dialog would be lost; spread, so that a restart is not a stampede.
  // An open dialog may show what is shown only once.
  reload: () => { reloading ??= setTimeout(reloadSoon, 500 + Math.random() * 2000); },
};

/** Not while a form waits for its answer: the answer may carry the session's new cookie, and leaving would lose it. */
function leave({ to, back }) {
  if (document.querySelector('form[aria-busy="true"]')) return setTimeout(leave, 100, { to, back });
  go(back ? `${to}?depois=${encodeURIComponent(location.pathname + location.search)}` : to);
}

let reloading; // one timer, however often we are told
function reloadSoon() {
  if (idle() && !document.querySelector('dialog[open]')) location.reload();
  else reloading = setTimeout(reloadSoon, 2000);
}

let said = [];
/** Applies operations in order. One that fails is reported and does not stop the others. */
export function apply(ops) {
  if (!ops?.length) return;
  const release = hold();
  said = [];
  for (const op of ops) {
    try {
      acts[op.op]?.(op);
    } catch (fault) {
      console.error(op, fault);
    }
  }
  fresh();
  release();
  if (said.length) announce(said.slice(-3).join(' '));
  lookSoon();
}

/** The bubble that waits for its message to be acknowledged. */
export const pending = token =>
  (token && flow()?.querySelector(`[data-pending][data-token="${CSS.escape(token)}"]`)) || null;

/** Puts el at the place its data-k gives it. Children without one (pending bubbles, "typing…") stay behind the last. */
function place(el, box) {
  const desc = box.dataset.order === 'desc';
  const k = Number(el.dataset.k);
  let last = null;
  let first = box.querySelector(':scope > [data-pending]');
  if (el.dataset.k) {
    const keyed = [...box.children].filter(c => c !== el && c.dataset.k);
    first = keyed[0] ?? first;
    for (const c of keyed) if (desc ? Number(c.dataset.k) > k : Number(c.dataset.k) <= k) last = c;
  } else if (el.parentElement === box) return;
  let next = last ? last.nextElementSibling : el.dataset.k ? first : null;
  if (next === el || (el.parentElement === box && el.nextElementSibling === next)) return;
  const focused = el.contains(document.activeElement) && document.activeElement;
  box.insertBefore(el, next);
  if (focused) focused.focus({ preventScroll: true });
}

function settleIn(el, box) {
  el.classList.add('new');
  setTimeout(() => el.classList.remove('new'), 600); // a timer: animationend never comes under reduced motion
  if (box === flow() && el.dataset.say) {
    said.push(el.dataset.say);
    if (!stuck) count(unseen + 1);
  }
}

// --- scrolling -------------------------------------------------------------------------------------------------

let stuck = true;
let unseen = 0;

export function toEnd() {
  const box = scroller();
  if (!box) return;
  stuck = true;
  box.scrollTop = box.scrollHeight;
  count(0);
}

function count(n) {
  unseen = n;
  const button = $('novas');
  if (!button) return;
  button.hidden = n === 0;
  const number = button.querySelector('[data-n]');
  if (number && n) number.textContent = n;
}

/** Remembers where the eye is; the answer puts it back after the page changed. */
function hold() {
  const box = scroller();
  if (!box) return () => {};
  const height = box.scrollHeight;
  if (stuck) return () => { if (box.scrollHeight !== height) toEnd(); };
  const top = el => el.getBoundingClientRect().top;
  const edge = top(box);
  const mark = [...flow().children].find(c => c.getBoundingClientRect().bottom > edge);
  const was = mark && top(mark);
  box.style.overflowAnchor = 'none'; // ours works in Safari and at the very top too; both at once would move twice
  return () => {
    if (mark?.isConnected) box.scrollTop += top(mark) - was;
    requestAnimationFrame(() => { box.style.overflowAnchor = ''; });
  };
}

document.addEventListener('scroll', e => {
  const box = scroller();
  if (!box || e.target !== box) return;
  stuck = box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR;
  if (stuck) count(0);
  lookSoon();
}, { capture: true, passive: true });

document.addEventListener('click', e => {
  if (e.target.closest('#novas')) toEnd();
});

// Pictures that load late, a growing text field, the phone's keyboard: the end stays the end.
const grown = new ResizeObserver(() => {
  if (stuck) toEnd();
  lookSoon();
});
let watched;
onFresh(() => {
  if (flow() === watched) return;
  watched = flow();
  grown.disconnect();
  if (!scroller()) return;
  grown.observe(watched);
  grown.observe(scroller());
  const goal = location.hash.length > 1 && $(decodeURIComponent(location.hash.slice(1)));
  if (goal && watched.contains(goal)) {
    stuck = false;
    goal.scrollIntoView({ block: 'center' });
  } else toEnd();
});

onFresh(() => {
  for (const el of document.querySelectorAll('[data-empty-for]')) el.hidden = !!$(el.dataset.emptyFor)?.children.length;
});

// --- what was read ---------------------------------------------------------------------------------------------

let read = 0;
let tell = () => {};
/** fn(k) is called once for each new highest entry that was on screen under the person's eyes. */
export function onRead(fn) {
  tell = fn;
  lookSoon();
}
export const lastRead = () => read;

let asked = false;
function lookSoon() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(look);
}
function look() {
  asked = false;
  const box = scroller();
  if (!box || document.visibilityState !== 'visible' || !document.hasFocus()) return;
  const bottom = box.getBoundingClientRect().bottom;
  const seen = [...flow().children].reverse().find(el => {
    const r = el.getBoundingClientRect();
    return el.dataset.k && r.height && r.top + Math.min(r.height, 40) <= bottom + 1;
  });
  const k = seen ? Math.floor(Number(seen.dataset.k)) : 0;
  if (k <= read) return;
  read = k;
  tell(k);
}
addEventListener('focus', lookSoon);
document.addEventListener('visibilitychange', lookSoon);
