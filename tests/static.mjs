// Drives the binary that lies alone in an empty root (see static.sh): it answers; and a letter reaches a mail server
// that is known by name only, beside an nsswitch.conf as desktops have it. The module it names is a pipe that nobody
// writes to: whoever tries to load it waits for ever, where a real one may kill a static binary.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const root = process.argv[2];
const MAIL_HOST = 'correio.aurora.test';

/** Fails when the promise takes longer than a patient person would. */
function within(what, promise, ms = 60_000) {
  let timer;
  const late = new Promise((_, no) => (timer = setTimeout(() => no(new Error(`never happened: ${what}`)), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the binary in the root and waits until it says that it serves, and by which code it is set up. */
async function start() {
  const ports = [await freePort(), await freePort()];
  const at = ['--staff', `127.0.0.1:${ports[0]}`, '--public', `127.0.0.1:${ports[1]}`];
  const child = spawn('chroot', [root, '/balcao', '--data', '/data', ...at], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } });
  const house = { child, staff: `http://127.0.0.1:${ports[0]}`, public: `http://127.0.0.1:${ports[1]}`, said: '', cookie: '' };
  // Whatever fails here, nothing is left behind that would hold the caller's pipes open.
  process.on('exit', () => child.kill('SIGKILL'));
  const over = once(child, 'exit');
  house.died = over.then(([code, signal]) => Promise.reject(new Error(`the house closed: ${code ?? signal}`)));
  house.died.catch(() => {});
  house.stop = async () => {
    child.kill('SIGTERM');
    assert.deepEqual(await within('a clean end', over), [0, null]);
  };
  const serves = new Promise(yes => child.stdout.on('data', text => (house.code = /instalação: (\S+)\n/.exec((house.said += text))?.[1]) && yes()));
  await within('both doors open', Promise.race([serves, house.died]));
  return house;
}

/** A form is fetched, filled in and sent, as a browser without scripts does it. */
async function send(house, page, action, fields) {
  const form = await (await fetch(house.staff + page, { headers: { cookie: house.cookie } })).text();
  const body = new URLSearchParams({ _csrf: /name="_csrf" value="([^"]*)"/.exec(form)?.[1] ?? '', ...fields });
  const answer = await fetch(house.staff + action, { method: 'POST', body, headers: { cookie: house.cookie }, redirect: 'manual' });
  const given = answer.headers.getSetCookie().map(cookie => cookie.split(';')[0]);
  if (given.length > 0) house.cookie = given.join('; ');
  assert.ok(answer.status < 400, `${action}: ${answer.status} ${await answer.text()}`);
  return answer.headers.get('location');
}

/** A name server that knows one name; it has port 53 of a loopback address to itself. */
async function nameServer() {
  const address = `127.53.${process.pid >> 8 & 255}.${process.pid & 255 || 1}`;
  const server = createSocket('udp4');
  const asked = [];
  server.on('message', (query, from) => {
    let end = 12;
    const labels = [];
    for (; query[end] > 0; end += query[end] + 1) labels.push(query.toString('latin1', end + 1, end + 1 + query[end]));
    const name = labels.join('.').toLowerCase();
    const isA = query.readUInt16BE(end + 1) === 1;
    asked.push(name);
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(name === MAIL_HOST ? 0x8580 : 0x8583, 2);
    const answers = name === MAIL_HOST && isA ? 1 : 0;
    [1, answers, 0, 0].forEach((count, n) => head.writeUInt16BE(count, 4 + 2 * n));
    const found = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    server.send(Buffer.concat([head, query.subarray(12, end + 5), ...(answers ? [found] : [])]), from.port, from.address);
  });
  server.bind(53, address);
  await once(server, 'listening');
  return { address, asked, close: () => server.close() };
}

/** A mail server that takes any letter. */
async function mailServer() {
  let arrived;
  const letter = new Promise(yes => (arrived = yes));
  const server = createServer(socket => {
    let waiting = '', data = null;
    socket.on('error', () => {});
    socket.on('data', bytes => {
      waiting += bytes.toString('latin1');
      for (let at; (at = waiting.indexOf('\r\n')) >= 0; waiting = waiting.slice(at + 2)) {
        const line = waiting.slice(0, at);
        if (data !== null && line !== '.') data += `${line}\n`;
        else if (data !== null) { arrived(data); data = null; socket.write('250 2.0.0 kept\r\n'); }
        else if (/^DATA/i.test(line)) { data = ''; socket.write('354 go on\r\n'); }
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    });
    socket.write('220 mail\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, letter, close: () => server.close() };
}

assert.deepEqual(readdirSync(root), ['balcao']);
let house = await start();
for (const door of [house.staff, house.public]) assert.equal((await fetch(`${door}/saude`)).status, 200);
await house.stop();
console.log('ok: both doors answer from an empty root');

const names = await nameServer();
const mail = await mailServer();
mkdirSync(join(root, 'etc'));
for (const lib of ['lib', 'usr/lib'].flatMap(dir => [dir, `${dir}/x86_64-linux-gnu`, `${dir}64`])) {
  mkdirSync(join(root, lib), { recursive: true });
  execFileSync('mkfifo', [join(root, lib, 'libnss_mdns4_minimal.so.2')]);
}
writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files mdns4_minimal [NOTFOUND=return] dns myhostname\n');
writeFileSync(join(root, 'etc/resolv.conf'), `nameserver ${names.address}\n`);
house = await start();
const admin = { nome: 'Carla Nunes', email: 'carla@aurora.example', senha: 'maré alta às nove' };
const agency = { nome_agencia: 'Aurora Imóveis', cor: '165', idioma: 'pt-BR', fuso: 'America/Sao_Paulo' };
await send(house, '/instalacao', '/instalacao', { codigo: house.code, ...agency, ...admin });
const smtp = { servidor: MAIL_HOST, porta: mail.port, seguranca: 'plain', usuario_smtp: '', remetente: 'atendimento@aurora.example' };
await send(house, '/sistema/email', '/sistema/email', smtp);
const client = { cliente_nome: 'Marta Pedro', cliente_email: 'marta@cliente.example', tipo: 'venda', titulo: 'Venda do apartamento' };
const deal = await send(house, '/oportunidades/nova', '/oportunidades', client);
const access = { email: client.cliente_email, nome: client.cliente_nome, senha: 'barco azul no cais', texto: 'Bom dia, Marta.', enviar: '1' };
await send(house, `${deal}/acessos/novo`, `${deal}/acessos`, access);
const letter = await within(`a letter at ${MAIL_HOST}`, Promise.race([mail.letter, house.died]));
assert.match(letter, /^To: .*marta@cliente\.example/m);
assert.ok(names.asked.includes(MAIL_HOST));
assert.equal((await fetch(`${house.staff}/saude`)).status, 200);
await house.stop();
names.close();
mail.close();
console.log('ok: finds a mail server by its name beside any nsswitch.conf');
