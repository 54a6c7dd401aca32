// Little things: copy, show and make a password, filter while typing, look at pictures.
import { morphChildren } from './morph.js';
import { announce, ask, fresh, go, notice, parse, plain } from './kit.js';
import { follow } from './live.js';

// --- copy ------------------------------------------------------------------------------------------------------

/** The clipboard API is missing on plain http; selecting and copying works everywhere. */
async function copy(text, near) {
  if (window.isSecureContext && navigator.clipboard) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch { /* not permitted: the old way */ }
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.style.position = 'fixed';
  field.style.opacity = 0;
  near.after(field); // beside the button: outside an open dialog nothing can be selected
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  near.focus();
  if (!done) throw new Error('copy refused');
}

document.addEventListener('click', async e => {
  const button = e.target.closest('[data-copy]');
  const from = button && document.querySelector(button.dataset.copy);
  if (!from || button.dataset.copied) return;
  try {
    await copy(from.value ?? from.textContent.trim(), button);
  } catch {
    from.select?.(); // then the person can press Ctrl+C
    return;
  }
  button.closest('[data-once]')?.removeAttribute('data-once'); // what is shown only once is in safe hands
  if (!button.dataset.done) return;
  const was = [...button.childNodes];
  button.dataset.copied = '1';
  button.replaceChildren(button.dataset.done);
  announce(button.dataset.done);
  setTimeout(() => {
    button.replaceChildren(...was);
    delete button.dataset.copied;
  }, 2000);
});

document.addEventListener('click', e => {
  const button = e.target.closest('[data-print]');
  if (!button) return;
  print();
  button.closest('[data-once]')?.removeAttribute('data-once');
});

// --- passwords -------------------------------------------------------------------------------------------------

// 32 signs nobody confuses (no l, o, 0, 1): 16 of them are exactly 80 bits, and 32 divides 256, so none is likelier.
const SIGNS = 'abcdefghijkmnpqrstuvwxyz23456789';
function password() {
  const signs = Array.from(crypto.getRandomValues(new Uint8Array(16)), b => SIGNS[b & 31]).join('');
  return signs.match(/.{4}/g).join('-');
}

function reveal(field, yes) {
  field.type = yes ? 'text' : 'password';
  for (const b of document.querySelectorAll('[data-reveal]')) if (revealed(b) === field) b.setAttribute('aria-pressed', yes);
}
const revealed = button => (button.dataset.reveal
  ? document.querySelector(button.dataset.reveal)
  : button.parentElement.querySelector('input'));

document.addEventListener('click', e => {
  const eye = e.target.closest('[data-reveal]');
  if (eye && revealed(eye)) reveal(revealed(eye), revealed(eye).type === 'password');
  const make = e.target.closest('[data-generate]');
  const field = make && document.querySelector(make.dataset.generate);
  if (!field) return;
  field.value = password();
  reveal(field, true); // it has to be read to be passed on
  field.dispatchEvent(new Event('input', { bubbles: true }));
});

// --- the panel's clock -----------------------------------------------------------------------------------------

// The server's time in the agency's zone: the screen on the wall may be set to anything.
for (const place of document.querySelectorAll('[data-clock]')) {
  const late = Number(place.dataset.now) - Date.now();
  try {
    const words = new Intl.DateTimeFormat('pt-BR', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: place.dataset.clock });
    const tell = () => (place.textContent = words.format(Date.now() + late));
    tell();
    setInterval(tell, 1000);
  } catch {
    place.remove(); // a zone this browser does not know: none is better than a wrong one
  }
}

// A date behind an icon: Firefox opens its calendar only at a sign of its own, which is not in sight there.
document.addEventListener('click', e => {
  const field = e.target;
  if (!field.matches('input[type="date"]') || !field.showPicker || getComputedStyle(field).opacity !== '0') return;
  e.preventDefault();
  field.showPicker();
});

// --- filter while typing ---------------------------------------------------------------------------------------

let timer, running;
const filterIn = form => form?.querySelector('[data-filter]');

async function filter(form) {
  clearTimeout(timer);
  running?.abort();
  const mine = running = new AbortController();
  const list = document.querySelector(filterIn(form)?.dataset.filter);
  if (!list) return;
  const url = new URL(form.getAttribute('action') || location.pathname, location.href);
  const fields = [...new FormData(form)].filter(([, v]) => typeof v === 'string' && v !== '');
  url.search = new URLSearchParams(fields);
  list.setAttribute('aria-busy', 'true');
  try {
    const answer = await ask(url, { signal: mine.signal });
    if (!answer) return;
    if (answer.redirected) return go(answer.url);
    const html = await answer.text();
    if (mine !== running) return;
    if (!answer.ok) throw new Error(answer.status);
    const drawn = parse(html);
    morphChildren(list, drawn.getElementById(list.id) ?? drawn); // the person may already stand in the list
    if (!form.closest('dialog')) history.replaceState(history.state, '', url);
    // The screen to follow live may be another one now.
    if (answer.headers.get('X-Live')) follow(answer.headers.get('X-Live'), answer.headers.get('X-Seq'));
    fresh();
  } catch {
    if (!mine.signal.aborted) notice(document.body.dataset.sayFailed);
  } finally {
    if (mine === running) list.removeAttribute('aria-busy');
  }
}

document.addEventListener('input', e => {
  if (!filterIn(e.target.form)) return;
  clearTimeout(timer);
  timer = setTimeout(filter, 120, e.target.form);
});
document.addEventListener('submit', e => {
  if (!filterIn(e.target) || e.defaultPrevented) return;
  e.preventDefault();
  filter(e.target);
});

// --- pictures --------------------------------------------------------------------------------------------------

const light = () => document.getElementById('luz');
let album = [], at = 0;

function picture(i) {
  if (!album[i]) return;
  at = i;
  const img = light().querySelector('img');
  img.src = album[i].href;
  img.alt = album[i].querySelector('img')?.alt || album[i].title || '';
  for (const [act, step] of [['prev', -1], ['next', 1]])
    light().querySelector(`[data-act="${act}"]`)?.toggleAttribute('disabled', !album[i + step]);
}

document.addEventListener('click', e => {
  const link = e.target.closest('a[data-lightbox]');
  if (link && light() && plain(e)) {
    e.preventDefault();
    album = [...(link.closest('[data-scroll]') ?? document).querySelectorAll('a[data-lightbox]')];
    picture(album.indexOf(link));
    light().showModal();
  }
  const step = e.target.closest('#luz [data-act]')?.dataset.act;
  if (step === 'prev') picture(at - 1);
  if (step === 'next') picture(at + 1);
});

document.addEventListener('keydown', e => {
  if (!light()?.open || (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight')) return;
  e.preventDefault();
  picture(at + (e.key === 'ArrowRight' ? 1 : -1));
});
