// Whose conversation, whose opportunity: one types two letters and chooses, by keyboard, by hand, or without any script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CLIENT, House, Street, eventually, furnish, phone } from './office.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let house, street, office, page;

before(async () => {
  house = await House.open();
  street = await Street.open();
  office = await furnish(house);
  for (const [nome, emails, telefones] of [['Ana Lima', 'ana@example.com', '62 99877 4039'], ['Ana Lima', '', '62 98111 2222'], ['Bruno Ana Reis', '', '']]) {
    await office.broker.post('/contatos', { nome, emails, telefones });
  }
  ({ page } = await office.broker.sits(await street.person('broker')));
});

after(async () => {
  await street?.close();
  await house?.close();
});

const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const window = () => page.getByRole('dialog');
const field = () => window().getByRole('combobox', { name: 'Contato' });
const options = () => window().getByRole('listbox').getByRole('option');
const names = () => options().locator('b').allInnerTexts();
/** What stands below the field. */
const said = () => window().locator('.picker > .hint').textContent();
/** What a screen reader says is active in the list. */
const active = () => field().evaluate(el => document.getElementById(el.getAttribute('aria-activedescendant'))?.innerText.split('\n') ?? null);

async function open() {
  await page.goto(`${house.staff}/conversas?aba=abertos`);
  await page.getByRole('link', { name: 'Nova conversa' }).click();
  await field().waitFor();
}

async function judged(on, name) {
  await on.evaluate(AXE);
  const { violations } = await on.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id} ${nodes.map(node => node.target)}`), [], name);
  if (process.env.SHOTS) await on.screenshot({ path: join(process.env.SHOTS, `picker-${name}.png`) });
}

test('two letters, arrows and Enter: the second Ana, told by her phone', async () => {
  await open();
  assert.equal(await field().evaluate(el => el === document.activeElement), true, 'one may type at once');
  await page.keyboard.type('an');
  await window().getByRole('listbox').waitFor();
  assert.deepEqual(await names(), ['Ana Lima', 'Ana Lima', 'Bruno Ana Reis']);
  assert.equal(await field().getAttribute('aria-expanded'), 'true');
  assert.equal(await active(), null);
  await judged(page, 'open');
  await press('ArrowDown', 'ArrowDown');
  assert.deepEqual(await active(), ['Ana Lima', '(62) 98111-2222']);
  await press('ArrowUp', 'ArrowUp');
  assert.match((await active())[0], /Cadastrar “an”/, 'round the end');
  await press('ArrowDown', 'ArrowDown', 'Enter');
  assert.equal(await field().inputValue(), 'Ana Lima');
  assert.equal(await window().getByRole('listbox').count(), 0);
  assert.equal(await said(), '(62) 98111-2222');
  assert.equal(await window().getByLabel('Telefone').isVisible(), false, 'nothing more is asked');
  await judged(page, 'chosen');
  await window().getByLabel('Do que se trata').fill('Quer visitar o loft.');
  await window().getByRole('button', { name: 'Confirmar' }).click();
  await page.getByRole('heading', { name: 'Ana Lima' }).waitFor();
  await page.locator('#lado').getByText('(62) 98111-2222').waitFor();
});

test('Esc closes the list and then asks before it closes the dialog; an empty field offers whom one talked with', async () => {
  await open();
  await press('ArrowDown');
  await window().getByRole('listbox').waitFor();
  assert.deepEqual((await names()).slice(0, 2), ['Ana Lima', CLIENT.name], 'lately first');
  await press('Escape');
  assert.equal(await window().getByRole('listbox').count(), 0);
  assert.ok(await window().isVisible());
  await press('Escape');
  await window().waitFor({ state: 'hidden' });
});

test('nobody is called so: what was typed is the new contact', async () => {
  await open();
  await page.keyboard.type('Olga Reis');
  await window().getByRole('option', { name: 'Cadastrar “Olga Reis” como contato novo' }).click();
  assert.match(await said(), /será cadastrado com este nome/);
  await window().getByLabel('Telefone').fill('62 3333 4444');
  await window().getByLabel('Do que se trata').fill('Ligou.');
  await window().getByRole('button', { name: 'Confirmar' }).click();
  await page.getByRole('heading', { name: 'Olga Reis' }).waitFor();
  await page.locator('#lado').getByText('(62) 3333-4444').waitFor();
});

test('a choice is taken back, and a text that fits two is asked about where it was typed', async () => {
  await open();
  await page.keyboard.type('ana l');
  await options().first().click();
  await window().getByRole('button', { name: 'Escolher outro contato' }).click();
  assert.equal(await field().inputValue(), '');
  await page.keyboard.type('ana lima');
  await window().getByRole('listbox').waitFor();
  await press('Escape');
  await window().getByLabel('Do que se trata').fill('Sobre as chaves.');
  await window().getByRole('button', { name: 'Confirmar' }).click();
  await window().getByText('Qual deles?').waitFor();
  await judged(page, 'which');
  assert.equal(await window().getByLabel('Do que se trata').inputValue(), 'Sobre as chaves.');
  await window().getByRole('radio', { name: 'Ana Lima' }).first().check();
  await window().getByRole('button', { name: 'Confirmar' }).click();
  await page.locator('#lado').getByText('ana@example.com').waitFor();
});

test('an opportunity has its client chosen already, and another is a touch away on the phone', async () => {
  const { page: small } = await office.broker.sits(await street.person('broker on the phone', phone));
  await small.goto(house.staff + office.deal);
  await small.getByRole('link', { name: 'Editar' }).first().tap();
  const client = small.getByRole('dialog').getByRole('combobox', { name: 'Potencial cliente' });
  await client.waitFor();
  assert.equal(await client.inputValue(), CLIENT.name);
  await judged(small, 'edit-360');
  await small.getByRole('button', { name: 'Escolher outro contato' }).tap();
  await client.fill('bru');
  const option = small.getByRole('listbox').getByRole('option').first();
  await option.waitFor();
  await judged(small, 'open-360');
  const { width, height, x } = await option.boundingBox();
  assert.ok(height >= 44 && x >= 0 && x + width <= 360, `a finger hits it: ${x} ${width}×${height}`);
  await option.tap();
  await small.getByRole('button', { name: 'Salvar' }).tap();
  await small.getByRole('dialog').waitFor({ state: 'hidden' });
  await eventually('he is the client now', async () => (await small.locator('#lado-oportunidade .card-name').textContent()) === 'Bruno Ana Reis');
});

test('without scripts the form asks, and what was typed stays', async () => {
  const { page: plain } = await office.broker.sits(await street.person('without scripts', { javaScriptEnabled: false }));
  await plain.goto(`${house.staff}/conversas/nova`);
  await plain.getByLabel('Contato').first().fill('ana');
  await plain.getByLabel('Do que se trata').fill('Perguntou pelo contrato.');
  await plain.getByRole('button', { name: 'Confirmar' }).click();
  await plain.getByText('Qual deles?').waitFor();
  assert.equal(await plain.getByLabel('Do que se trata').inputValue(), 'Perguntou pelo contrato.');
  await plain.getByRole('radio', { name: 'Bruno Ana Reis' }).check();
  await plain.getByRole('button', { name: 'Confirmar' }).click();
  await plain.getByRole('heading', { name: 'Bruno Ana Reis' }).waitFor();
  await plain.goto(`${house.staff}/conversas/nova`);
  await plain.getByLabel('Contato').first().fill('Nair Prado');
  await plain.getByLabel('Do que se trata').fill('Ligou.');
  await plain.getByRole('button', { name: 'Confirmar' }).click();
  await plain.getByRole('heading', { name: 'Nair Prado' }).waitFor();
  assert.deepEqual(street.wrong, []);
});
