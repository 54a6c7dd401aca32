// Without scripts everything is a page and a form: slower, and all of it there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BROKER, CLIENT, House, Street, atCounter, furnish, phone } from './office.mjs';

const plain = { javaScriptEnabled: false };
let house, street, office, broker, owner;

before(async () => {
  house = await House.open();
  street = await Street.open();
  office = await furnish(house);
  [broker, owner] = [(await street.person('broker', plain)).page, (await street.person('owner', { ...phone, ...plain })).page];
});

after(async () => {
  await street?.close();
  await house?.close();
});

async function logIn(page, at, { email, password }) {
  await page.goto(at);
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Senha', { exact: true }).fill('errada de propósito');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByRole('alert').getByText('incorretos').waitFor();
  assert.equal(await page.getByLabel('E-mail', { exact: true }).inputValue(), email, 'what was typed is kept');
  await page.getByLabel('Senha', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Entrar' }).click();
}

async function say(page, text) {
  await page.getByPlaceholder('Nova mensagem…').fill(text);
  await page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await page.locator('#fluxo').getByText(text).waitFor();
}

test('the desk: log in, take what waits, read, answer', async () => {
  await atCounter(office.reception, 'Helena Prado', 'fila');
  await logIn(broker, house.staff, BROKER);
  await broker.locator('#lista').getByText('Helena Prado').click();
  await broker.getByRole('button', { name: 'Assumir' }).click();
  await broker.locator('#fluxo').getByText('Quer a segunda via.').waitFor();
  await say(broker, 'A segunda via segue hoje.');
});

test('the desk: close with a reason, and open again', async () => {
  await broker.getByRole('link', { name: 'Fechar conversa' }).first().click();
  await broker.getByRole('button', { name: 'Fechar conversa' }).click();
  await broker.getByText('Preencha este campo').waitFor();
  await broker.locator('form.sheet').getByLabel('Motivo').selectOption({ label: 'Proposta' });
  await broker.getByRole('button', { name: 'Fechar conversa' }).click();
  await broker.getByText('fechou a conversa').waitFor();
  await broker.getByRole('button', { name: 'Reabrir conversa' }).click();
  await broker.getByText('reabriu a conversa').waitFor();
});

test('the desk: the list is searched and the responsible is changed by buttons', async () => {
  await broker.goto(`${house.staff}/conversas?aba=abertos`);
  await broker.getByLabel('Digite o nome do contato').fill('Helena');
  await broker.getByRole('button', { name: 'Buscar' }).click();
  assert.deepEqual(await broker.locator('#lista a.row b').allInnerTexts(), ['Helena Prado']);
  await broker.locator('#lista').getByText('Helena Prado').click();
  await broker.getByLabel('Motivo').selectOption({ label: 'Financeiro' });
  await broker.locator('form', { has: broker.getByLabel('Motivo') }).getByRole('button', { name: 'Salvar' }).click();
  await broker.getByText('definiu o motivo: Financeiro').waitFor();
});

test('the desk: create an external access; its data are shown once', async () => {
  await broker.goto(house.staff + office.deal);
  await broker.getByRole('link', { name: 'Criar acesso externo' }).click();
  await broker.getByLabel('E-mail', { exact: true }).fill('vasco.neves@example.com');
  await broker.getByLabel('Nome').fill('Vasco Neves');
  await broker.getByLabel('Senha').fill('perito-das-14-horas');
  await broker.getByRole('button', { name: 'Criar acesso' }).click();
  await broker.getByText('Preencha este campo').waitFor();
  assert.equal(await broker.getByLabel('Nome').inputValue(), 'Vasco Neves');
  await broker.getByLabel('Mensagem').fill('Boa tarde, Vasco.');
  await broker.getByRole('button', { name: 'Criar acesso' }).click();
  await broker.getByText('Acesso criado').waitFor();
  assert.equal(await broker.getByLabel('Senha').inputValue(), 'perito-das-14-horas');
  await broker.getByRole('link', { name: 'Pronto' }).click();
  await broker.locator('#fluxo').getByText('Boa tarde, Vasco.').waitFor();
});

test('the portal: log in, read, answer, log out', async () => {
  await logIn(owner, house.public, CLIENT);
  await owner.locator('#fluxo').getByText('Boa tarde, Marta.').waitFor();
  await say(owner, 'Bom dia, sem nenhum script.');
  await broker.goto(house.staff + office.talk);
  await broker.locator('#fluxo').getByText('Bom dia, sem nenhum script.').waitFor();
  await owner.getByRole('button', { name: 'Sair' }).click();
  await owner.getByRole('button', { name: 'Entrar' }).waitFor();
  await owner.goto(house.public + office.portal);
  await owner.getByRole('button', { name: 'Entrar' }).waitFor();
});

test('no button is there that only a script could move', async () => {
  const dead = new Set();
  for (const path of [office.talk, office.deal, '/conversas/nova', `${office.talk}/encerramento`, `${office.deal}/acessos/novo`, `${office.deal}/acessos`, '/contatos/novo', '/perfil', '/conversas?aba=abertos']) {
    await broker.goto(house.staff + path);
    const names = await broker.locator('button[type=button]:visible').evaluateAll(all => all.map(el => (el.getAttribute('aria-label') ?? el.textContent).trim()));
    for (const name of names) dead.add(name);
  }
  assert.deepEqual([...dead], []);
});

test('on paper every day and hour stands with its date, for who reads it next year', async () => {
  await logIn(owner, house.public, CLIENT);
  const now = Date.now();
  const part = options => new Intl.DateTimeFormat('pt-BR', { timeZone: 'America/Sao_Paulo', ...options }).format(now);
  const full = `${part({ day: 'numeric' })} de ${part({ month: 'long' })} de ${part({ year: 'numeric' })}`;
  for (const [page, address] of [[broker, house.staff + office.talk], [owner, house.public + office.portal], [broker, house.staff + office.deal]]) {
    await page.goto(address);
    const line = page.locator('#fluxo .day').first();
    assert.ok(await line.getByText('Hoje', { exact: true }).isVisible(), 'near it, as people say it');
    assert.equal(await line.getByText(full).isVisible(), false);
    await page.emulateMedia({ media: 'print' });
    assert.ok(await line.getByText(full, { exact: true }).isVisible(), full);
    assert.deepEqual(await page.getByText(/(hoje|ontem)/i).filter({ visible: true }).allInnerTexts(), [], `no such word on the paper of ${address}`);
    await page.emulateMedia({ media: 'screen' });
  }
});

test('the desk: log out', async () => {
  await broker.goto(house.staff);
  await broker.locator('.me summary').click();
  await broker.getByRole('button', { name: 'Sair' }).click();
  await broker.getByRole('button', { name: 'Entrar' }).waitFor();
  assert.deepEqual(street.wrong, []);
});
