// Forms without leaving the page: in the dialog #janela, or inline. Without this file they are pages of their own.
import { ask, csrf, fresh, go, notice, occupied, parse, plain, sentence, showNotices } from './kit.js';
import { morphChildren } from './morph.js';
import { apply } from './stream.js';

const box = () => document.getElementById('janela');
let opener = null;

// --- opening and closing ---------------------------------------------------------------------------------------

document.addEventListener('click', async e => {
  const link = e.target.closest('[data-dialog]');
  if (!link || !box() || !plain(e) || e.defaultPrevented) return;
  e.preventDefault();
  if (link.getAttribute('aria-busy') === 'true') return;
  if (!box().open) opener = link.closest('details[data-menu]')?.querySelector('summary') ?? link;
  link.setAttribute('aria-busy', 'true');
  const href = link.getAttribute('href') ?? link.dataset.dialog;
  try {
    const answer = await ask(href);
    if (answer) await take(answer);
  } catch {
    failed();
  } finally {
    link.removeAttribute('aria-busy');
  }
});

const failed = () => notice(document.body.dataset.sayFailed);

/** Shows HTML in the dialog. A redraw after a refusal keeps what was typed and chosen. */
function draw(html, redraw) {
  const dialog = box();
  const drawn = parse(html);
  showNotices(null); // out of what is replaced
  if (redraw && dialog.open) morphChildren(dialog, drawn);
  else {
    touched(false);
    dialog.replaceChildren(drawn);
  }
  if (!dialog.open) dialog.showModal();
  showNotices();
  fresh();
  const seen = s => [...dialog.querySelectorAll(s)].find(el => el.getClientRects().length);
  (seen('[aria-invalid="true"]') ?? seen('[autofocus]') ?? seen('input:not([type=hidden]), select, textarea') ?? seen('button, a[href]'))?.focus();
}

function touched(yes) {
  if (!box()) return;
  box().toggleAttribute('data-touched', yes);
  occupied('dialog', yes);
}

document.addEventListener('input', e => {
  if (box()?.contains(e.target) && !e.target.matches('[type=search], [data-filter]')) touched(true);
});

/** Closes unless something typed would be lost and the person wants to stay. */
function leave(dialog) {
  const ask = dialog.querySelector('[data-say-leave]')?.dataset.sayLeave ?? dialog.dataset.sayLeave;
  if ((dialog.hasAttribute('data-touched') || dialog.querySelector('[data-once]')) && ask && !confirm(ask)) return;
  dialog.close();
}

document.addEventListener('close', e => {
  showNotices();
  if (e.target !== box()) return;
  touched(false);
  e.target.replaceChildren(); // a password shown once is not kept behind the page
  const back = opener?.isConnected ? opener : document.getElementById(opener?.id);
  opener = null;
  back?.focus();
  fresh();
}, true);

document.addEventListener('cancel', e => { // Android's back gesture
  if (e.target !== box()) return;
  e.preventDefault();
  leave(e.target);
}, true);

document.addEventListener('keydown', e => {
  const dialog = [...document.querySelectorAll('dialog[open]')].pop();
  if (e.key !== 'Escape' || e.defaultPrevented || e.isComposing || !dialog) return;
  e.preventDefault(); // else Chromium closes at the second Esc without asking us
  leave(dialog);
});

document.addEventListener('click', e => {
  const act = e.target.closest('[data-act="close"]');
  const dialog = act?.closest('dialog');
  if (dialog) {
    e.preventDefault();
    leave(dialog);
  } else act?.closest('#avisos > *')?.remove();
});

// On the dialogs themselves: on an iPhone the document does not hear of a tap beside everything that can be pressed.
for (const dialog of document.querySelectorAll('dialog')) {
  dialog.addEventListener('mousedown', e => {
    const r = dialog.getBoundingClientRect();
    if (e.target === dialog && (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom)) leave(dialog);
  });
}

// --- sending ---------------------------------------------------------------------------------------------------

/** Sends a form as the browser would, but for a fragment. */
function post(form, by) {
  const data = new FormData(form);
  if (by?.name) data.append(by.name, by.value);
  const attr = name => by?.getAttribute('form' + name) ?? form.getAttribute(name);
  const method = (attr('method') ?? 'get').toUpperCase();
  const url = new URL(attr('action') || location.href, location.href);
  const files = [...data.values()].some(v => v instanceof File && v.size);
  if (method !== 'GET' && csrf()) data.set('_csrf', csrf()); // the page may be older than the token
  const fields = new URLSearchParams([...data].filter(([, v]) => typeof v === 'string'));
  if (method !== 'GET') return ask(url, { method, body: files ? data : fields });
  url.search = fields;
  return ask(url);
}

/** What the server answered, for a dialog or an inline form. True when it was a yes. */
async function take(answer, form) {
  const type = answer.headers.get('Content-Type') ?? '';
  const to = answer.headers.get('X-Go');
  if (to || answer.redirected) {
    touched(false);
    const dialog = box();
    if (dialog?.open) dialog.close();
    const url = new URL(to ?? answer.url, location.href).href;
    if (url !== location.href) go(url); // else the live updates show what changed
    return true;
  }
  const text = await answer.text();
  if (/json/.test(type) && answer.ok) {
    if (box()?.contains(form)) {
      touched(false);
      box().close();
    }
    apply(JSON.parse(text).ops);
  } else if (/html/.test(type) && (answer.ok || answer.status === 422)) draw(text, answer.status === 422);
  else notice(sentence(type, text) || document.body.dataset.sayFailed);
  return answer.ok;
}

let changed = null; // the form that a [data-submit] control is sending

document.addEventListener('submit', async e => {
  const form = e.target;
  const inline = form.matches('[data-inline]');
  const within = box()?.contains(form) && form.getAttribute('method') !== 'dialog' && e.submitter?.formMethod !== 'dialog';
  const question = e.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (e.defaultPrevented) return;
  if (form.getAttribute('aria-busy') === 'true') return e.preventDefault();
  if (question && !confirm(question)) return e.preventDefault();
  if (!inline && !within) {
    // A page is coming; a second press meanwhile is a slip. Never for ever: the answer may be a download.
    form.setAttribute('aria-busy', 'true');
    setTimeout(() => form.removeAttribute('aria-busy'), 5000);
    occupied('dialog', false);
    return;
  }
  e.preventDefault();
  form.setAttribute('aria-busy', 'true');
  const byChange = changed === form;
  changed = null;
  let yes = false;
  try {
    const answer = await post(form, e.submitter);
    yes = !answer || (await take(answer, form));
  } catch {
    failed();
  } finally {
    form.removeAttribute('aria-busy');
  }
  // A choice that was refused must not look chosen; what was typed stays typed.
  if (yes ? form.hasAttribute('data-reset') : byChange) form.reset();
});

document.addEventListener('change', e => {
  if (!e.target.matches('[data-submit]')) return;
  changed = e.target.form;
  changed?.requestSubmit();
});

addEventListener('pageshow', e => {
  if (e.persisted) for (const f of document.querySelectorAll('form[aria-busy]')) f.removeAttribute('aria-busy');
});
