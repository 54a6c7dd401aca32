// One vocabulary for all stories: an agency on an empty directory, people in browsers of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'node:net';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
export const BINARY = process.env.BALCAO_BINARY ?? join(here, '../../target/x86_64-unknown-linux-gnu/debug/balcao');
export const ADMIN = { name: 'Carla Nunes', email: 'carla@aurora.example', password: 'maré alta às nove' };
export const BROKER = { name: 'Beatriz Lemos', email: 'beatriz@aurora.example', password: 'quatro gatos pardos', role: 'broker' };
export const RECEPTION = { name: 'Rosa Prado', email: 'rosa@aurora.example', password: 'café com pão de queijo', role: 'receptionist' };

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
];

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whatever shall be true becomes true, or the story says what did not. */
export async function eventually(what, check, ms = 15_000) {
  const until = Date.now() + ms;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > until) throw new Error(`never happened: ${what}`);
    await new Promise(r => setTimeout(r, 25));
  }
}

/** The running house. */
export class House {
  static async open(options = {}) {
    const house = new House();
    house.dir = mkdtempSync(join(tmpdir(), 'balcao-story-'));
    house.ports = [await freePort(), await freePort()];
    house.staff = `http://localhost:${house.ports[0]}`;
    house.public = `http://localhost:${house.ports[1]}`;
    house.arguments = options.arguments ?? ['--data', join(house.dir, 'data')];
    await house.start();
    return house;
  }

  async start() {
    const at = ['--staff', `127.0.0.1:${this.ports[0]}`, '--public', `127.0.0.1:${this.ports[1]}`];
    this.said = '';
    this.process = spawn(BINARY, [...this.arguments, ...at], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const out of [this.process.stdout, this.process.stderr]) out.on('data', text => (this.said += text));
    this.over = once(this.process, 'exit');
    await eventually('the house answers', async () => {
      if (this.process.exitCode !== null) throw new Error(`the house closed: ${this.said}`);
      try {
        return (await fetch(`${this.staff}/saude`)).ok && (await fetch(`${this.public}/saude`)).ok;
      } catch {
        return false;
      }
    }, 60_000);
  }

  /** The code is printed when both doors answer, which may be a moment after they do. */
  async setupCode() {
    return (await eventually('the setup code is printed', () => /instalação: (\S+)/.exec(this.said)))[1];
  }

  /** Pulls the plug. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.over;
  }

  async close() {
    this.process.kill('SIGTERM');
    await this.over;
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A browser; each person has a context of their own in it. */
export class Street {
  static async open() {
    const street = new Street();
    street.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    street.people = [];
    return street;
  }

  /** Somebody sits down at a screen. Errors in the page, foreign requests and broken rules fail the story at the end. */
  async person(name, options = {}) {
    const context = await this.browser.newContext({ locale: 'pt-BR', viewport: { width: 1440, height: 900 }, ...options });
    await context.grantPermissions(['microphone', 'clipboard-read', 'clipboard-write']);
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const person = { name, context, page, wrong: [] };
    this.watch(person, page);
    context.on('page', other => this.watch(person, other));
    this.people.push(person);
    return person;
  }

  watch(person, page) {
    page.on('pageerror', error => person.wrong.push(`${person.name}: ${error.stack}`));
    page.on('console', line => {
      if (line.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(line.text())) person.wrong.push(`${person.name}: ${line.text()}`);
    });
    page.on('request', request => {
      const { hostname, protocol } = new URL(request.url());
      if (!['localhost', '127.0.0.1'].includes(hostname) && !['blob:', 'data:'].includes(protocol)) person.wrong.push(`${person.name}: request to ${request.url()}`);
    });
  }

  get wrong() {
    return this.people.flatMap(person => person.wrong);
  }

  async close() {
    await this.browser.close();
  }
}

export const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** Sets up the agency as its admin does at the first start. */
export async function setUp(house, admin) {
  const { page } = admin;
  await page.goto(house.staff);
  await page.getByLabel('Código de instalação').fill(await house.setupCode());
  await page.getByLabel('Nome da imobiliária').fill('Aurora Imóveis');
  await page.getByLabel('Mata').check({ force: true });
  await page.getByLabel('Seu nome').fill(ADMIN.name);
  await page.getByLabel('E-mail', { exact: true }).fill(ADMIN.email);
  await page.getByLabel('Senha', { exact: true }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Começar' }).click();
  await page.getByRole('heading', { name: 'Conversas' }).waitFor();
}

export async function addUser(house, admin, user) {
  const { page } = admin;
  await page.goto(`${house.staff}/sistema/usuarios`);
  await page.getByRole('link', { name: 'Novo usuário' }).click();
  const window = page.getByRole('dialog');
  await window.getByLabel('Nome').fill(user.name);
  await window.getByLabel('E-mail', { exact: true }).fill(user.email);
  await window.getByLabel('Papel').selectOption(user.role);
  await window.getByLabel('Definir uma senha agora').check();
  await window.getByLabel('Senha', { exact: true }).fill(user.password);
  await window.getByRole('button', { name: 'Criar' }).click();
  await page.locator('.rows').getByText(user.name).waitFor();
}

export async function logIn(house, person, user) {
  const { page } = person;
  await page.goto(`${house.staff}/entrar`);
  await page.getByLabel('E-mail', { exact: true }).fill(user.email);
  await page.getByLabel('Senha', { exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByRole('heading', { name: 'Conversas' }).waitFor();
}

export async function enterPortal(house, person, email, password) {
  const { page } = person;
  await page.goto(`${house.public}/entrar`);
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Senha', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByPlaceholder('Nova mensagem…').or(page.locator('#lista')).first().waitFor();
}

/** Says something and waits until it is on disk: the bubble is the server's, not the waiting one. */
export async function say(person, text) {
  const { page } = person;
  await page.getByPlaceholder('Nova mensagem…').fill(text);
  await page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await sees(person, text);
  await eventually(`"${text}" is acknowledged`, () => page.locator('article.bubble[data-token]:not([data-pending])', { hasText: text }).count());
}

export async function sees(person, text) {
  await person.page.locator('#fluxo').getByText(text).first().waitFor();
}

/** Somebody's hand without a browser: a cookie and the forms, for what a story needs but does not tell. */
export class Hand {
  constructor(base) {
    Object.assign(this, { base, cookie: '', csrf: '' });
  }

  async ask(path, options = {}) {
    const headers = { 'X-Fragment': '1', 'X-CSRF': this.csrf, Cookie: this.cookie, 'Accept-Language': 'pt-BR', ...options.headers };
    const answer = await fetch(this.base + path, { redirect: 'manual', ...options, headers });
    for (const line of answer.headers.getSetCookie()) this.cookie = line.split(';')[0];
    return answer;
  }

  /** Sends a form; gives the text of the answer and where it leads. */
  async post(path, fields = {}) {
    const answer = await this.ask(path, { method: 'POST', body: new URLSearchParams(fields) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 400)}`);
    return { go: answer.headers.get('X-Go'), text };
  }

  /** The page as its reader gets it, redirects followed. */
  async page(path, headers = {}) {
    let answer = await fetch(this.base + path, { redirect: 'manual', headers: { Cookie: this.cookie, ...headers } });
    const to = answer.headers.get('Location');
    return to ? this.page(to, headers) : answer.text();
  }

  /** Comes in by e-mail and password. */
  static async enter(base, { email, password }) {
    const hand = new Hand(base);
    await hand.post('/entrar', { email, senha: password });
    return hand.known();
  }

  async known() {
    this.csrf = /name="csrf" content="([^"]*)"/.exec(await this.page('/'))[1];
    return this;
  }

  async upload(name, bytes) {
    const answer = await this.ask(`/arquivos?nome=${encodeURIComponent(name)}`, { method: 'POST', body: bytes });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).id;
  }

  /** Lets a person in a browser sit down where this hand already came in. */
  async sits(person) {
    const [name, value] = this.cookie.split('=');
    await person.context.addCookies([{ name, value, url: this.base }]);
    return person;
  }
}

/** An agency that is at work: users, a client with an opportunity and access, a conversation at the counter. */
export async function furnish(house, { language = 'pt-BR' } = {}) {
  const admin = new Hand(house.staff);
  await admin.post('/instalacao', {
    codigo: await house.setupCode(), nome_agencia: 'Aurora', cor: '165', idioma: language, fuso: 'America/Sao_Paulo',
    nome: ADMIN.name, email: ADMIN.email, senha: ADMIN.password,
  });
  await admin.known();
  for (const { name, email, password, role } of [BROKER, RECEPTION]) await admin.post('/sistema/usuarios', { nome: name, email, senha: password, papel: role });
  const [broker, reception] = await Promise.all([BROKER, RECEPTION].map(user => Hand.enter(house.staff, user)));
  const office = { house, admin, broker, reception };
  office.deal = await newDeal(broker, 'Loft 12', { cliente_nome: CLIENT.name, cliente_email: CLIENT.email, cliente_telefone: '62 3774 3039', valor: '775.000' });
  office.talk = await letIn(house, broker, office.deal, CLIENT, 'Boa tarde, Marta.');
  office.client = await Hand.enter(house.public, CLIENT);
  office.portal = /\/conversas\/[\w-]+(?=\/mensagens)/.exec(await office.client.page('/'))[0];
  return office;
}

export const CLIENT = { name: 'Marta Pedro', email: 'marta.pedro@example.com', password: 'Imo35avalextern95' };

export async function newDeal(hand, title, fields) {
  return (await hand.post('/oportunidades', { tipo: 'venda', titulo: title, contato: 'novo', ...fields })).go;
}

/** Creates an external access; gives the address of its conversation inside. */
export async function letIn(house, hand, deal, { name, email, password }, text, files = []) {
  const fields = [['email', email], ['nome', name], ['senha', password], ['texto', text], ...files.map(id => ['arquivo', id])];
  const { text: html } = await hand.post(`${deal}/acessos`, fields);
  return `/conversas/${/conversa=(\d+)/.exec(html)[1]}`;
}

/** A conversation at the counter, with this user, or in the queue. */
export async function atCounter(hand, name, responsible = 'eu', text = 'Quer a segunda via.') {
  return (await hand.post('/conversas', { nome: name, contato: 'novo', responsavel: responsible, texto: text })).go;
}

/** The number under which a user stands in a choice of names. */
export async function numberOf(hand, address, name) {
  return new RegExp(`<option value="(\\d+)"[^>]*>${name}<`).exec(await hand.page(address))[1];
}

/** The address of the user with this e-mail. */
export async function userOf(hand, email) {
  const row = (await hand.page('/sistema/usuarios')).split('href="').find(row => row.includes(email));
  return row.slice(0, row.indexOf('"'));
}

/** Every screen: its name, who looks at it (nobody, admin, broker, client), where; a dialog is a link to press there. */
export async function screens(office) {
  const { house, broker, admin } = office;
  const contact = /\/contatos\/\d+/.exec(await broker.page(office.talk))[0];
  const access = /\/acessos\/\d+/.exec(await broker.page(`${office.deal}/acessos`))[0];
  const user = await userOf(admin, BROKER.email);
  await admin.post('/sistema/usuarios', { nome: 'Nina Vaz', email: 'nina@aurora.example', papel: 'broker', como: 'papel' });
  const invited = await userOf(admin, 'nina@aurora.example');
  const link = /\/convite\/[\w-]+/.exec((await admin.post(`${invited}/convite`, { como: 'papel' })).text)[0];
  const closed = await atCounter(broker, 'Olga Reis');
  const reason = /<option value="(\d+)"/.exec((await broker.page(`${closed}/encerramento`)).split('name="motivo"')[1])[1];
  await broker.post(`${closed}/encerramento`, { motivo: reason });
  const queued = await atCounter(broker, 'Rui Dias', 'fila');
  await admin.post('/sistema/usuarios-online', { ativo: 'sim', motivos: 'Zzz' });
  const person = name => numberOf(admin, '/usuarios-online/registro', `${name}[^<]*`);
  for (const [name, ramal] of [[BROKER.name, '204'], [RECEPTION.name, '204'], [ADMIN.name, 'Zzz Zzz Zzz Zzz Zzzz']]) await admin.post('/usuarios-online', { usuario: await person(name), ramal });
  const stays = [...(await admin.page('/usuarios-online')).matchAll(/\/usuarios-online\/\d+(?=\/ramal)/g)].map(([stay]) => stay);
  await admin.post(`${stays.at(-1)}/saida`, { ramal: '311', motivo: 'Zzz' });
  await admin.post('/sistema/papeis', { nome: 'Zzz', ativo: 'sim', pode: 'read_audit' });
  const at = (who, base, list) => list.map(([name, path, dialog]) => ({ name, who, address: base + path, path, dialog }));
  return [
    ...at('nobody', house.staff, [['login', '/entrar'], ['invited', link], ['invited-dead', '/convite/nada']]),
    ...at('broker', house.staff, [
      ['inbox', '/conversas?aba=abertos'], ['inbox-nothing', '/conversas?aba=abertos&nome=zzzz'], ['talk', office.talk], ['talk-queued', queued], ['talk-closed', closed],
      ['talk-new', '/conversas?aba=abertos', '/conversas/nova'], ['talk-closing', office.talk, `${office.talk}/encerramento`],
      ['deals', '/oportunidades'], ['deal', office.deal], ['deal-new', '/oportunidades', '/oportunidades/nova'], ['deal-edit', office.deal, `${office.deal}/edicao`],
      ['access-new', office.deal, `${office.deal}/acessos/novo`], ['access-manage', office.deal, `${office.deal}/acessos`], ['access-link', office.deal, `${office.deal}/acessos/link`],
      ['contacts', '/contatos'], ['contact', contact], ['contact-new', '/contatos', '/contatos/novo'], ['contact-edit', contact, `${contact}/edicao`],
      ['talk-documents', `${office.talk}/documentos`], ['find', '/busca'], ['find-hits', '/busca?q=tarde'], ['find-none', '/busca?q=zzzz&tipo=notas'], ['talk-find', `${office.talk}?busca=tarde`],
      ['presence', '/usuarios-online'], ['presence-none', '/usuarios-online?nome=zzzz'], ['presence-past', '/usuarios-online?dia=2026-01-02'], ['presence-wall', '/usuarios-online/painel'],
      ['presence-move', '/usuarios-online', `${stays[0]}/ramal`], ['presence-exit', '/sair'],
      ['profile', '/perfil'], ['second-factor', '/perfil/duas-etapas'], ['not-found', '/nada'],
    ]),
    // Forms that open out of another dialog, and all of them without scripts: pages of their own.
    ...at('broker', house.staff, [
      ['page-talk-new', '/conversas/nova'], ['page-talk-with', '/conversas/nova?contato=1'], ['page-closing', `${office.talk}/encerramento`], ['page-deal-new', '/oportunidades/nova'], ['page-access-new', `${office.deal}/acessos/novo`],
      ['page-manage', `${office.deal}/acessos`], ['page-access-edit', `${access}/edicao`], ['page-access-password', `${access}/senha`], ['page-access-revoke', `${access}/revogacao`],
      ['page-contact-new', '/contatos/novo'],
    ]),
    ...at('admin', house.staff, [
      ...['agencia', 'usuarios', 'chat-externo', 'motivos', 'setores', 'encerramento', 'email', 'copias', 'seguranca', 'https', 'auditoria', 'usuarios-online', 'papeis'].map(page => [`settings-${page}`, `/sistema/${page}`]),
      ['presence-all', '/usuarios-online'], ['presence-new', '/usuarios-online', '/usuarios-online/registro'], ['page-presence-new', '/usuarios-online/registro'], ['page-presence-exit', `${stays[0]}/saida`], ['check-in', '/usuarios-online/entrada'],
      ['role-new', '/sistema/papeis', '/sistema/papeis/novo'], ['page-role', '/sistema/papeis/1'],
      ['user-new', '/sistema/usuarios', '/sistema/usuarios/novo'], ['page-user', user], ['page-user-password', `${user}/senha`], ['page-user-sessions', `${user}/sessoes`],
      ['user', '/sistema/usuarios', user], ['page-user-invited', invited], ['page-user-link', `${user}/convite`], ['page-user-off', `${user}/desativacao`],
      ['users-none', '/sistema/usuarios?busca=zzzz'], ['audit-found', '/sistema/auditoria?tipo=usuarios'], ['audit-none', '/sistema/auditoria?de=2020-01-01&ate=2020-01-02'],
    ]),
    ...at('nobody', house.public, [['portal-login', '/entrar']]),
    ...at('client', house.public, [['portal-list', '/conversas?lista=1'], ['portal', office.portal], ['portal-documents', `${office.portal}/documentos`], ['portal-find', `${office.portal}?busca=tarde`]]),
  ];
}
