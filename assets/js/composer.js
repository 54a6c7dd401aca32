// Writing: a message is on screen at once, kept until the server has it on disk, sent strictly in order.
import { ask, csrf, fill, keep, onFresh, parse, plain, sentence, stamp, token, touchOnly } from './kit.js';
import { send as tellServer } from './live.js';
import { finish as finishRecording } from './recorder.js';
import { apply, pending, toEnd } from './stream.js';
import { addDone, clear, filesOf, settled, stranded } from './uploads.js';

const PATIENCE = 30_000; // ms for one answer, and the longest wait between attempts
const flow = () => document.getElementById('fluxo');
const composers = () => document.querySelectorAll('form[data-composer]');
const composerOf = el => el.closest?.('form[data-composer]');
const actionOf = form => new URL(form.getAttribute('action'), location.href).pathname;
const textOf = form => form.elements.texto;

// --- the text field --------------------------------------------------------------------------------------------

function grow(field) {
  field.style.height = 'auto';
  const edges = field.offsetHeight - field.clientHeight;
  field.style.height = `${Math.min(field.scrollHeight + edges, innerHeight * 0.4)}px`;
}

function saveDraft(form) {
  const texto = textOf(form).value;
  const arquivos = filesOf(form);
  const empty = !texto && !arquivos.length;
  keep.set(keep.key('rascunho', actionOf(form)), empty ? null : { texto, modo: form.elements.modo?.value, arquivos });
}

function setMode(form, mode) {
  if (form.elements.modo) form.elements.modo.value = mode;
  for (const b of form.querySelectorAll('[data-mode]')) b.setAttribute('aria-pressed', b.dataset.mode === mode);
  form.classList.toggle('note', mode === 'anotacao');
  const chosen = form.querySelector(`[data-mode="${CSS.escape(mode)}"]`);
  if (chosen?.dataset.placeholder) textOf(form).placeholder = chosen.dataset.placeholder;
  // The button says what it does: a note is never sent.
  const button = form.querySelector('button.main[type=submit]');
  if (chosen?.dataset.verb && button) button.textContent = chosen.dataset.verb;
  // Fields that belong to some modes only; a disabled one is not sent.
  for (const el of form.querySelectorAll('[data-only]')) {
    el.hidden = !el.dataset.only.split(' ').includes(mode);
    if ('disabled' in el) el.disabled = el.hidden;
  }
}

/** Puts text where the caret is. */
function insert(form, text) {
  const field = textOf(form);
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.focus();
}

let typed = 0;
document.addEventListener('input', e => {
  const form = composerOf(e.target);
  if (!form || e.target !== textOf(form)) return;
  grow(e.target);
  saveDraft(form);
  // A note is nobody's business outside, not even that it is being written.
  if (e.target.value && form.elements.modo?.value !== 'anotacao' && Date.now() - typed > 3000) {
    typed = Date.now();
    tellServer({ typing: true });
  }
});

document.addEventListener('keydown', e => {
  const form = composerOf(e.target);
  if (!form || e.target !== textOf(form) || e.defaultPrevented) return;
  // 229: Safari ends a composition just before the Enter that ended it.
  const composing = e.isComposing || e.keyCode === 229;
  if (e.key === 'Enter' && !composing && !e.shiftKey && !e.altKey && (!touchOnly() || e.ctrlKey || e.metaKey)) {
    e.preventDefault();
    form.requestSubmit();
  } else if (e.key === 'Escape') {
    e.preventDefault();
    e.target.blur();
  }
});

document.addEventListener('click', e => {
  const mode = e.target.closest('[data-mode]');
  const form = mode && composerOf(mode);
  if (form) {
    setMode(form, mode.dataset.mode);
    if (textOf(form).value) saveDraft(form);
    textOf(form).focus();
  }
  const ready = e.target.closest('[data-insert]'); // a quick reply, also from a dialog
  if (ready && composers()[0]) {
    ready.closest('dialog')?.close();
    insert(composers()[0], ready.dataset.insert);
  }
});

// --- sending ---------------------------------------------------------------------------------------------------

const waiting = new WeakSet(); // forms that were submitted and wait for their files

document.addEventListener('submit', e => {
  const form = composerOf(e.target);
  if (!form || e.defaultPrevented || !flow() || !document.getElementById('pendente')) return;
  e.preventDefault();
  submit(form);
});

async function submit(form) {
  if (waiting.has(form)) return;
  waiting.add(form);
  form.setAttribute('aria-busy', 'true');
  await finishRecording(form);
  tellStranded(form);
  const complete = await settled(form);
  waiting.delete(form);
  form.removeAttribute('aria-busy');
  tellStranded(form);
  if (!complete || !form.isConnected) return;
  const field = textOf(form);
  const arquivos = filesOf(form);
  if (!field.value.trim() && !arquivos.length) return field.focus();
  const own = ['token', '_csrf', 'texto', 'modo', 'arquivo'];
  const campos = [...new FormData(form)].filter(([k, v]) => typeof v === 'string' && !own.includes(k));
  const item = { token: token(), texto: field.value, modo: form.elements.modo?.value ?? '', arquivos, campos };
  const action = actionOf(form);
  change(action, list => [...list, item]);
  form.reset(); // tick boxes of this message; the mode is a hidden field and stays
  field.value = '';
  clear(form);
  saveDraft(form);
  grow(field);
  if (item.texto || !touchOnly()) field.focus(); // a spoken message shall not open the phone's keyboard
  draw(action, item);
  toEnd();
  pump(action);
}

/** Says while files wait for the connection that this page must stay, and whether the message goes with them. */
function tellStranded(form) {
  const now = stranded(form) && (waiting.has(form) ? 'message' : 'files');
  for (const el of form.querySelectorAll('[data-stranded]')) el.hidden = el.dataset.stranded !== now;
}

/** The pending bubble: drawn by the server once, filled here. */
function draw(action, item) {
  const bubble = stamp('pendente');
  bubble.dataset.token = item.token;
  bubble.dataset.pending = action;
  bubble.classList.toggle('note', item.modo === 'anotacao');
  fill(bubble, 'texto', item.texto);
  fill(bubble, 'arquivos', item.arquivos.map(a => a.nome).join(', '));
  flow().append(bubble);
  show(item, line(action).tries ? 'waiting' : 'sending');
}

function show(item, state) {
  const bubble = pending(item.token);
  if (!bubble) return;
  const now = item.erro === undefined ? state : 'failed';
  for (const el of bubble.querySelectorAll('[data-when]')) el.hidden = el.dataset.when !== now;
  for (const b of bubble.querySelectorAll('[data-act]')) if (!b.closest('[data-when]')) b.hidden = now !== 'failed';
  fill(bubble, 'erro', item.erro);
}

// --- what was not acknowledged yet: localStorage is the truth, every tab reads it anew -------------------------------

const stored = action => keep.get(keep.key('fila', action)) ?? [];
function change(action, fn) {
  const list = fn(stored(action));
  keep.set(keep.key('fila', action), list.length ? list : null);
}
const forget = (action, token) => change(action, list => list.filter(i => i.token !== token));

const lines = new Map(); // action -> { running, tries, timer, cut, since }
function line(action) {
  if (!lines.has(action)) lines.set(action, { tries: 0 });
  return lines.get(action);
}

/** Sends what waits for this address, first things first; stops at the first that does not get through. */
async function pump(action) {
  const it = line(action);
  if (it.running) return;
  clearTimeout(it.timer);
  it.running = true;
  for (let item; (item = stored(action).find(i => i.erro === undefined)); it.tries = 0) {
    if (await deliver(action, item, it)) continue;
    it.timer = setTimeout(pump, Math.min(PATIENCE, 1000 * 2 ** it.tries++), action);
    stored(action).forEach(i => show(i, 'waiting'));
    break;
  }
  it.running = false;
}

/** True when this message needs no further attempt: it is there, or was refused. */
async function deliver(action, item, it) {
  const body = new URLSearchParams([...(item.campos ?? []), ['texto', item.texto], ['modo', item.modo], ['token', item.token]]);
  body.set('_csrf', csrf());
  for (const a of item.arquivos) body.append('arquivo', a.id);
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), PATIENCE);
  Object.assign(it, { cut, since: Date.now() });
  try {
    const answer = await ask(action, { method: 'POST', body, signal: cut.signal });
    if (!answer) return false;
    const text = await answer.text();
    if (answer.ok && !answer.redirected) return arrived(action, item, text);
    if ([408, 425, 429].includes(answer.status) || answer.status >= 500) return false;
    refused(action, item.token, sentence(answer.headers.get('Content-Type'), text));
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** A yes counts only with the entry in it: a proxy's "200, please log in" is not an acknowledgement. */
function arrived(action, item, html) {
  const entry = parse(html).firstElementChild;
  if (!entry?.id) return false;
  forget(action, item.token);
  // The WebSocket may have been first, and then it knows more (delivered, read).
  if (!document.getElementById(entry.id) && pending(item.token)) apply([{ op: 'put', id: entry.id, into: 'fluxo', html }]);
  pending(item.token)?.remove();
  return true;
}

function refused(action, token, erro) {
  change(action, list => list.map(i => (i.token === token ? { ...i, erro } : i)));
  const item = stored(action).find(i => i.token === token);
  if (item) show(item);
}

document.addEventListener('delivered', e => {
  for (const action of keep.actions('fila')) forget(action, e.detail);
});

document.addEventListener('click', e => {
  const button = e.target.closest('[data-pending] [data-act]');
  if (!button) return;
  const { token, pending: action } = button.closest('[data-pending]').dataset;
  if (button.dataset.act === 'drop') {
    forget(action, token);
    pending(token)?.remove();
    composers()[0]?.elements.texto.focus();
  } else {
    change(action, list => list.map(i => (i.token === token ? { ...i, erro: undefined } : i)));
    stored(action).filter(i => i.token === token).forEach(i => show(i, 'sending'));
    kick();
  }
});

/** Try everything now, also what was written on other screens. */
function kick() {
  for (const action of keep.actions('fila')) {
    const it = line(action);
    it.tries = 0;
    if (it.running && Date.now() - it.since > 4000) it.cut.abort(); // a line that died under it; the token makes a repeat harmless
    pump(action);
  }
}
addEventListener('online', kick);
document.addEventListener('up', kick);

/** Makes the pending bubbles equal to what is stored: after a reload, from the back cache, by another tab. */
function redraw() {
  if (!flow() || !document.getElementById('pendente')) return;
  for (const form of composers()) {
    const action = actionOf(form);
    for (const item of stored(action)) {
      if (pending(item.token)) continue;
      if (flow().querySelector(`[data-token="${CSS.escape(item.token)}"]`)) forget(action, item.token);
      else draw(action, item);
    }
  }
  for (const bubble of flow().querySelectorAll('[data-pending]')) {
    const { token, pending: action } = bubble.dataset;
    if (!stored(action).some(i => i.token === token)) bubble.remove();
  }
}
addEventListener('storage', redraw);
addEventListener('pageshow', e => e.persisted && redraw());

const known = new WeakSet();
onFresh(() => {
  for (const form of composers()) {
    if (known.has(form)) continue;
    known.add(form);
    const draft = keep.get(keep.key('rascunho', actionOf(form)));
    const field = textOf(form);
    if (draft && !field.value) {
      field.value = draft.texto;
      draft.arquivos?.forEach(a => addDone(form, a));
    }
    setMode(form, (draft?.texto && draft.modo) || form.elements.modo?.value || 'mensagem');
    form.addEventListener('uploads', () => {
      saveDraft(form);
      tellStranded(form);
    });
    grow(field);
    redraw();
  }
});
kick();

// --- emoji -----------------------------------------------------------------------------------------------------

const panel = () => document.getElementById('emojis');
let opener = null;

function closePanel(back) {
  if (!opener) return;
  panel().hidden = true;
  opener.setAttribute('aria-expanded', 'false');
  if (back) textOf(composerOf(opener))?.focus();
  opener = null;
}

document.addEventListener('click', e => {
  const button = e.target.closest('[data-emoji]');
  const char = e.target.closest('#emojis [data-char]');
  if (button && panel() && plain(e)) {
    if (opener) return closePanel(true);
    opener = button;
    panel().hidden = false;
    button.setAttribute('aria-expanded', 'true');
    panel().querySelector('[data-char]')?.focus();
  } else if (char && opener) {
    insert(composerOf(opener), char.dataset.char);
    closePanel(true);
  }
});
// By the pointer too: keys.js says why.
for (const kind of ['pointerdown', 'click']) document.addEventListener(kind, e => e.target.closest?.('#emojis, [data-emoji]') || closePanel(false));

document.addEventListener('keydown', e => {
  if (!opener) return;
  if (e.key === 'Escape') {
    e.preventDefault();
    return closePanel(true);
  }
  const all = [...panel().querySelectorAll('[data-char]')];
  const at = all.indexOf(e.target);
  if (at < 0) return;
  const wide = all.filter(b => b.offsetTop === all[0].offsetTop).length;
  const to = all[at + ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide }[e.key] ?? NaN)];
  if (!e.key.startsWith('Arrow')) return;
  e.preventDefault();
  to?.focus();
});
