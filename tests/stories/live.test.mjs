// What happens is on every open screen of everybody concerned, once, and on nobody else's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADMIN, BROKER, CLIENT, Hand, House, Street, atCounter, eventually, furnish, letIn, newDeal, numberOf, phone, sees, userOf } from './office.mjs';

const SOON = 5_000; // ms within which a stream ends (R1)

let house, street, office, broker, owner;

before(async () => {
  house = await House.open();
  street = await Street.open();
  office = await furnish(house);
  broker = await office.broker.sits(await street.person('broker'));
  owner = await office.client.sits(await street.person('owner', phone));
});

after(async () => {
  await street?.close();
  await house?.close();
});

const words = page => page.locator('#fluxo article.bubble .words').allInnerTexts();
const atLogin = page => page.waitForURL(/\/entrar/, { timeout: SOON });
const portalSays = text => office.client.post(`${office.portal}/mensagens`, { texto: text });

/** Opens a page and waits until its stream said its first word. */
async function live(page, address) {
  const heard = page.waitForEvent('websocket').then(socket => socket.waitForEvent('framereceived'));
  await page.goto(address);
  await heard;
  return page;
}

test('r1 ten tabs in one browser are all live', async () => {
  const screens = [office.talk, office.deal, '/conversas?aba=abertos', '/contatos', '/oportunidades'];
  const tabs = await Promise.all([...screens, ...screens].map(async screen => [screen, await live(await broker.context.newPage(), house.staff + screen)]));
  await portalSays('Dez janelas, uma resposta.');
  for (const [screen, tab] of tabs) {
    if (screen === office.talk || screen === office.deal) await tab.locator('#fluxo').getByText('Dez janelas').waitFor({ timeout: SOON });
    if (screen.includes('aba')) await tab.locator('#lista').getByText('Dez janelas').waitFor({ timeout: SOON });
  }
  // Whoever waits in the queue counts on every screen.
  const queued = await atCounter(office.reception, 'Helena Prado', 'fila');
  for (const [, tab] of tabs) await tab.locator('#nao-lidas .count').waitFor({ timeout: SOON });
  await office.broker.post(`${queued}/atendente`);
  for (const [, tab] of tabs) await tab.locator('#nao-lidas .count').waitFor({ state: 'detached', timeout: SOON });
  await Promise.all(tabs.map(([, tab]) => tab.close()));
});

test('q1 what is unread is counted in the row and beside Conversas, until it was before somebody’s eyes', async () => {
  const list = await live(broker.page, `${house.staff}/conversas?aba=abertos`);
  await portalSays('Uma.');
  await portalSays('Duas.');
  const row = list.locator('#lista a.row', { hasText: CLIENT.name });
  await row.locator('.count', { hasText: /^2/ }).waitFor();
  await list.locator('#nao-lidas .count', { hasText: /^1/ }).waitFor();
  const talk = await live(await broker.context.newPage(), house.staff + office.talk);
  await sees({ page: talk }, 'Duas.');
  await row.locator('.count').waitFor({ state: 'detached' });
  await list.locator('#nao-lidas .count').waitFor({ state: 'detached' });
  await talk.close();
});

test('r1 typing is seen on the other side and goes away by itself', async () => {
  await Promise.all([live(broker.page, house.staff + office.talk), live(owner.page, house.public + office.portal)]);
  const field = broker.page.locator('form[data-composer] textarea');
  await field.pressSequentially('Já v');
  await owner.page.locator('#digitando').waitFor();
  await owner.page.locator('#digitando').waitFor({ state: 'detached' });
  await field.fill('');
});

test('e9 a note never reaches the portal, neither the page nor the stream', async () => {
  const frames = [];
  owner.page.on('websocket', socket => socket.on('framereceived', ({ payload }) => frames.push(payload)));
  await live(owner.page, house.public + office.portal);
  await live(broker.page, house.staff + office.talk);
  const { page } = broker;
  await page.getByRole('button', { name: 'Anotação' }).click();
  await page.locator('form[data-composer] textarea').pressSequentially('Segredo: aceita 700 mil.');
  await page.keyboard.press('Enter');
  await page.locator('article.note:not([data-pending])', { hasText: 'Segredo' }).waitFor();
  const meanwhile = frames.length;
  await page.getByRole('button', { name: 'Mensagem', exact: true }).click();
  await page.locator('form[data-composer] textarea').fill('Já respondo.');
  await page.keyboard.press('Enter');
  await sees(owner, 'Já respondo.');
  assert.ok(!(await owner.page.content()).includes('Segredo'));
  assert.ok(frames.some(frame => frame.includes('Já respondo.')) && !frames.some(frame => frame.includes('Segredo')));
  assert.ok(!frames.slice(0, meanwhile).some(frame => frame.includes('digitando')), 'nor that it was being written');
  await owner.page.reload();
  await sees(owner, 'Já respondo.');
  assert.ok(!(await owner.page.content()).includes('Segredo'));
  assert.ok(!(await office.client.page(`${office.portal}/entradas?antes=9999`)).includes('Segredo'));
});

test('f01 the house is started anew while twenty messages come: no gap and no double, and what is half written stays', async () => {
  await Promise.all([live(broker.page, house.staff + office.talk), live(owner.page, house.public + office.portal)]);
  await broker.page.locator('form[data-composer] textarea').fill('Meia fra');
  const said = n => `Mensagem número ${n}.`;
  for (let n = 1; n <= 10; n++) await (n % 2 ? portalSays(said(n)) : office.broker.post(`${office.talk}/mensagens`, { texto: said(n) }));
  await house.kill();
  await house.start();
  for (let n = 11; n <= 20; n++) await (n % 2 ? portalSays(said(n)) : office.broker.post(`${office.talk}/mensagens`, { texto: said(n) }));
  const all = Array.from({ length: 20 }, (_, n) => said(n + 1));
  for (const { page } of [broker, owner]) {
    await page.locator('#fluxo').getByText(said(20)).waitFor();
    assert.deepEqual((await words(page)).filter(text => text.startsWith('Mensagem número')), all);
    await page.locator('#sem-conexao').waitFor({ state: 'hidden' });
  }
  assert.equal(await broker.page.locator('form[data-composer] textarea').inputValue(), 'Meia fra');
  await broker.page.locator('form[data-composer] textarea').fill('');
});

test('q8 the broker who loses a conversation by transfer sees it go, on all screens', async () => {
  const talk = await atCounter(office.broker, 'Ivo Lima', 'eu', 'Só para quem atende.');
  const list = await live(broker.page, `${house.staff}/conversas?aba=abertos`);
  const row = list.locator('#lista a.row', { hasText: 'Ivo Lima' });
  await row.waitFor();
  const open = await live(await broker.context.newPage(), house.staff + talk);
  const admin = await numberOf(office.reception, talk, ADMIN.name);
  await office.reception.post(`${talk}/responsavel`, { responsavel: admin });
  await row.waitFor({ state: 'detached', timeout: SOON });
  await open.getByText(`Esta conversa agora está com ${ADMIN.name}`).waitFor({ timeout: SOON });
  assert.equal(await open.getByText('Só para quem atende.').count(), 0);
  assert.equal((await office.broker.ask(talk)).status, 404);
  await open.close();
});

test('r1 a log-out in one tab ends the others', async () => {
  const person = await (await Hand.enter(house.staff, BROKER)).sits(await street.person('leaver'));
  const other = await live(await person.context.newPage(), house.staff + office.talk);
  const quiet = await live(await person.context.newPage(), `${house.staff}/contatos`);
  await person.page.goto(house.staff);
  await person.page.locator('.me summary').click();
  await person.page.getByRole('button', { name: 'Sair' }).click();
  await Promise.all([person.page, other, quiet].map(atLogin));
});

for (const [what, change] of [
  ['a role is changed', { papel: 'receptionist' }],
  ['a user is switched off', null],
]) {
  test(`r1 the stream ends when ${what}`, async () => {
    const user = { name: `Nuno ${change ? 'Lima' : 'Reis'}`, email: `nuno.${change ? 'lima' : 'reis'}@aurora.example`, password: 'sete saias de chita' };
    await office.admin.post('/sistema/usuarios', { nome: user.name, email: user.email, senha: user.password, papel: 'broker' });
    const hand = await Hand.enter(house.staff, user);
    const person = await hand.sits(await street.person(what));
    const talk = await live(person.page, house.staff + (await atCounter(hand, `Contato de ${user.name}`)));
    const list = await live(await person.context.newPage(), `${house.staff}/oportunidades`);
    const one = await userOf(office.admin, user.email);
    if (change) await office.admin.post(one, { nome: user.name, email: user.email, ...change });
    else await office.admin.post(`${one}/desativacao`, { conversas: '' });
    await Promise.all([talk, list].map(atLogin));
  });
}

test('e9 the stream ends when the access is revoked; one of two leaves the other', async () => {
  const guest = { name: 'Vasco Neves', email: 'vasco.neves@example.com', password: 'perito-das-14-horas' };
  const [first, second] = [await newDeal(office.broker, 'Casa 1', { cliente_nome: 'Cliente A' }), await newDeal(office.broker, 'Casa 2', { cliente_nome: 'Cliente B' })];
  await letIn(house, office.broker, first, guest, 'Primeira.');
  await letIn(house, office.broker, second, guest, 'Segunda.');
  const hand = await Hand.enter(house.public, guest);
  const person = await hand.sits(await street.person('appraiser', phone));
  const list = await live(person.page, `${house.public}/conversas?lista=1`);
  const tokens = await list.locator('#lista a.row').evaluateAll(rows => Object.fromEntries(rows.map(row => [row.querySelector('b').textContent, row.getAttribute('href')])));
  const open = await live(await person.context.newPage(), house.public + tokens['Casa 1']);
  const revoke = async deal => {
    const id = /\/acessos\/(\d+)\/revogacao/.exec(await office.broker.page(`${deal}/acessos`))[1];
    await office.broker.post(`/acessos/${id}/revogacao`);
  };
  await revoke(first);
  await open.waitForURL(url => url.pathname !== tokens['Casa 1'], { timeout: SOON });
  await list.locator('#lista').getByText('Casa 1').waitFor({ state: 'detached', timeout: SOON });
  await list.locator('#lista').getByText('Casa 2').waitFor();
  await revoke(second);
  await Promise.all([list, open].map(atLogin));
});

test('e1 the portal closes when the external chat is switched off', async () => {
  await live(owner.page, house.public + office.portal);
  await office.admin.post('/sistema/chat-externo');
  await atLogin(owner.page);
  await office.admin.post('/sistema/chat-externo', { ativo: 'sim' });
});

test('no page complained and nothing left for another host', () => {
  assert.deepEqual(street.wrong, []);
});
