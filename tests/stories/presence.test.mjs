// Who is in the house (P1–P6): asked at the door, read at the front desk, kept by the day. In real browsers, live.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADMIN, BROKER, Hand, House, RECEPTION, Street, addUser, atCounter, eventually, phone, setUp } from './office.mjs';

const DANIEL = { name: 'Daniel Freitas', email: 'daniel@aurora.example', password: 'sete ondas do mar', role: 'broker' };
let house, street, admin, reception, broker, daniel;

before(async () => {
  [house, street] = await Promise.all([House.open(), Street.open()]);
  [admin, reception, broker, daniel] = await Promise.all(['admin', 'reception', 'broker', 'daniel'].map(name => street.person(name)));
});

after(async () => {
  await street?.close();
  await house?.close();
});

/** Types e-mail and password, and stays where that leads. */
async function knock({ page }, { email, password }) {
  await page.goto(`${house.staff}/entrar`);
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Senha', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Entrar' }).click();
}

async function checkIn({ page }, extension) {
  await page.getByLabel('Ramal').fill(extension);
  await page.getByRole('button', { name: 'Registrar entrada' }).click();
}

const zone = (hand, fuso) => hand.post('/sistema/agencia', { nome: 'Aurora Imóveis', cor: '165', idioma: 'pt-BR', fuso });
const line = ({ page }, name) => page.locator('.person', { has: page.locator('b', { hasText: name }) });
const reads = (person, name, text) => line(person, name).getByText(text).first().waitFor();

test('p5: the admin switches the register on, writes the reasons, makes it obligatory', async () => {
  await setUp(house, admin);
  await zone(await Hand.enter(house.staff, ADMIN), 'Pacific/Pago_Pago');
  for (const user of [RECEPTION, BROKER, DANIEL]) await addUser(house, admin, user);
  const { page } = admin;
  assert.equal(await page.getByRole('link', { name: 'Usuários online', exact: true }).count(), 0, 'off: it is not there');
  await page.goto(`${house.staff}/sistema`);
  await page.getByRole('link', { name: 'Controle de usuários online' }).click();
  await page.getByLabel('Ativar o controle de usuários Online').check();
  await page.getByLabel('Motivos de ausências').fill('Almoço\nVisita\n\nFim do expediente\n');
  await page.getByLabel('Tornar obrigatório o registro de entrada e saída do sistema pelo usuário').check();
  await page.getByRole('button', { name: 'Salvar' }).click();
  // From here it holds for everybody, also for whoever switched it on.
  await page.getByText('Em que ramal você atende agora?').waitFor();
  await page.getByRole('button', { name: 'Registrar entrada' }).click();
  await page.getByText('Preencha este campo').waitFor();
  await checkIn(admin, '200');
  await page.getByRole('heading', { name: 'Controle de usuários online' }).waitFor();
  assert.deepEqual((await page.getByLabel('Motivos de ausências').inputValue()).split('\n'), ['Almoço', 'Visita', 'Fim do expediente']);
});

test('p1: after the login only the extension is asked, and nothing else opens before it', async () => {
  await knock(broker, BROKER);
  const { page } = broker;
  await page.getByText('Em que ramal você atende agora?').waitFor();
  assert.ok(await page.getByLabel('Ramal').evaluate(field => field === document.activeElement), 'it is typed at once');
  for (const path of ['/', '/conversas', '/contatos', '/busca', '/perfil', '/usuarios-online']) {
    await page.goto(house.staff + path);
    await page.getByText('Em que ramal você atende agora?').waitFor();
  }
  await page.goto(`${house.staff}/contatos`);
  await checkIn(broker, '204');
  await page.getByRole('heading', { name: 'Contatos' }).waitFor();
});

test('p3: the front desk types two letters and reads where to transfer the call', async () => {
  await knock(reception, RECEPTION);
  await checkIn(reception, '100');
  const { page } = reception;
  await page.getByRole('link', { name: 'Usuários online' }).click();
  await reads(reception, 'Beatriz Lemos', '204');
  await reads(reception, 'Carla Nunes', '200');
  await page.keyboard.type('be'); // wherever the focus is
  await line(reception, 'Carla Nunes').waitFor({ state: 'detached' });
  await reads(reception, 'Beatriz Lemos', /desde \d\d:\d\d/);
  const size = await line(reception, 'Beatriz Lemos').locator('strong').evaluate(el => parseFloat(getComputedStyle(el).fontSize));
  assert.ok(size >= 24, `the extension is read from a chair away: ${size}px`);
  await page.keyboard.press('Escape');
  await reads(reception, 'Carla Nunes', '200');
  assert.ok(await page.getByLabel('Digite um nome').evaluate(field => field === document.activeElement && !field.value), 'for the next call');
  await page.getByText('Daniel Freitas').waitFor();
});

test('p4: the receptionist records somebody without a computer, and corrects the extension; others may not', async () => {
  const { page } = reception;
  await page.getByRole('link', { name: 'Registrar usuário' }).click();
  const window = page.getByRole('dialog');
  await window.getByLabel('Usuário').selectOption({ label: 'Daniel Freitas · sem registro hoje' });
  await window.getByRole('button', { name: 'Salvar' }).click();
  await window.getByText('Preencha este campo').waitFor();
  await window.getByLabel('Ramal').fill('310');
  await window.getByRole('button', { name: 'Salvar' }).click();
  await reads(reception, 'Daniel Freitas', '310');
  await reads(reception, 'Daniel Freitas', 'registrado por Rosa Prado');
  await line(reception, 'Daniel Freitas').getByRole('link', { name: 'Alterar ramal' }).click();
  await window.getByLabel('Ramal').fill('311');
  await window.getByRole('button', { name: 'Salvar' }).click();
  await reads(reception, 'Daniel Freitas', '311');

  await broker.page.goto(`${house.staff}/usuarios-online`);
  await reads(broker, 'Daniel Freitas', '311');
  assert.equal(await line(broker, 'Daniel Freitas').getByRole('link').count(), 0, 'a broker changes nobody else');
  assert.equal(await line(broker, 'Beatriz Lemos').getByRole('link').count(), 2, 'but herself');
});

test('p3: two at one extension are allowed, and pointed out on every screen', async () => {
  await line(broker, 'Beatriz Lemos').getByRole('link', { name: 'Alterar ramal' }).click();
  await broker.page.getByRole('dialog').getByLabel('Ramal').fill('311');
  await broker.page.getByRole('dialog').getByRole('button', { name: 'Salvar' }).click();
  for (const person of [broker, reception]) {
    await reads(person, 'Beatriz Lemos', 'mesmo ramal: Daniel Freitas');
    await reads(person, 'Daniel Freitas', 'mesmo ramal: Beatriz Lemos');
  }
});

test('p6: transfer lists show who is in, prefer them, and say when the chosen one is out', async () => {
  const talk = await atCounter(await Hand.enter(house.staff, ADMIN), 'Helena Prado', 'eu');
  const { page } = admin;
  await page.goto(house.staff + talk);
  const choice = page.locator('#responsavel-lado');
  await eventually('those in the house stand with their extension', async () => (await choice.innerText()).includes('Daniel Freitas · ramal 311'));
  // Daniel leaves; the list that is open elsewhere says so by itself.
  await line(reception, 'Daniel Freitas').getByRole('link', { name: 'Registrar saída' }).click();
  const window = reception.page.getByRole('dialog');
  await window.getByRole('button', { name: 'Salvar' }).click();
  await window.getByText('Preencha este campo').waitFor();
  await window.getByLabel('Motivo da ausência').selectOption('Almoço');
  await window.getByRole('button', { name: 'Salvar' }).click();
  await reads(reception, 'Daniel Freitas', /Almoço, \d\d:\d\d/);
  await reads(broker, 'Daniel Freitas', /Almoço, \d\d:\d\d/);
  await eventually('he stands among those who are out', async () => /Daniel Freitas · Almoço, \d\d:\d\d/.test(await choice.locator('optgroup[label="Fora"]').innerText()));
  assert.match(await choice.innerText(), /Beatriz[^]*Daniel/, 'behind those who are in');
  await choice.selectOption({ label: (await choice.locator('optgroup option', { hasText: 'Daniel' }).innerText()).trim() });
  await page.getByText(/Daniel Freitas está fora: Almoço, \d\d:\d\d\./).waitFor();
  // A broker who gives hers away sees it no more, and reads where it went.
  const { page: hers } = broker;
  await hers.goto(house.staff + (await atCounter(await Hand.enter(house.staff, ADMIN), 'Ivo Prado', 'fila')));
  await hers.getByRole('button', { name: 'Assumir' }).click();
  const list = hers.locator('#responsavel-lado');
  await list.selectOption({ label: (await list.locator('optgroup option', { hasText: 'Daniel' }).innerText()).trim() });
  await hers.getByText(/Conversa passada para Daniel Freitas\. Daniel Freitas está fora: Almoço, \d\d:\d\d\./).waitFor();
  await hers.goto(`${house.staff}/usuarios-online`);
});

test('p2: at the logout extension and reason are asked; on every screen the line turns grey', async () => {
  const { page } = broker;
  await page.locator('details.me summary').click();
  await page.getByRole('button', { name: 'Sair' }).click();
  await page.getByRole('heading', { name: 'Saindo?' }).waitFor();
  assert.equal(await page.getByLabel('Ramal').inputValue(), '311', 'the extension is offered');
  assert.equal(await page.getByRole('button', { name: 'Sair sem registrar saída' }).count(), 0, 'obligatory');
  await page.getByRole('button', { name: 'Registrar saída e sair' }).click();
  await page.getByText('Preencha este campo').waitFor();
  await page.getByLabel('Motivo da ausência').selectOption('Visita');
  await page.getByRole('button', { name: 'Registrar saída e sair' }).click();
  await page.getByRole('button', { name: 'Entrar' }).waitFor();
  await reads(reception, 'Beatriz Lemos', /Visita, \d\d:\d\d/);
  assert.ok(await line(reception, 'Beatriz Lemos').evaluate(el => el.matches('.out')));
});

test('p2: a browser that was merely closed does not record an exit; the last extension is offered again', async () => {
  await knock(daniel, DANIEL);
  await daniel.page.getByText('Em que ramal você atende agora?').waitFor();
  assert.equal(await daniel.page.getByLabel('Ramal').inputValue(), '311');
  await checkIn(daniel, '205');
  await reads(reception, 'Daniel Freitas', '205');
  await daniel.context.close();
  await reception.page.reload();
  await reads(reception, 'Daniel Freitas', /desde \d\d:\d\d/);
});

test('p3: the reception’s panel shows who is in and who waits, by the keyboard alone, and outlives a restart', async () => {
  const wall = await street.person('wall');
  await wall.context.addCookies(await reception.context.cookies());
  const { page } = wall;
  await page.goto(`${house.staff}/usuarios-online/painel`);
  await page.getByText('Ninguém esperando.').waitFor();
  const hand = await Hand.enter(house.staff, RECEPTION);
  await atCounter(hand, 'Olga Reis', 'fila');
  await page.locator('#espera').getByText('Olga Reis').waitFor();
  await page.keyboard.type('dan');
  await line(wall, 'Carla Nunes').waitFor({ state: 'detached' });
  await reads(wall, 'Daniel Freitas', '205');
  await house.kill();
  await house.start();
  const again = await Hand.enter(house.staff, RECEPTION);
  const stay = /\/usuarios-online\/\d+(?=\/ramal)/.exec((await again.page('/usuarios-online?nome=daniel')))[0];
  await again.post(`${stay}/ramal`, { ramal: '206' });
  await atCounter(again, 'Rui Dias', 'fila');
  await reads(wall, 'Daniel Freitas', '206');
  await page.locator('#espera').getByText('Rui Dias').waitFor();
  assert.equal(await page.getByLabel('Digite um nome').inputValue(), 'dan', 'what was typed stands');
  await page.getByLabel('Digite um nome').fill('');
  await reads(wall, 'Carla Nunes', '200');
});

test('p3: the panel’s clock is the agency’s, goes on by itself and does not believe the screen’s own', async () => {
  const wall = await street.person('clock');
  await wall.context.addCookies(await reception.context.cookies());
  const { page } = wall;
  await page.clock.install({ time: '2020-01-01T03:00:00Z' });
  await page.goto(`${house.staff}/usuarios-online/painel`);
  const words = new Intl.DateTimeFormat('pt-BR', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'Pacific/Pago_Pago' });
  const shows = minutes => eventually(`the hour there, ${minutes} minutes on`, async () => (await page.locator('time.wall-clock').innerText()) === words.format(Date.now() + minutes * 60_000));
  await shows(0);
  await page.clock.fastForward('07:00');
  await shows(7);
});

test('p3: on the phone the whole icon opens the calendar, in every browser', async () => {
  const small = await street.person('reception small', phone);
  await small.context.addCookies(await reception.context.cookies());
  const { page } = small;
  await page.goto(`${house.staff}/usuarios-online`);
  await page.evaluate(() => (HTMLInputElement.prototype.showPicker = function () { this.dataset.shown = 'yes'; }));
  for (const position of [{ x: 3, y: 22 }, { x: 38, y: 22 }]) {
    await page.locator('#dia').click({ position });
    await page.locator('#dia[data-shown]').waitFor();
    await page.locator('#dia').evaluate(el => delete el.dataset.shown);
  }
});

test('p3: when the agency’s day ends everybody is out, marked so; the day before can be read and downloaded', async () => {
  const hand = await Hand.enter(house.staff, ADMIN);
  const before = /name="dia" value="([^"]+)"/.exec(await hand.page('/usuarios-online'))[1];
  // A day passes at once: the same moment is the next date on the other side of the date line, always.
  await zone(hand, 'Pacific/Kiritimati');
  const shown = reception.page;
  await shown.getByText('Em que ramal você atende agora?').waitFor();
  await checkIn(reception, '100');
  await shown.goto(`${house.staff}/usuarios-online`);
  await shown.locator('#quem-falta').waitFor();
  assert.equal(await shown.locator('.person').count(), 1, 'only who was asked again');
  await shown.getByRole('link', { name: 'Dia anterior' }).click();
  await eventually('the day before', async () => shown.url().includes(`dia=${before}`) || (await shown.getByRole('link', { name: 'Dia anterior' }).click(), false));
  const row = shown.locator('tr', { hasText: 'Daniel Freitas' }).last();
  await row.getByText('Sem registro de saída').waitFor();
  assert.equal((await hand.ask('/conversas')).status, 401, 'the admin is asked again too');
  await hand.post('/usuarios-online/entrada', { ramal: '200' });
  const bytes = Buffer.from(await (await hand.ask(`/usuarios-online/dia.csv?dia=${before}`)).arrayBuffer());
  const csv = bytes.toString();
  assert.match(csv, /^\ufeff"Dia";"Nome";"Ramal";/);
  assert.match(csv, new RegExp(`"${before}";"Daniel Freitas";"311";"\\d\\d:\\d\\d";"Rosa Prado";"\\d\\d:\\d\\d";"Rosa Prado";"Almoço";`));
  assert.deepEqual(street.wrong, []);
});
