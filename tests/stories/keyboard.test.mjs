// A day at the desk without a mouse.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CLIENT, House, Street, atCounter, eventually, furnish, sees } from './office.mjs';

let house, street, office, page;

before(async () => {
  house = await House.open();
  street = await Street.open();
  office = await furnish(house);
  await atCounter(office.broker, 'Helena Prado');
  await atCounter(office.broker, 'Ivo Lima');
  ({ page } = await office.broker.sits(await street.person('broker')));
});

after(async () => {
  await street?.close();
  await house?.close();
});

const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
/** What has the focus, by the name a screen reader says. */
const focus = () => page.evaluate(() => {
  const el = document.activeElement;
  return (el.getAttribute('aria-label') ?? el.labels?.[0]?.textContent ?? el.querySelector('b')?.textContent ?? el.textContent).trim();
});
/** Presses Tab until the focus is there; gives the names on the way. */
async function tabTo(name, most = 40) {
  const way = [];
  for (let n = 0; n < most; n++) {
    await press('Tab');
    way.push(await focus());
    if (way.at(-1) === name) return way;
  }
  throw new Error(`Tab never came to ${name}: ${way.join(' · ')}`);
}
const ringed = () => page.evaluate(() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
  return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
});

test('the first Tab offers to skip the navigation', async () => {
  await page.goto(`${house.staff}/conversas?aba=abertos`);
  await press('Tab');
  assert.equal(await focus(), 'Ir para o conteúdo');
  assert.ok(await page.evaluate(() => document.activeElement.getBoundingClientRect().top >= 0), 'and is seen');
  await press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'principal');
});

test('a list is narrowed, the arrows walk, Enter opens', async () => {
  const field = page.getByLabel('Digite o nome do contato');
  await field.focus();
  await page.keyboard.type('Ivo');
  await eventually('only he is there', async () => (await page.locator('#lista a.row').count()) === 1);
  await field.selectText();
  await press('Delete');
  await eventually('all three are there', async () => (await page.locator('#lista a.row').count()) === 3);
  await press('ArrowDown');
  assert.equal(await focus(), 'Ivo Lima');
  await press('ArrowDown', 'ArrowDown');
  assert.equal(await focus(), CLIENT.name);
  assert.ok(await ringed(), 'one sees where one is');
  await press('ArrowDown', 'Home');
  assert.equal(await focus(), 'Ivo Lima');
  await press('End', 'ArrowUp');
  assert.equal(await focus(), 'Helena Prado');
  await press('Enter');
  await page.getByRole('heading', { name: 'Helena Prado' }).waitFor();
});

test('a search that is answered late does not take the focus away', async () => {
  await page.goto(`${house.staff}/conversas?aba=abertos`);
  let letGo;
  const open = new Promise(resolve => (letGo = resolve));
  const asked = page.waitForRequest(/nome=Lima/);
  await page.route(/nome=Lima/, route => open.then(() => route.continue()));
  await page.getByLabel('Digite o nome do contato').focus();
  await page.keyboard.type('Lima');
  await asked;
  await press('ArrowDown');
  assert.equal(await focus(), 'Ivo Lima');
  letGo();
  await eventually('only he is there', async () => (await page.locator('#lista a.row').count()) === 1);
  assert.equal(await focus(), 'Ivo Lima');
  await page.unroute(/nome=Lima/);
});

test('Tab leads from the list through the head to the field, and on to its buttons', async () => {
  await page.goto(house.staff + office.talk);
  await page.locator('#lista a.row').last().focus();
  const way = await tabTo('Nova mensagem…');
  const order = ['Fechar conversa', 'Mais ações', 'Mensagens', 'Mensagem', 'Anotação', 'Nova mensagem…'];
  assert.deepEqual(way.filter(name => order.includes(name)), order);
  await page.keyboard.type('Escrita sem rato.');
  assert.deepEqual(await tabTo('Enviar'), ['Adicionar arquivo', 'Gravar áudio', 'Emojis', 'Enviar']);
  await press('Enter');
  await sees({ page }, 'Escrita sem rato.');
});

test('the emoji are chosen by arrows, and Esc goes back to the field', async () => {
  await page.getByPlaceholder('Nova mensagem…').focus();
  await tabTo('Emojis');
  await press('Enter', 'ArrowRight', 'ArrowDown', 'ArrowUp', 'Enter');
  assert.equal(await page.getByPlaceholder('Nova mensagem…').inputValue(), '😀');
  assert.equal(await focus(), 'Nova mensagem…');
  await tabTo('Emojis');
  await press('Enter', 'Escape');
  assert.equal(await focus(), 'Nova mensagem…');
  assert.ok(await page.locator('#emojis').isHidden());
  await press('Control+a', 'Delete');
});

test('a dialog takes the focus, keeps it, and gives it back at Esc', async () => {
  await page.goto(house.staff + office.deal);
  const link = page.getByRole('link', { name: 'Criar acesso externo' });
  await link.focus();
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  assert.equal(await focus(), 'E-mail');
  for (let n = 0; n < 20; n++) {
    await press('Tab');
    assert.ok(await page.evaluate(() => !document.activeElement.matches('body *') || document.activeElement.closest('dialog')), 'the page below is out of reach');
  }
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await link.evaluate(el => el === document.activeElement), true);
});

test('a menu opens, its arrows walk, Esc closes it and stands on it again', async () => {
  await page.goto(house.staff + office.talk);
  const menu = page.getByLabel('Mais ações');
  await menu.focus();
  await press('Enter', 'ArrowDown');
  assert.notEqual(await focus(), 'Mais ações');
  await press('Escape');
  assert.equal(await focus(), 'Mais ações');
  assert.equal(await page.locator('details[data-menu][open]').count(), 0);
});

test('a finger beside them closes menu and emoji, also on an iPhone, where that is no click', async () => {
  const beside = () => page.locator('#fluxo').dispatchEvent('pointerdown');
  await page.getByLabel('Mais ações').click();
  await page.locator('details[data-menu][open]').waitFor();
  await beside();
  assert.equal(await page.locator('details[data-menu][open]').count(), 0);
  await page.getByRole('button', { name: 'Emojis' }).click();
  await page.locator('#emojis').waitFor();
  await beside();
  assert.ok(await page.locator('#emojis').isHidden());
});

test('a conversation is closed without a mouse', async () => {
  await page.getByRole('link', { name: 'Fechar conversa' }).first().focus();
  await press('Enter');
  await page.getByRole('dialog').getByLabel('Motivo').waitFor();
  assert.equal(await focus(), 'Motivo');
  await page.keyboard.type('Proposta');
  await tabTo('Fechar conversa', 5);
  await press('Enter');
  await page.getByText('fechou a conversa · Proposta').waitFor();
});

test('no page complained and nothing left for another host', () => {
  assert.deepEqual(street.wrong, []);
});
