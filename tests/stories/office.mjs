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

const FLAGS = [
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

  get setupCode() {
    return /instalação: (\S+)/.exec(this.said)[1];
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
    street.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
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
  await page.getByLabel('Código de instalação').fill(house.setupCode);
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
