// The first story: a broker and an outsider talk, live, and every word is kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN, BROKER, RECEPTION, House, Street, addUser, enterPortal, eventually, logIn, phone, say, sees, setUp } from './office.mjs';
import { pdf, png } from './paper.mjs';

const OWNER = { email: 'marta.pedro@example.com', password: 'Imo35avalextern95' };
const APPRAISER = { name: 'Vasco Neves', email: 'vasco.neves@example.com', password: 'perito-das-14-horas' };

let house, street, admin, broker, reception, owner, appraiser;

before(async () => {
  house = await House.open();
  street = await Street.open();
  [admin, broker, reception] = await Promise.all(['admin', 'broker', 'reception'].map(name => street.person(name)));
  owner = await street.person('owner', phone);
  appraiser = await street.person('appraiser', phone);
});

after(async () => {
  await street?.close();
  await house?.close();
});

test('the admin opens the agency with the printed code, and adds a broker and a receptionist', async () => {
  await setUp(house, admin);
  await addUser(house, admin, BROKER);
  await addUser(house, admin, RECEPTION);
  await logIn(house, broker, BROKER);
  await logIn(house, reception, RECEPTION);
});

test('the broker makes a contact and the opportunity VEN-1', async () => {
  const { page } = broker;
  await page.getByRole('link', { name: 'Oportunidades' }).click();
  await page.getByRole('link', { name: 'Nova oportunidade' }).first().click();
  const window = page.getByRole('dialog');
  await window.getByLabel('Título').fill('Apartamento T4, Setor Bueno');
  await window.getByRole('combobox', { name: 'Potencial cliente' }).fill('Marta Pedro');
  await window.getByLabel('E-mail', { exact: true }).fill(OWNER.email);
  await window.getByLabel('Telefone').fill('62 3774 3039');
  await window.getByLabel('Valor').fill('775.000');
  await window.getByRole('button', { name: 'Criar' }).click();
  await page.getByRole('heading', { name: 'VEN-1' }).waitFor();
  await page.getByText('R$ 775.000').first().waitFor();
});

test('e5_e6 the external access is created with a file; link and password are shown once', async () => {
  const { page } = broker;
  writeFileSync(join(house.dir, 'autorizacao.pdf'), pdf('Autorização de acesso'));
  await page.getByRole('link', { name: 'Criar acesso externo' }).click();
  const window = page.getByRole('dialog');
  await eventually('the client’s e-mail is offered', async () => (await window.getByLabel('E-mail', { exact: true }).inputValue()) === OWNER.email);
  await window.getByText('não está configurado').waitFor();
  assert.ok(await window.getByLabel('Enviar e-mail com os dados de acesso').isDisabled());
  await window.getByLabel('Senha').fill('curta');
  await window.getByLabel('Mensagem').fill('Boa tarde, dona Marta. Segue a autorização.');
  await window.locator('input[type=file]').setInputFiles(join(house.dir, 'autorizacao.pdf'));
  await window.locator('.chip[data-state=done]').waitFor();
  await window.getByRole('button', { name: 'Criar acesso' }).click();
  await window.locator('.wrong', { hasText: 'Pelo menos 8 caracteres' }).waitFor();
  assert.equal(await window.getByLabel('Mensagem').inputValue(), 'Boa tarde, dona Marta. Segue a autorização.', 'what was typed is kept');
  await window.getByLabel('Senha').fill(OWNER.password);
  await window.getByRole('button', { name: 'Criar acesso' }).click();
  await window.getByText('Acesso criado').waitFor();
  assert.equal(await window.getByLabel('Senha').inputValue(), OWNER.password);
  assert.match(await window.getByLabel('Link').inputValue(), /^http:\/\/127\.0\.0\.1:\d+$/);
  await window.getByRole('link', { name: 'Pronto' }).click();
  await sees(broker, 'Boa tarde, dona Marta');
  await page.locator('#fluxo').getByText('autorizacao.pdf').waitFor();
  assert.ok(!(await page.content()).includes(OWNER.password), 'the password is gone');
});

test('e8 the owner enters on her phone, reads, and answers; the broker sees it come', async () => {
  await enterPortal(house, owner, OWNER.email, OWNER.password);
  await sees(owner, 'Boa tarde, dona Marta');
  await owner.page.getByPlaceholder('Nova mensagem…').pressSequentially('Bom dia');
  await broker.page.getByText('Marta está digitando').waitFor();
  await owner.page.getByPlaceholder('Nova mensagem…').fill('');
  await say(owner, 'Bom dia. Recebi, obrigada.');
  await sees(broker, 'Recebi, obrigada.');
  await broker.page.locator('#digitando').waitFor({ state: 'detached' });
});

test('q10 a photo and a recorded audio arrive', async () => {
  writeFileSync(join(house.dir, 'sala.png'), png(320, 200));
  await owner.page.locator('form[data-composer] input[type=file]').setInputFiles(join(house.dir, 'sala.png'));
  await owner.page.locator('.chip[data-state=done]').waitFor();
  await owner.page.getByRole('button', { name: 'Enviar', exact: true }).click();
  const photo = broker.page.locator('#fluxo a.photo img');
  await photo.waitFor();
  await eventually('the picture is painted', () => photo.evaluate(img => img.complete && img.naturalWidth > 0));
  await owner.page.getByRole('button', { name: 'Gravar áudio' }).click();
  await eventually('a second is recorded', async () => /0:0[1-9]/.test(await owner.page.locator('[data-slot=tempo]').innerText()));
  await owner.page.getByRole('button', { name: 'Anexar' }).click();
  await owner.page.locator('.chip[data-state=done]').waitFor();
  await owner.page.getByRole('button', { name: 'Enviar', exact: true }).click();
  const audio = broker.page.locator('#fluxo audio');
  await audio.waitFor();
  await eventually('the audio is known to the player', () => audio.evaluate(el => el.readyState >= 1 && !el.error));
});

test('r1 the broker answers with an emoji and sees it read', async () => {
  await broker.page.getByRole('button', { name: 'Emojis' }).click();
  await broker.page.locator('#emojis').getByRole('button', { name: '👍' }).click();
  await broker.page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await sees(owner, '👍');
  await broker.page.locator('article.bubble', { hasText: '👍' }).getByRole('img', { name: 'Lida' }).waitFor();
});

test('e9 the appraiser has a conversation of his own and sees nothing else', async () => {
  const { page } = broker;
  await page.getByRole('link', { name: 'Criar acesso externo' }).click();
  const window = page.getByRole('dialog');
  await window.getByLabel('E-mail', { exact: true }).fill(APPRAISER.email);
  await window.getByLabel('Nome').fill(APPRAISER.name);
  await window.getByLabel('Senha').fill(APPRAISER.password);
  await window.getByLabel('Mensagem').fill('Boa tarde, senhor Vasco.');
  await window.getByRole('button', { name: 'Criar acesso' }).click();
  await window.getByText('Acesso criado').waitFor();
  await window.getByRole('link', { name: 'Pronto' }).click();
  await sees(broker, 'Boa tarde, senhor Vasco.');
  await enterPortal(house, appraiser, APPRAISER.email, APPRAISER.password);
  await sees(appraiser, 'Boa tarde, senhor Vasco.');
  assert.equal(await appraiser.page.getByText('dona Marta').count(), 0);
  await say(appraiser, 'Passo no imóvel amanhã às 14 horas.');
  await sees(broker, 'Passo no imóvel amanhã');
  assert.equal(await owner.page.getByText('Passo no imóvel').count(), 0);
});

test('q4 of two who press "Assumir" at once one gets it and the other reads who did', async () => {
  const { page } = reception;
  await page.goto(`${house.staff}/conversas`);
  await page.getByRole('link', { name: 'Nova conversa' }).click();
  const window = page.getByRole('dialog');
  await window.getByRole('combobox', { name: 'Contato' }).fill('Helena Prado');
  await window.getByLabel('Responsável').selectOption('fila');
  await window.getByLabel('Do que se trata').fill('Quer a segunda via do boleto.');
  await window.getByRole('button', { name: 'Confirmar' }).click();
  await page.getByRole('button', { name: 'Assumir' }).waitFor();
  const address = new URL(page.url()).pathname;
  await broker.page.goto(house.staff + address);
  await broker.page.getByRole('button', { name: 'Assumir' }).waitFor();
  // Both presses leave before either screen can hear of the other.
  const presses = [reception, broker].map(({ page }) => page.evaluate(path => {
    const body = new URLSearchParams({ _csrf: document.querySelector('meta[name=csrf]').content });
    return fetch(`${path}/atendente`, { method: 'POST', body, headers: { 'X-Fragment': '1' } }).then(async r => [r.status, await r.text()]);
  }, address));
  const answers = await Promise.all(presses);
  assert.equal(answers.filter(([status]) => status < 300).length, 1, JSON.stringify(answers));
  const [refused] = answers.filter(([status]) => status === 409);
  assert.match(refused[1], /(Beatriz Lemos|Rosa Prado) já assumiu esta conversa/);
  await broker.page.locator('#pe').getByText(/Esta conversa agora está com|Nova mensagem/).or(broker.page.getByPlaceholder('Nova mensagem…')).first().waitFor();
  await eventually('it left the queue on both screens', async () => {
    const waiting = await Promise.all([reception, broker].map(({ page }) => page.getByRole('button', { name: 'Assumir' }).count()));
    return waiting.every(n => n === 0);
  });
});

test('q8 the appraiser’s conversation is transferred to the admin, who sees all that was said', async () => {
  const { page } = broker;
  await page.goto(`${house.staff}/conversas?aba=abertos`);
  await page.locator('#lista').getByText(APPRAISER.name).click();
  await page.getByLabel('Responsável').selectOption({ label: ADMIN.name });
  await sees(broker, `passou a conversa para ${ADMIN.name}`);
  await admin.page.goto(`${house.staff}/conversas?aba=abertos`);
  await admin.page.locator('#lista').getByText(APPRAISER.name).click();
  await sees(admin, 'Boa tarde, senhor Vasco.');
  await sees(admin, 'Passo no imóvel amanhã');
  await say(admin, 'Combinado, Vasco.');
  await sees(appraiser, 'Combinado, Vasco.');
});

test('q9 the owner’s conversation is closed with a reason and moves to Fechados on every screen', async () => {
  await reception.page.goto(`${house.staff}/conversas?aba=fechados`);
  const { page } = broker;
  await page.goto(`${house.staff}/conversas?aba=abertos`);
  await page.locator('#lista').getByText('Marta Pedro').click();
  await page.getByRole('link', { name: 'Fechar conversa' }).first().click();
  const window = page.getByRole('dialog');
  await window.getByRole('button', { name: 'Fechar conversa' }).click();
  await window.getByText('Preencha este campo').waitFor();
  await window.getByLabel('Motivo').selectOption({ label: 'Avaliação de imóvel' });
  await window.getByRole('button', { name: 'Fechar conversa' }).click();
  await page.getByText('fechou a conversa').waitFor();
  await reception.page.locator('#lista').getByText('Marta Pedro').waitFor();
  await sees(owner, 'Obrigado pelo contato');
  await sees(owner, 'Conversa encerrada');
});

test('f01 the plug is pulled in the middle: nothing that anybody saw as sent is lost, and the screens come back', async () => {
  for (let n = 1; n <= 5; n++) await say(appraiser, `Medida ${n}: conferida.`);
  await appraiser.page.getByPlaceholder('Nova mensagem…').fill('Escrita sem conexão.');
  await house.kill();
  await appraiser.page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await appraiser.page.getByText('Ainda não foi enviada').waitFor();
  await appraiser.page.locator('#sem-conexao').waitFor({ state: 'visible' });
  await house.start();
  await eventually('the waiting message is acknowledged', () => appraiser.page.locator('article.bubble:not([data-pending])', { hasText: 'Escrita sem conexão.' }).count());
  await sees(admin, 'Escrita sem conexão.');
  await appraiser.page.locator('#sem-conexao').waitFor({ state: 'hidden' });
  await appraiser.page.reload();
  for (let n = 1; n <= 5; n++) await sees(appraiser, `Medida ${n}: conferida.`);
  assert.equal(await appraiser.page.locator('#fluxo').getByText('Escrita sem conexão.').count(), 1);
  assert.equal(await admin.page.locator('#fluxo').getByText('Escrita sem conexão.').count(), 1);
});

test('no page complained and nothing left for another host', () => {
  assert.deepEqual(street.wrong, []);
});
