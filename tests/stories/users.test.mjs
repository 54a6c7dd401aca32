// R7: the admin prints an invitation, the broker chooses a password at another screen, works, and leaves again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { House, Street, eventually, furnish, phone } from './office.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.SHOTS;
const IRIS = { name: 'Íris Vaz', email: 'iris@aurora.example', password: 'lua cheia em agosto' };
let house, street, office, admin, iris, link;

before(async () => {
  [house, street] = await Promise.all([House.open(), Street.open()]);
  office = await furnish(house);
  admin = await office.admin.sits(await street.person('admin'));
  iris = await street.person('iris', phone);
});

after(async () => {
  await street?.close();
  await house?.close();
});

/** By day and by night: no serious finding, and a picture for whoever wants to look. */
async function looked(person, name) {
  const { page } = person;
  await page.evaluate(AXE);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target).join(' ')}`), [], name);
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${page.viewportSize().width}-${colorScheme}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

test('an invitation is printed: name, address, code, and for how long; it is shown once', async () => {
  const { page } = admin;
  await page.goto(`${house.staff}/sistema/usuarios`);
  await page.getByRole('link', { name: 'Novo usuário' }).click();
  const window = page.getByRole('dialog');
  await window.getByLabel('Nome').fill(IRIS.name);
  await window.getByLabel('E-mail', { exact: true }).fill(IRIS.email);
  await window.getByLabel('Imprimir convite').check();
  assert.ok(await window.getByLabel('Senha', { exact: true }).isHidden(), 'no password is asked for');
  assert.ok(await window.getByLabel('Convidar por e-mail').isDisabled(), 'no mail server here');
  await window.getByRole('button', { name: 'Criar' }).click();
  const paper = window.locator('.paper');
  await paper.getByText('Convite para Íris Vaz').waitFor();
  for (const said of ['Aurora', IRIS.email, 'Funciona uma vez, até']) await paper.getByText(said).first().waitFor();
  assert.equal(await paper.getByRole('img', { name: 'Código QR' }).count(), 1);
  link = (await paper.locator('code').textContent()).trim();
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/convite\/([a-z2-9]{5}-){4}[a-z2-9]{5}$/);
  assert.equal(await window.getByLabel('Link', { exact: true }).inputValue(), link);
  await looked(admin, 'paper');
  await page.emulateMedia({ media: 'print' });
  assert.ok(await paper.isVisible());
  for (const other of [page.locator('.rail'), page.locator('.settings'), window.locator('.sheet-foot'), window.locator('.sheet-head'), window.getByLabel('Link', { exact: true })]) assert.ok(await other.isHidden(), 'on paper only the paper');
  if (SHOTS) await page.screenshot({ path: join(SHOTS, 'paper-printed.png') });
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => (window.print = () => (window.printed = true)));
  await window.getByRole('button', { name: 'Imprimir' }).click();
  assert.ok(await page.evaluate(() => window.printed));
  await window.getByRole('link', { name: 'Pronto' }).click();
  const row = page.locator('.rows .row', { hasText: IRIS.email });
  await row.getByText('Convidado').waitFor();
  await row.getByText('convite impresso, vale até').waitFor();
});

test('the broker opens it on the phone, chooses a password twice, and is in', async () => {
  const { page } = iris;
  await page.goto(link.replace('127.0.0.1', 'localhost'));
  await page.getByRole('heading', { name: 'Boas-vindas, Íris' }).waitFor();
  await looked(iris, 'invited');
  await page.getByLabel('Nova senha').fill(IRIS.password);
  await page.getByLabel('A mesma senha outra vez').fill('outra coisa qualquer');
  await page.getByRole('button', { name: 'Salvar e entrar' }).click();
  await page.locator('#senha2-erro').waitFor();
  await page.getByLabel('Nova senha').fill(IRIS.password);
  await page.getByLabel('A mesma senha outra vez').fill(IRIS.password);
  await page.getByRole('button', { name: 'Salvar e entrar' }).click();
  await page.getByRole('heading', { name: 'Conversas' }).waitFor();
  assert.equal((await fetch(link)).status, 410, 'used up');
  const row = admin.page.locator('#usuarios .row', { hasText: IRIS.email });
  await row.getByText('Ativo').waitFor(); // on the admin's open list, by itself
  await row.getByText('sessões abertas: 1').waitFor();
});

test('typing narrows the list, and the state is chosen', async () => {
  const { page } = admin;
  await page.goto(`${house.staff}/sistema/usuarios`);
  const rows = page.locator('#usuarios .row');
  assert.equal(await rows.count(), 4);
  await page.getByRole('searchbox').fill('recepc');
  await eventually('only the receptionist', async () => (await rows.count()) === 1);
  await page.getByRole('searchbox').fill('');
  await page.getByLabel('Situação').selectOption('Convidado');
  await page.locator('#usuarios').getByText('Nada encontrado').waitFor();
  await page.getByLabel('Situação').selectOption('Ativo');
  await eventually('all are active', async () => (await rows.count()) === 4);
  await looked(admin, 'users');
});

test('whoever is switched off is out at once, and the work is handed over', async () => {
  const { page } = admin;
  await iris.page.goto(`${house.staff}/conversas?aba=fila`);
  await iris.page.evaluate(() => fetch('/perfil').then(answer => answer.text())); // is in
  const csrf = await iris.page.locator('meta[name=csrf]').getAttribute('content');
  for (const name of ['Olga Reis', 'Rui Dias']) {
    await iris.page.evaluate(([name, csrf]) => fetch('/conversas', { method: 'POST', body: new URLSearchParams({ nome: name, responsavel: 'eu', texto: 'Quer visitar.', _csrf: csrf }) }), [name, csrf]);
  }
  await iris.page.evaluate(csrf => fetch('/oportunidades', { method: 'POST', body: new URLSearchParams({ tipo: 'venda', titulo: 'Casa 7', cliente_nome: 'Olga Reis', _csrf: csrf }) }), csrf);
  await iris.page.goto(`${house.staff}/conversas?aba=abertos`);
  await iris.page.locator('html[data-live], body[data-live]').waitFor();
  await page.goto(`${house.staff}/sistema/usuarios`);
  await page.locator('.rows .row', { hasText: IRIS.email }).click();
  const window = page.getByRole('dialog');
  await looked(admin, 'user');
  await window.getByRole('link', { name: 'Desativar' }).click();
  await window.getByRole('heading', { name: 'Desativar Íris Vaz' }).waitFor();
  const facts = await window.locator('.facts').textContent();
  assert.match(facts, /Conversas abertas2Oportunidades em andamento1/);
  await looked(admin, 'switch-off');
  await window.getByLabel('As conversas abertas vão para').selectOption('Beatriz Lemos');
  await window.getByRole('button', { name: 'Desativar' }).click();
  await window.locator('#oportunidades[aria-invalid]').waitFor();
  assert.equal(await window.getByLabel('As conversas abertas vão para').evaluate(select => select.selectedOptions[0].text), 'Beatriz Lemos', 'what was chosen stays');
  await window.getByLabel('As oportunidades vão para').selectOption('Beatriz Lemos');
  await window.getByRole('button', { name: 'Desativar' }).click();
  await iris.page.waitForURL(/\/entrar/);
  await page.getByText('Íris Vaz: acesso desativado. Conversas para Beatriz Lemos: 2. Oportunidades para Beatriz Lemos: 1.').waitFor();
  const row = page.locator('.rows .row', { hasText: IRIS.email });
  await row.getByText('Desativado').waitFor();
  assert.match(await office.broker.page('/conversas?aba=abertos'), /Olga Reis[^]*Rui Dias|Rui Dias[^]*Olga Reis/);
  assert.match(await office.broker.page('/oportunidades'), /Casa 7/);
  await row.click();
  await window.getByRole('button', { name: 'Reativar' }).click();
  await row.getByText('Ativo').waitFor();
});

test('the audit is narrowed by person, kind and day, says that it is whole, and is taken away as a table', async () => {
  const { page } = admin;
  await page.goto(`${house.staff}/sistema/auditoria`);
  await page.getByText('Corrente íntegra').waitFor();
  await page.getByLabel('Quem').selectOption(IRIS.name);
  await page.getByLabel('O quê').selectOption('Usuários e permissões');
  await page.getByRole('button', { name: 'Filtrar' }).click();
  const lines = page.locator('.audit li');
  await lines.getByText('Desativou usuário').waitFor();
  assert.equal(await lines.getByText('Entrou').count(), 0);
  await looked(admin, 'audit');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Exportar (CSV)' }).click()]);
  assert.match(file.suggestedFilename(), /^auditoria-\d{4}-\d\d-\d\d\.csv$/);
  const text = readFileSync(await file.path(), 'utf8');
  assert.ok(text.startsWith('\uFEFF"Número";"Quando";"Quem"'), text.slice(0, 80));
  assert.match(text, /"Desativou usuário"/);
});

test('no page complained and nothing left for another host', () => {
  assert.deepEqual(street.wrong, []);
});
