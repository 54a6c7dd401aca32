// E11: the access leaves by e-mail, through a real mail server; the link lets in once; the history knows how it went.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { House, Street, eventually, freePort, sees, setUp } from './office.mjs';

const script = join(dirname(fileURLToPath(import.meta.url)), '../mail/postfix.sh');
const PASSWORD = 'chave-da-portaria-7';
let house, street, admin, outsider, dir, postfix, ports;

before(async () => {
  // Postfix drops its rights: every directory above its own must be open to it.
  dir = join(tmpdir(), `balcao-mail-${process.pid}`);
  ports = [await freePort(), await freePort(), await freePort()];
  postfix = spawn(script, [dir, ...ports], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  postfix.stdout.on('data', text => (said += text));
  await eventually('the mail server is up', () => said.includes('ready') || (postfix.exitCode !== null && assert.fail('the mail server did not start')), 60_000);
  house = await House.open();
  street = await Street.open();
  admin = await street.person('admin');
  outsider = await street.person('outsider');
  await setUp(house, admin);
  // The office's own certificate authority, as the installation page says.
  copyFileSync(join(dir, 'ca.pem'), join(house.dir, 'data', 'smtp-ca.pem'));
});

after(async () => {
  await street?.close();
  await house?.close();
  postfix?.stdin.end();
  if (postfix) await new Promise(done => postfix.once('exit', done));
});

/** The letters in a mailbox, with quoted-printable undone. */
function letters(user) {
  const box = join(dir, 'mail', user, 'new');
  try {
    return readdirSync(box).map(file => readFileSync(join(box, file), 'utf8').replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))));
  } catch {
    return []; // the mailbox is made with its first letter
  }
}

async function settings(user, password) {
  const { page } = admin;
  await page.goto(`${house.staff}/sistema/email`);
  await page.getByLabel('Servidor', { exact: true }).fill('localhost');
  await page.getByLabel('Porta').fill(String(ports[0]));
  await page.getByLabel('Usuário no servidor').fill(user);
  await page.getByLabel('Senha', { exact: true }).fill(password);
  await page.getByLabel('E-mail remetente').fill('atendimento@imob.test');
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('Salvo.').waitFor();
}

async function createAccess(name, email, title) {
  const { page } = admin;
  await page.goto(`${house.staff}/oportunidades`);
  await page.getByRole('link', { name: 'Nova oportunidade' }).first().click();
  const window = page.getByRole('dialog');
  await window.getByLabel('Título').fill(title);
  await window.getByRole('combobox', { name: 'Potencial cliente' }).fill(name);
  await window.getByLabel('E-mail', { exact: true }).fill(email);
  await window.getByRole('button', { name: 'Criar' }).click();
  await page.getByRole('link', { name: 'Criar acesso externo' }).click();
  assert.ok(await window.getByLabel('Enviar e-mail com os dados de acesso').isChecked());
  await window.getByLabel('Senha').fill(PASSWORD);
  await window.getByLabel('Mensagem').fill('Olá, Maria.');
  await window.getByRole('button', { name: 'Criar acesso' }).click();
  await window.getByText('Acesso criado').waitFor();
  await window.getByRole('link', { name: 'Pronto' }).click();
}

test('a wrong password at the mail server is told on the history and nothing is lost', async () => {
  await settings('atendimento@imob.test', 'errada');
  await createAccess('Maria Clara', 'maria@cliente.test', 'Sobrado, Jardim Goiás');
  await admin.page.locator('#fluxo .event', { hasText: 'E-mail para maria@cliente.test' }).getByText('na fila, atrasado').waitFor();
  assert.deepEqual(letters('maria'), []);
});

test('e11 with the settings mended the waiting letter leaves by itself: link and no password', async () => {
  const address = admin.page.url();
  await settings('atendimento@imob.test', 'segredo');
  const [letter] = await eventually('the letter arrives', () => letters('maria').length && letters('maria'));
  assert.match(letter, /Subject: .*Aurora/);
  assert.match(letter, /Auto-Submitted: auto-generated/);
  assert.ok(!letter.includes(PASSWORD), 'never the password');
  await admin.page.goto(address);
  await admin.page.locator('#fluxo .event', { hasText: 'E-mail para maria@cliente.test' }).getByText('enviado').waitFor();
});

test('e11 the link lets in once, by a press and not by being opened', async () => {
  const [letter] = letters('maria');
  const link = /http:\/\/127\.0\.0\.1:\d+\/acesso\/[\w-]{43}/.exec(letter)[0];
  for (let scanner = 0; scanner < 3; scanner++) assert.equal((await fetch(link)).status, 200, 'a mail scanner burns nothing');
  await outsider.page.goto(link);
  await outsider.page.getByRole('button', { name: 'Entrar' }).click();
  await sees(outsider, 'Olá, Maria.');
  const second = await fetch(link, { method: 'POST' });
  assert.equal(second.status, 410);
  assert.match(await second.text(), /já foi usado/);
});

test('r7 an invitation by letter: its link is in the letter alone, scanners burn nothing, one press uses it up', async () => {
  const { page } = admin;
  await page.goto(`${house.staff}/sistema/usuarios`);
  await page.getByRole('link', { name: 'Novo usuário' }).click();
  const window = page.getByRole('dialog');
  await window.getByLabel('Nome').fill('João Prado');
  await window.getByLabel('E-mail', { exact: true }).fill('joao@cliente.test');
  assert.ok(await window.getByLabel('Convidar por e-mail').isChecked(), 'the first choice where mail leaves');
  await window.getByRole('button', { name: 'Criar' }).click();
  const [letter] = await eventually('the letter arrives', () => letters('joao').length && letters('joao'));
  assert.match(letter, /Subject: .*Convite/);
  const link = /http:\/\/127\.0\.0\.1:\d+\/convite\/[\w-]{43}/.exec(letter)[0];
  assert.equal(new URL(link).port, new URL(house.staff).port, 'it leads to the office');
  await eventually('the list says that it was sent', async () => {
    await page.reload();
    return page.locator('.rows .row', { hasText: 'joao@cliente.test' }).getByText('convite por e-mail (enviado)').count();
  });
  for (let scanner = 0; scanner < 3; scanner++) assert.equal((await fetch(link)).status, 200, 'a mail scanner burns nothing');
  const joao = await street.person('joao');
  await joao.page.goto(link.replace('127.0.0.1', 'localhost'));
  await joao.page.getByLabel('Nova senha').fill('trem das onze e meia');
  await joao.page.getByLabel('A mesma senha outra vez').fill('trem das onze e meia');
  await joao.page.getByRole('button', { name: 'Salvar e entrar' }).click();
  await joao.page.getByRole('heading', { name: 'Conversas' }).waitFor();
  assert.equal((await fetch(link)).status, 410);
});

test('a recipient the server does not know is told with the server’s words', async () => {
  await createAccess('Nair Prado', 'ninguem@cliente.test', 'Kitnet, Centro');
  await admin.page.locator('#fluxo .event', { hasText: 'E-mail para ninguem@cliente.test' }).getByText(/falhou: 550/).waitFor();
});

test('e7_e8 a message can go by e-mail too, to either side', async () => {
  await admin.page.goto(`${house.staff}/oportunidades?de=todas`);
  await admin.page.getByText('Sobrado, Jardim Goiás').click();
  await admin.page.getByLabel('Enviar e-mail também').check();
  await admin.page.getByPlaceholder('Nova mensagem…').fill('A visita ficou para quinta.');
  await admin.page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await eventually('the message arrives by e-mail', () => letters('maria').some(letter => letter.includes('A visita ficou para quinta.')));
});

test('nothing complained', () => assert.deepEqual(street.wrong, []));
