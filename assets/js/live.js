// One WebSocket keeps this screen true. It says the last sequence it saw, so after a cut nothing is missing.
import { ask } from './kit.js';
import { apply, lastRead, onRead } from './stream.js';

const FIRST = 300, LONGEST = 8000; // ms between attempts
const SILENT = 45_000; // the server says something every 20 s; this long without a word is a dead line
const TELL = 1500; // ms without connection before the bar shows

let url = document.body.dataset.live;
let seq = Number(document.body.dataset.seq) || 0;
let socket = null;
let tries = 0;
let heard = 0, since = 0;
let again, deaf, bar;

/** Says something to the server; lost when the line is down, and every frame we send may be. */
export function send(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** Follows another screen from now on (a filtered list), from the given sequence. */
export function follow(path, from) {
  url = path;
  seq = Math.min(seq, Number(from) || seq); // what the old stream had not delivered yet comes again; nothing doubles
  open();
}

function open() {
  close();
  if (!url) return;
  const to = new URL(url, location.href);
  to.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  to.searchParams.set('desde', seq);
  const mine = new WebSocket(to);
  socket = mine;
  deaf = setTimeout(lost, SILENT);
  mine.onopen = () => {
    heard = since = Date.now();
    offline(false);
    if (lastRead()) send({ read: lastRead() });
    document.dispatchEvent(new Event('up'));
  };
  mine.onmessage = e => {
    clearTimeout(deaf);
    deaf = setTimeout(lost, SILENT);
    heard = Date.now();
    if (Date.now() - since > 5000) tries = 0; // only now: a server that accepts and drops must not be hammered
    const frame = JSON.parse(e.data);
    apply(frame.ops);
    seq = frame.seq ?? seq;
  };
  mine.onclose = lost;
}

/** Lets go at once: the closing handshake of a dead line would take a minute. */
function close() {
  clearTimeout(again);
  clearTimeout(deaf);
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

function lost() {
  close();
  offline(true);
  const wait = Math.min(LONGEST, FIRST * 2 ** tries++);
  // A refused upgrade gives no reason; asked for the page, a server that ended our session answers with X-Login.
  if (tries % 4 === 0) ask(location.href).catch(() => {});
  again = setTimeout(open, wait * (0.5 + Math.random() / 2)); // jitter: a whole office comes back after a restart
}

function offline(yes) {
  const show = () => { document.getElementById('sem-conexao')?.toggleAttribute('hidden', !yes); };
  if (!yes) {
    clearTimeout(bar);
    bar = undefined;
    show();
  } else bar ??= setTimeout(show, TELL);
}

/** After sleep or a change of network: do not wait for a timer, and do not trust a line that has been silent. */
function wake() {
  if (document.visibilityState !== 'visible' || !url) return;
  if (socket?.readyState === WebSocket.CONNECTING) return;
  if (socket?.readyState !== WebSocket.OPEN || Date.now() - heard > 25_000) open();
}

if (url) {
  open();
  onRead(k => send({ read: k }));
  addEventListener('online', wake);
  addEventListener('offline', () => offline(true));
  document.addEventListener('visibilitychange', wake);
  addEventListener('pagehide', close); // an open socket keeps the page out of the back cache
  addEventListener('pageshow', e => e.persisted && open());
}
