// C01–C03, C07–C09, C17: every text of the product says evil things, and every page on both doors is looked at in a
// real browser: no script runs, no dialog opens, nothing leaves, no rule of the page is broken. The letters too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from 'node:net';
import { BROKER, CLIENT, Hand, House, Street, atCounter, eventually, furnish, letIn, newDeal, phone, screens } from './office.mjs';
import { png } from './paper.mjs';

/** Each fits where eighty characters do. */
const SHORT = [
  '"><img src=x onerror=alert(1)>', '<svg/onload=alert(2)>', `'><script>window.evil=3</script>`, '<style>@import"//evil.example/4"</style>',
  '<a href=javascript:alert(5)>5</a>', '</title></textarea><iframe srcdoc="&#60;script>">', '{{7*7}}${7*7}<b>7</b>',
];
const LONG = `${SHORT.join(' ')} javascript:alert(8) data:text/html,<script>9</script> https://evil.example/"onmouseover="alert(10) <math><mtext></p><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(11)&gt;">`;
const AGENT = '"><img src=x onerror=alert(12)><script>window.evil=12</script>';

let house, street, office, mail, all;
const letters = [];

before(async () => {
  [house, street] = await Promise.all([House.open(), Street.open()]);
  office = await furnish(house);
  mail = await mailServer();
  await poison();
  all = await screens(office);
});

after(async () => {
  await street?.close();
  await house?.close();
  mail?.close();
});

/** A mail server that takes everything. */
async function mailServer() {
  const server = createServer(socket => {
    let data = null, rest = '';
    socket.write('220 x ESMTP\r\n');
    socket.on('error', () => {});
    socket.on('data', bytes => {
      rest += bytes.toString('latin1');
      for (let end; (end = rest.indexOf('\r\n')) >= 0; rest = rest.slice(end + 2)) {
        const line = rest.slice(0, end);
        if (data !== null && line !== '.') data.push(line.startsWith('.') ? line.slice(1) : line);
        else if (data !== null) {
          letters.push(data.join('\r\n'));
          data = null;
          socket.write('250 taken\r\n');
        } else if (/^DATA/i.test(line)) {
          data = [];
          socket.write('354 go on\r\n');
        } else socket.write(/^QUIT/i.test(line) ? '221 bye\r\n' : '250 fine\r\n');
      }
    });
  });
  await new Promise(r => server.listen(0, '127.0.0.1', r));
  return server;
}

/** Says evil things wherever something can be said. */
async function poison() {
  const { admin, broker, client, deal } = office;
  const [one, two, three, four, five, six] = SHORT;
  await admin.post('/sistema/email', { servidor: '127.0.0.1', porta: mail.address().port, seguranca: 'plain', remetente: 'a@aurora.example' });
  await admin.post('/sistema/usuarios', { nome: one, email: 'mau@aurora.example', senha: 'sete saias de chita', papel: 'broker' });
  for (const text of SHORT) {
    await admin.post('/sistema/motivos', { nome: text });
    await admin.post('/sistema/setores', { nome: text });
    await broker.post('/contatos', { nome: text, observacao: LONG, telefones: '62 3774 3039' });
  }
  const other = await newDeal(broker, six, { cliente_nome: five, procura: LONG, imovel: four, valor: '1' });
  await letIn(house, broker, other, { name: two, email: CLIENT.email, password: CLIENT.password }, LONG);
  await letIn(house, broker, deal, { name: three, email: 'outra@example.com', password: 'Imo35avalextern95' }, one);
  for (let length = 0; length < 24; length++) await atCounter(broker, `${'a'.repeat(length)}${one}`, length % 2 ? 'eu' : 'fila', `${'b'.repeat(30 + 5 * length)}${LONG}`);
  const file = async (hand, name) => hand.upload(name, png(8, 8));
  for (const text of [LONG, ...SHORT]) {
    await broker.post(`${office.talk}/mensagens`, [['texto', text], ['modo', 'mensagem'], ['email', 'sim'], ['arquivo', await file(broker, `${one}.png`)]]);
    await broker.post(`${office.talk}/mensagens`, [['texto', text], ['modo', 'anotacao']]);
    await client.post(`${office.portal}/mensagens`, [['texto', text], ['email', 'sim'], ['arquivo', await file(client, `a\r\nX: y${two}.png`)]]);
  }
  await admin.post('/sistema/encerramento', { mensagem: LONG });
  await admin.post('/sistema/agencia', { nome: one, cor: '165', idioma: 'pt-BR', fuso: 'America/Sao_Paulo', endereco_portal: '' });
}

/** What must not be on any page. */
const harm = page => page.evaluate(() => [
  ...(window.evil === undefined ? [] : [`a script ran: ${window.evil}`]),
  ...[...document.querySelectorAll('script:not([src]), iframe, object, embed, base, [srcdoc], img[src="x"], svg[onload], [onerror], [onload], [onmouseover], link[href*="evil"]')].map(el => el.outerHTML.slice(0, 200)),
  ...[...document.querySelectorAll('[href], [src], [action], [formaction]')]
    .map(el => el.getAttribute('href') ?? el.getAttribute('src') ?? el.getAttribute('action') ?? el.getAttribute('formaction'))
    .filter(to => /^\s*(javascript|data|vbscript):|^\/\//i.test(to)),
]);

/** Somebody whose browser lies about itself, and whose dialogs are noted. */
async function sits(name, hand, options = {}) {
  const person = await street.person(name, { userAgent: AGENT, extraHTTPHeaders: { 'X-Forwarded-For': AGENT }, ...options });
  person.page.on('dialog', dialog => {
    person.wrong.push(`${name}: a dialog says ${dialog.message()}`);
    dialog.dismiss();
  });
  await hand?.sits(person);
  return person;
}

async function looksAt(person, screen) {
  const { page } = person;
  await page.goto(screen.address);
  if (screen.dialog) {
    await page.locator(`[href="${screen.dialog}"], [data-dialog="${screen.dialog}"]`).filter({ visible: true }).first().click();
    await page.locator('dialog[open] .sheet').waitFor();
  }
  for (const menu of await page.locator('details:not([open]) > summary').filter({ visible: true }).all()) await menu.click({ timeout: 1000 }).catch(() => {});
  await page.emulateMedia({ media: 'print' });
  await page.emulateMedia({ media: 'screen' });
  return (await harm(page)).map(what => `${screen.name}: ${what}`);
}

test('c01_c03_c07_c08_c17 every screen on both doors shows evil texts as texts', async () => {
  const found = [];
  for (const [who, hand, options] of [['nobody'], ['admin', office.admin], ['broker', office.broker], ['client', office.client, phone]]) {
    const person = await sits(who, hand, options);
    for (const screen of all.filter(screen => screen.who === who)) found.push(...(await looksAt(person, screen)));
  }
  assert.deepEqual(found, []);
  assert.deepEqual(street.wrong, []);
});

test('c07 addresses, searches and filters that say evil things', async () => {
  const [broker, client, nobody] = await Promise.all([sits('asking broker', office.broker), sits('asking client', office.client), sits('asking nobody')]);
  const found = [];
  for (const text of SHORT) {
    const q = encodeURIComponent(text);
    for (const path of [`/busca?q=${q}`, `/conversas?nome=${q}&aba=${q}`, `/contatos?busca=${q}`, `/oportunidades?busca=${q}`, `${office.talk}/busca?q=${q}`, `/${q}`, `/conversas/nova?contato=${q}`]) {
      found.push(...(await looksAt(broker, { name: path, address: house.staff + path })));
    }
    for (const path of [`${office.portal}/busca?q=${q}`, `/${q}`, `/conversas?lista=${q}`]) found.push(...(await looksAt(client, { name: path, address: house.public + path })));
    for (const base of [house.staff, house.public]) found.push(...(await looksAt(nobody, { name: 'login', address: `${base}/entrar?depois=${q}&fim=${q}` })));
  }
  assert.deepEqual(found, []);
  assert.deepEqual(street.wrong, []);
});

test('c07 what arrives live in an open screen is text too, and so is a file’s name before it is sent', async () => {
  const [broker, client] = await Promise.all([sits('live broker', office.broker), sits('live client', office.client)]);
  await Promise.all([broker.page.goto(house.staff + office.talk), client.page.goto(house.public + office.portal)]);
  const mark = 'chegou-ao-vivo';
  await office.client.post(`${office.portal}/mensagens`, { texto: `${LONG} ${mark}` });
  await Promise.all([broker, client].map(({ page }) => page.locator('#fluxo').getByText(mark).first().waitFor()));
  for (const { page } of [broker, client]) {
    await page.locator('input[type=file]').first().setInputFiles([{ name: `${SHORT[0]}.png`, mimeType: 'image/png', buffer: Buffer.from(png(8, 8)) }]);
    await page.getByText('onerror=alert(1)').filter({ visible: true }).first().waitFor();
    assert.deepEqual(await harm(page), []);
  }
  assert.deepEqual(street.wrong, []);
});

test('c09 what a browser says of itself is not on the pages that list sessions and logins', async () => {
  const admin = await sits('reading admin');
  const hand = new Hand(house.staff);
  const answer = await hand.ask('/entrar', { method: 'POST', body: new URLSearchParams({ email: BROKER.email, senha: BROKER.password }), headers: { 'User-Agent': AGENT, Referer: AGENT, 'Accept-Language': AGENT } });
  assert.equal(answer.status, 204);
  await office.admin.sits(admin);
  for (const path of ['/perfil', '/sistema/auditoria', ...all.filter(screen => screen.name === 'page-user-sessions').map(screen => screen.path)]) {
    assert.deepEqual(await looksAt(admin, { name: path, address: house.staff + path }), []);
  }
  assert.deepEqual(street.wrong, []);
});

test('c02 a file that holds a script is none to a page of ours', async () => {
  const person = await street.person('script');
  await office.broker.sits(person);
  await person.page.goto(house.staff + office.talk);
  const script = 'window.evil = 2; // '.padEnd(400, 'x');
  const text = await office.broker.upload('nota.txt', script).catch(() => null);
  const picture = await office.broker.upload('polyglot.png', Buffer.concat([Buffer.from(png(8, 8)), Buffer.from(`\n${script}`)])).catch(() => null);
  const refused = await office.broker.upload('evil.js', 'alert(1)').then(() => 'taken', () => 'refused');
  assert.equal(refused, 'refused');
  for (const token of [text, picture].filter(Boolean)) {
    const ran = await person.page.evaluate(address => new Promise(done => {
      const script = Object.assign(document.createElement('script'), { src: address, onload: () => done('loaded'), onerror: () => done('blocked') });
      document.head.append(script);
    }), `/arquivos/${token}`);
    assert.equal(ran, 'blocked');
    assert.equal(await person.page.evaluate(() => window.evil), undefined);
  }
  for (const code of ['const s = document.createElement("script"); s.textContent = "window.evil = 1"; document.head.append(s)', 'document.body.insertAdjacentHTML("beforeend", "<img src=/nada onerror=\'window.evil = 1\'>")']) {
    await person.page.evaluate(code);
    assert.equal(await person.page.evaluate(() => window.evil), undefined, 'the page’s own rules stop what got in all the same');
  }
  assert.ok(person.wrong.length > 0, 'and the browser says so');
  person.wrong.length = 0;
});

/** A letter's HTML, decoded. */
function htmlOf(letter) {
  const part = letter.split(/\r\n--[^\r\n]+/).find(part => /content-type: text\/html/i.test(part)) ?? letter;
  const end = part.indexOf('\r\n\r\n');
  const [head, body] = [part.slice(0, end), part.slice(end + 4)];
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString();
  if (!/quoted-printable/i.test(head)) return Buffer.from(body, 'latin1').toString();
  const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

test('c01 c13 the letters show evil texts as texts, without any rule of a page to help', async () => {
  await eventually('letters to both sides', () => letters.length >= 4);
  const person = await sits('reader of mail');
  for (const letter of letters) {
    const head = letter.slice(0, letter.indexOf('\r\n\r\n'));
    assert.doesNotMatch(head, /^X: y/m, 'no header was made');
    const html = htmlOf(letter);
    assert.match(html, /<html|<body|<p|<table/i);
    await person.page.setContent(html);
    assert.deepEqual(await harm(person.page), []);
    const links = await person.page.locator('a').evaluateAll(all => all.map(a => a.href));
    assert.ok(links.every(link => link.startsWith(`http://`) || link.startsWith('mailto:')), links.join(' '));
    assert.ok(links.every(link => !link.includes('evil.example')), 'and leads to no other house');
  }
  assert.deepEqual(street.wrong, []);
});
