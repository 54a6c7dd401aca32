// Files go up the moment they are chosen, dropped or pasted; the form then only carries their ids.
import { csrf, fill, notice, occupied, onFresh, sentence, stamp, toLogin } from './kit.js';

const AT_ONCE = 3; // of the six connections a browser gives a host, some are left for everything else
const LONGEST = 30_000; // ms between attempts without a connection
const SILENT = 10_000; // ms without a byte after which a line is not trusted, once there is a new one
const jobs = new WeakMap(); // chip -> { file, xhr, moved }
const chipsOf = form => [...form.querySelectorAll('[data-chips] > [data-state]')];
const busy = form => chipsOf(form).some(c => ['wait', 'up', 'lost'].includes(c.dataset.state));
const lostOnes = () => [...document.querySelectorAll('[data-chips] > [data-state="lost"]')];
const owner = el => el.closest('form[data-upload-url]');

/** Adds files to a form and starts to send them. What breaks a limit is shown, not sent. */
export function add(form, files) {
  const most = Number(form.dataset.filesMax) || Infinity;
  for (const file of files) {
    if (chipsOf(form).length >= most) {
      notice(form.dataset.sayTooMany);
      break;
    }
    const chip = draw(form, file.name);
    if (!chip) return;
    jobs.set(chip, { file });
    const { bytesMax, avBytesMax = bytesMax } = form.dataset;
    const limit = Number(/^(audio|video)\//.test(file.type) ? avBytesMax : bytesMax) || Infinity;
    if (file.size > limit) state(chip, 'error', form.dataset.sayTooBig);
    else queue(chip);
  }
}

/** Draws a chip for a file that is up already (a restored draft). */
export function addDone(form, { id, nome }) {
  const chip = draw(form, nome);
  if (chip) done(chip, { id, name: nome });
}

/** [{ id, nome }] of what is up. */
export const filesOf = form => chipsOf(form).filter(c => c.dataset.state === 'done').map(c => ({
  id: c.querySelector('[name="arquivo"]').value,
  nome: c.querySelector('[data-slot="nome"]')?.textContent ?? '',
}));

/** Whether files wait for the connection. */
export const stranded = form => chipsOf(form).some(c => c.dataset.state === 'lost');

export const clear = form => chipsOf(form).forEach(c => c.remove());

/** Resolves when nothing is under way, nor waits for a connection: true when every file is up. A failed one gets the focus. */
export function settled(form) {
  return new Promise(resolve => {
    const check = () => {
      if (busy(form)) return;
      form.removeEventListener('uploads', check);
      resolve(!focusFailed(form));
    };
    form.addEventListener('uploads', check);
    check();
  });
}

function focusFailed(form) {
  const chip = chipsOf(form).find(c => c.dataset.state === 'error');
  chip?.querySelector('[data-act="retry"]:not([hidden]), [data-act="cancel"]')?.focus();
  return !!chip;
}

function draw(form, name) {
  const chip = stamp('ficha');
  const box = form.querySelector('[data-chips]');
  if (!chip || !box) return null;
  fill(chip, 'nome', name);
  state(chip, 'wait');
  box.append(chip);
  return chip;
}

function state(chip, now, error = '', again = false) {
  chip.dataset.state = now;
  fill(chip, 'erro', error);
  const bar = chip.querySelector('progress');
  if (bar) bar.hidden = ['done', 'error', 'lost'].includes(now);
  const retry = chip.querySelector('[data-act="retry"]');
  if (retry) retry.hidden = !again;
  tell(chip.closest('form'));
}

function tell(form) {
  if (!form) return;
  // The composer waits by itself; other forms are sent by the browser and must wait here.
  if (!form.matches('[data-composer]')) for (const b of form.elements) if (b.type === 'submit') b.disabled = busy(form);
  form.dispatchEvent(new Event('uploads'));
}

function done(chip, { id, name }) {
  tries = 0;
  const field = document.createElement('input');
  Object.assign(field, { type: 'hidden', name: 'arquivo', value: id });
  chip.append(field);
  if (name) fill(chip, 'nome', name);
  state(chip, 'done');
}

// --- the line of uploads ---------------------------------------------------------------------------------------

let line = [];
const running = new Set();
let tries = 0; // without a connection, in a row
let again;

function queue(chip) {
  state(chip, 'wait');
  line.push(chip);
  next();
}

function next() {
  // A chip that left the page (a closed dialog) is not sent any further.
  for (const chip of running) if (!chip.isConnected) jobs.get(chip).xhr.abort();
  line = line.filter(c => c.isConnected);
  while (line.length && running.size < AT_ONCE) send(line.shift());
  occupied('uploads', running.size > 0 || lostOnes().length > 0); // a file lives in this page alone
}

function send(chip) {
  const job = jobs.get(chip);
  const form = chip.closest('form');
  const xhr = job.xhr = new XMLHttpRequest(); // fetch cannot report progress of what it sends
  const url = form.dataset.uploadUrl;
  running.add(chip);
  job.moved = Date.now();
  state(chip, 'up');
  xhr.open('POST', url + (url.includes('?') ? '&' : '?') + 'nome=' + encodeURIComponent(job.file.name));
  xhr.setRequestHeader('X-CSRF', csrf());
  xhr.setRequestHeader('X-Fragment', '1');
  xhr.upload.onprogress = e => {
    job.moved = Date.now();
    const bar = chip.querySelector('progress');
    if (bar && e.lengthComputable) Object.assign(bar, { max: e.total, value: e.loaded });
  };
  xhr.onloadend = () => {
    running.delete(chip);
    if (chip.isConnected) finish(chip, xhr, form);
    next();
  };
  xhr.send(job.file);
}

function finish(chip, xhr, form) {
  if (xhr.status >= 200 && xhr.status < 300) {
    try {
      const answer = JSON.parse(xhr.responseText);
      if (answer.id) return done(chip, answer);
    } catch { /* not our answer: a failure as any other */ }
  }
  if (xhr.status && toLogin(xhr.status, xhr.getResponseHeader('X-Login'))) return;
  // No connection, or a proxy without a house behind it: it goes by itself when there is one.
  if ([0, 502, 504].includes(xhr.status)) {
    state(chip, 'lost', chip.dataset.sayLost, true);
    clearTimeout(again);
    again = setTimeout(retryLost, Math.min(LONGEST, 1000 * 2 ** tries++));
    return;
  }
  // What was refused for what it is will be refused again.
  const retry = [408, 429].includes(xhr.status) || xhr.status >= 500;
  const said = sentence(xhr.getResponseHeader('Content-Type'), xhr.responseText);
  state(chip, 'error', said || form.dataset.sayUploadFailed || document.body.dataset.sayFailed, retry);
}

function retryLost() {
  for (const chip of running) if (Date.now() - jobs.get(chip).moved > SILENT) jobs.get(chip).xhr.abort(); // died under it
  lostOnes().forEach(queue);
}
addEventListener('online', retryLost);
document.addEventListener('up', retryLost);
onFresh(next);

// --- hands -----------------------------------------------------------------------------------------------------

document.addEventListener('change', e => {
  if (!e.target.matches('input[type=file][data-files]')) return;
  const form = owner(e.target);
  if (!form) return;
  add(form, [...e.target.files]);
  e.target.value = ''; // the same file may be chosen again
});

document.addEventListener('click', e => {
  const button = e.target.closest('[data-chips] [data-act]');
  if (!button) return;
  const chip = button.closest('[data-state]');
  const form = chip.closest('form');
  if (button.dataset.act === 'retry') return queue(chip);
  const beside = chip.nextElementSibling ?? chip.previousElementSibling;
  chip.remove();
  next(); // aborts it if it was under way
  tell(form);
  (beside?.querySelector('[data-act="cancel"]') ?? form.querySelector('[data-files], textarea'))?.focus();
});

document.addEventListener('paste', e => {
  const form = e.target.closest?.('form[data-upload-url]');
  const data = e.clipboardData;
  // Office puts a picture of the text beside the text: then the text is meant.
  if (!form || !data?.files.length || data.types.includes('text/plain')) return;
  e.preventDefault();
  add(form, [...data.files]);
});

const carriesFiles = e => e.dataTransfer?.types.includes('Files');
const zoneOf = e => e.target.closest?.('[data-drop]');
const formIn = zone => (zone?.matches('form') ? zone : zone?.querySelector('form[data-upload-url]'));
function dropping(zone) {
  for (const z of document.querySelectorAll('.dropping')) if (z !== zone) z.classList.remove('dropping');
  zone?.classList.add('dropping');
}

document.addEventListener('dragover', e => {
  if (!carriesFiles(e)) return;
  e.preventDefault(); // beside the zone too: the browser would leave the page for the file
  const zone = formIn(zoneOf(e)) ? zoneOf(e) : null;
  e.dataTransfer.dropEffect = zone ? 'copy' : 'none';
  dropping(zone);
});
document.addEventListener('dragleave', e => {
  if (!e.relatedTarget) dropping(null);
});
document.addEventListener('drop', e => {
  if (!carriesFiles(e)) return;
  e.preventDefault();
  dropping(null);
  const form = formIn(zoneOf(e));
  const folder = item => item.webkitGetAsEntry?.()?.isDirectory;
  if (form) add(form, [...e.dataTransfer.items].filter(i => i.kind === 'file' && !folder(i)).map(i => i.getAsFile()).filter(Boolean));
});

// Forms sent by the browser: not before every file is up, and without the empty file field.
document.addEventListener('submit', e => {
  const form = e.target;
  if (!form.matches('[data-upload-url]:not([data-composer])')) return;
  if (busy(form) || focusFailed(form)) {
    e.preventDefault();
    e.stopImmediatePropagation();
    return;
  }
  for (const field of form.querySelectorAll('[data-files]')) field.removeAttribute('name');
  form.enctype = 'application/x-www-form-urlencoded';
});
