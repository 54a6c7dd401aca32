// A spoken message: record, then it is a file like any other.
import { fill, notice, occupied, onFresh } from './kit.js';
import { add } from './uploads.js';

const LONGEST = 15 * 60_000; // ms
const KINDS = [['audio/webm;codecs=opus', 'webm'], ['audio/mp4', 'm4a'], ['audio/ogg;codecs=opus', 'ogg']];
const able = !!(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
let now = null; // { form, bar, recorder, stream, end, wanted }

async function start(button) {
  const form = button.closest('form');
  const bar = form?.querySelector('[data-recorder]');
  if (now || !bar) return;
  const mine = now = { form, bar, wanted: true };
  try {
    mine.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const [kind, ending] = KINDS.find(([k]) => MediaRecorder.isTypeSupported(k)) ?? ['', 'webm'];
    const parts = [];
    mine.recorder = new MediaRecorder(mine.stream, kind ? { mimeType: kind } : {});
    mine.recorder.ondataavailable = e => parts.push(e.data);
    mine.recorder.onerror = () => finish(form);
    mine.ended = new Promise(resolve => {
      mine.recorder.onstop = () => {
        put(mine);
        const name = `${button.dataset.audioName ?? 'audio'}.${ending}`;
        const type = (kind || mine.recorder.mimeType || 'audio/webm').split(';')[0];
        if (mine.wanted && parts.length) add(form, [new File(parts, name, { type })]);
        resolve();
      };
    });
    mine.recorder.start();
  } catch {
    put(mine);
    notice(button.dataset.sayNoMic);
    return;
  }
  occupied('recording', true);
  bar.hidden = false;
  bar.querySelector('[data-act="stop"]')?.focus();
  const began = Date.now();
  const tick = () => {
    const s = Math.floor((Date.now() - began) / 1000);
    fill(bar, 'tempo', `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`);
    if (Date.now() - began >= LONGEST) finish(form);
  };
  tick();
  mine.clock = setInterval(tick, 500);
}

/** Lets go of the microphone: its light must go out. */
function put(mine) {
  clearInterval(mine.clock);
  mine.stream?.getTracks().forEach(t => t.stop());
  mine.bar.hidden = true;
  occupied('recording', false);
  now = null;
}

/** Ends a recording in this form and attaches it (or not); resolves when it is a chip. */
export async function finish(form, wanted = true) {
  if (now?.form !== form || now.recorder?.state !== 'recording') return;
  const { recorder, ended } = now;
  now.wanted = wanted;
  recorder.stop();
  await ended;
}

document.addEventListener('click', e => {
  const button = e.target.closest('[data-record]');
  if (button) return start(button);
  const act = e.target.closest('[data-recorder] [data-act]');
  if (!act) return;
  const form = act.closest('form');
  finish(form, act.dataset.act === 'stop');
  form.querySelector('textarea, [data-record]')?.focus();
});

// Plain http gives no microphone: say why where there are words for it, else do not offer it.
onFresh(() => {
  if (now && !now.form.isConnected) finish(now.form, false);
  if (able) return;
  for (const b of document.querySelectorAll('[data-record]')) {
    b.disabled = true;
    if (b.dataset.sayInsecure) b.title = b.dataset.sayInsecure;
    else b.hidden = true;
  }
});
