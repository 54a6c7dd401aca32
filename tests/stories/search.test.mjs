// Everything is found, by those who may see it, and opens at its place.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CLIENT, Hand, House, RECEPTION, Street, atCounter, enterPortal, eventually, furnish, numberOf, sees } from './office.mjs';

const OTHER = { name: 'Otávio Rios', email: 'otavio@aurora.example', password: 'cinco patos na lagoa', role: 'broker' };
let house, street, office, page, long, other;

before(async () => {
  house = await House.open();
  street = await Street.open();
  office = await furnish(house);
  const { admin, broker } = office;
  await admin.post('/sistema/usuarios', { nome: OTHER.name, email: OTHER.email, senha: OTHER.password, papel: OTHER.role });
  other = await Hand.enter(house.staff, OTHER);
  const say = (talk, texto, modo = 'mensagem') => broker.post(`${talk}/mensagens`, { texto, modo });
  await say(office.talk, 'O contrato de locação está pronto para assinar.');
  await say(office.talk, 'Fiador ainda não mandou os papéis.', 'anotacao');
  long = await atCounter(broker, 'Helena Prado', 'eu', 'Preciso do boleto de janeiro.');
  for (let n = 1; n <= 380; n++) await say(long, n === 190 ? 'O boleto de junho vence amanhã.' : `Recado número ${n}.`);
  await say(long, 'Boleto de dezembro pago, obrigado.');
  ({ page } = await broker.sits(await street.person('broker')));
});

after(async () => {
  await street?.close();
  await house?.close();
});

const hits = () => page.locator('#achados a.hit');
/** Asks until the index, which follows within a second, has it. */
async function finds(hand, query, text) {
  return eventually(`${query} finds ${text}`, async () => (await hand.page(`/busca?${query}`)).includes(text));
}
const findsNothing = async (hand, query) => assert.ok(!(await hand.page(`/busca?${query}`)).includes('class="row hit'), query);

test('r2 Ctrl+K from anywhere: a word in another form is found while it is typed, and opens at its place, marked', async () => {
  await finds(office.broker, 'q=boleto+dezembro', 'pago');
  await page.goto(`${house.staff}/contatos`);
  await page.keyboard.press('Control+k');
  await page.getByRole('heading', { name: 'Buscar' }).waitFor();
  await page.keyboard.type('contratos locacao');
  await eventually('the one message is there', async () => (await hits().count()) === 1 && (await hits().innerText()).includes('contrato de locação'));
  await eventually('both words are marked', async () => (await page.locator('#achados mark').allInnerTexts()).join() === 'contrato,locação');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: CLIENT.name }).waitFor();
  const goal = page.locator('.bubble:target');
  await goal.waitFor();
  assert.deepEqual(await goal.locator('mark').allInnerTexts(), ['contrato', 'locação']);
  assert.ok(await goal.evaluate(el => { const r = el.getBoundingClientRect(); return r.top > 60 && r.bottom < innerHeight; }), 'and is in sight');
  await page.goBack();
  await eventually('the hits are there again', async () => (await hits().count()) === 1);
});

test('r2 quotes mean exactly so; / comes back to the field; a search without a hit says what to do', async () => {
  await page.locator('body').press('/');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
  await page.getByRole('searchbox', { name: 'Buscar', exact: true }).fill('"contratos de locacao"');
  await page.getByText('Nada encontrado com essas palavras.').waitFor();
  await page.getByRole('searchbox', { name: 'Buscar', exact: true }).fill('"contrato de locacao"');
  await eventually('exactly this', async () => (await hits().count()) === 1);
  await page.getByLabel('Escrito por').selectOption({ label: RECEPTION.name });
  await page.getByText('Nada encontrado assim. Tire um filtro ou uma palavra.').waitFor();
  assert.match(page.url(), /pessoa=\d+/, 'the address says what is shown');
  await page.reload();
  await page.getByText('Nada encontrado assim').waitFor();
});

test('r2 kind, person and day narrow; file names, contacts and opportunities are found', async () => {
  const { broker } = office;
  const file = await broker.upload('Planta baixa do térreo.pdf', Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'));
  await broker.post(`${office.talk}/mensagens`, [['texto', ''], ['modo', 'mensagem'], ['arquivo', file]]);
  await finds(broker, 'q=plantas+terreo', '<mark>Planta</mark>');
  await finds(broker, 'q=fiador', 'papéis');
  await findsNothing(broker, 'q=fiador&tipo=mensagens');
  await finds(broker, 'q=fiador&tipo=notas', 'papéis');
  await finds(broker, 'q=marta&tipo=contatos', 'Marta');
  await finds(broker, 'q=loft&tipo=oportunidades', 'Loft');
  const ago = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  await finds(broker, `q=fiador&de=${ago}`, 'papéis');
  await findsNothing(broker, `q=fiador&ate=${ago}`);
  await finds(broker, `q=fiador&de=${ago}&ate=2999-01-01`, 'papéis');
  await finds(broker, `q=fiador&pessoa=${await numberOf(broker, '/busca', 'Beatriz Lemos')}`, 'papéis');
  await finds(broker, 'q=3774+3039&tipo=contatos', 'Marta');
});

test('r2 who may not see it does not find it, nor that there is something', async () => {
  await finds(office.reception, 'q=fiador', 'papéis');
  await findsNothing(other, 'q=fiador');
  await findsNothing(other, 'q=contrato+locacao');
  await findsNothing(other, 'q=loft');
});

const inField = () => eventually('the field has the focus', () => page.evaluate(() => document.activeElement?.name === 'busca'));

test('q6 inside a conversation: from hit to hit, old ones too, and back to the newest', async () => {
  await page.goto(house.staff + long);
  await page.getByRole('link', { name: 'Buscar nesta conversa' }).click();
  await page.getByPlaceholder('Buscar nesta conversa').fill('boletos');
  await page.keyboard.press('Enter');
  await page.getByText('1 de 3').waitFor();
  await sees({ page }, 'Boleto de dezembro pago');
  assert.equal(await page.locator('.bubble:target mark').innerText(), 'Boleto');
  await inField();
  await page.keyboard.press('Enter');
  await page.getByText('2 de 3').waitFor();
  assert.match(await page.locator('.bubble:target').innerText(), /junho/);
  assert.ok(await page.getByPlaceholder('Nova mensagem…').isVisible(), 'all up to the newest is there: one may go on writing');
  await inField();
  await page.keyboard.press('Enter');
  await page.getByText('3 de 3').waitFor();
  assert.match(await page.locator('.bubble:target').innerText(), /janeiro/);
  await page.getByText('Você está lendo mensagens antigas.').waitFor();
  // What is said meanwhile belongs behind the newest, not behind what is being read.
  await office.broker.post(`${long}/mensagens`, { texto: 'Acabei de chegar.', modo: 'mensagem' });
  await eventually('the list knows', () => page.locator('#lista', { hasText: 'Acabei de chegar.' }).count());
  assert.equal(await page.locator('#fluxo', { hasText: 'Acabei de chegar.' }).count(), 0);
  await page.keyboard.press('Shift+Enter');
  await page.getByText('2 de 3').waitFor();
  await inField();
  await page.keyboard.press('Escape');
  await page.getByPlaceholder('Nova mensagem…').waitFor();
  await sees({ page }, 'Acabei de chegar.');
  assert.equal(await page.locator('mark').count(), 0);
});

test('q6 old messages can be read on from where one came', async () => {
  await page.goto(`${house.staff}${long}?busca=janeiro`);
  await page.getByText('1 de 1').waitFor();
  await page.getByRole('link', { name: 'Mostrar seguintes' }).click();
  await sees({ page }, 'Recado número 100.');
  await page.getByRole('link', { name: 'Mostrar seguintes' }).click();
  await page.getByPlaceholder('Nova mensagem…').waitFor();
  await sees({ page }, 'Boleto de dezembro pago');
  assert.equal(await page.getByRole('link', { name: 'Mostrar seguintes' }).count(), 0, 'the rest fits');
});

test('q6 the client finds what was said to them, and nothing else', async () => {
  const client = await street.person('client');
  await enterPortal(house, client, CLIENT.email, CLIENT.password);
  await client.page.getByRole('link', { name: 'Buscar nesta conversa' }).click();
  await client.page.getByPlaceholder('Buscar nesta conversa').fill('contrato');
  await client.page.keyboard.press('Enter');
  await client.page.getByText('1 de 1').waitFor();
  assert.equal(await client.page.locator('.bubble:target mark').innerText(), 'contrato');
  await client.page.getByPlaceholder('Buscar nesta conversa').fill('fiador');
  await client.page.keyboard.press('Enter');
  await client.page.getByText('Nenhum resultado').waitFor();
});

test('r2 without scripts it is a form and a list of links', async () => {
  const html = await office.broker.page('/busca?q=contratos');
  const to = /href="(\/conversas\/\d+\?busca=contratos&amp;em=\d+#e-\d+)"/.exec(html);
  assert.ok(to, html.slice(0, 2_000));
  assert.ok((await office.broker.page(to[1].replace('&amp;', '&'))).includes('<mark>contrato</mark>'));
  assert.deepEqual(street.wrong, []);
});
