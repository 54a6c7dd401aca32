// Writing: at once on screen, never lost, never doubled; files come by hand, by drop and by paste.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { House, Street, eventually, furnish, sees } from './office.mjs';
import { mp3, pdf, png } from './paper.mjs';

let house, street, office, broker, page, field;

before(async () => {
  house = await House.open();
  street = await Street.open();
  office = await furnish(house);
  broker = await office.broker.sits(await street.person('broker'));
  ({ page } = broker);
  field = page.locator('form[data-composer] textarea');
});

beforeEach(() => page.goto(house.staff + office.talk));

after(async () => {
  await street?.close();
  await house?.close();
});

const MESSAGES = /\/mensagens$/;
const bubble = text => page.locator('article.bubble', { hasText: text });
const there = text => eventually(`"${text}" is acknowledged`, () => page.locator('article.bubble:not([data-pending])', { hasText: text }).count());
const chip = page => page.locator('form[data-composer] .chip');
const tokens = [];
const remember = route => tokens.push(new URLSearchParams(route.request().postData()).get('token'));

/** Holds back what goes to an address until it is let go. */
async function held(address) {
  let letGo;
  const open = new Promise(resolve => (letGo = resolve));
  await page.route(address, async route => {
    await open;
    await route.continue().catch(() => {}); // the page may have given it up meanwhile
  });
  return async () => {
    letGo();
    await page.unroute(address);
  };
}

test('r1 Enter sends and Shift+Enter breaks the line', async () => {
  await field.fill('Primeira linha');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('segunda linha');
  assert.equal(await field.inputValue(), 'Primeira linha\nsegunda linha');
  await page.keyboard.press('Enter');
  await there('segunda linha');
  assert.equal(await bubble('segunda linha').locator('.words').innerText(), 'Primeira linha\nsegunda linha');
  assert.equal(await field.inputValue(), '');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('article.bubble[data-pending]').count(), 0, 'nothing is not sent');
});

test('r1 a draft survives a reload: text, kind and file', async () => {
  await page.getByRole('button', { name: 'Anotação' }).click();
  await page.locator('form[data-composer] input[type=file]').setInputFiles({ name: 'planta.pdf', mimeType: 'application/pdf', buffer: pdf('Planta') });
  await page.locator('.chip[data-state=done]').waitFor();
  await field.fill('Só para nós');
  await page.reload();
  assert.equal(await field.inputValue(), 'Só para nós');
  assert.equal(await page.getByRole('button', { name: 'Anotação' }).getAttribute('aria-pressed'), 'true');
  await chip(page).getByText('planta.pdf').waitFor();
  await page.keyboard.press('Escape');
  await field.press('Enter');
  await page.locator('article.note:not([data-pending])', { hasText: 'Só para nós' }).getByText('planta.pdf').waitFor();
  await page.reload();
  assert.equal(await field.inputValue(), '');
  assert.equal(await chip(page).count(), 0);
});

test('r1 the bubble stands at once, as being sent, and becomes the message', async () => {
  const letGo = await held(MESSAGES);
  await field.fill('Aparece já.');
  await field.press('Enter');
  await bubble('Aparece já.').getByText('Enviando…').waitFor();
  assert.equal(await field.inputValue(), '');
  await letGo();
  await there('Aparece já.');
  assert.equal(await bubble('Aparece já.').count(), 1);
});

test('c14 an answer that is lost is asked for again under the same token: one message', async () => {
  tokens.length = 0;
  await page.route(MESSAGES, async route => {
    remember(route);
    if (tokens.length > 1) return route.continue();
    await route.fetch(); // it happened, but nobody hears of it
    return route.abort();
  });
  // The live stream would bring the message by the other way.
  await page.routeWebSocket(/ao-vivo/, () => {});
  await page.reload();
  await field.fill('Uma vez só.');
  await field.press('Enter');
  await bubble('Uma vez só.').getByText('Ainda não foi enviada').waitFor();
  await there('Uma vez só.');
  await page.unroute(MESSAGES);
  assert.equal(tokens.length, 2);
  assert.equal(tokens[0], tokens[1]);
  const html = await office.broker.page(office.talk);
  assert.equal(html.split('<p class="words">Uma vez só.</p>').length - 1, 1);
});

test('r1 a refused message says why, keeps its text, and is sent again with the same token', async () => {
  await page.close();
  page = broker.page = await broker.context.newPage();
  field = page.locator('form[data-composer] textarea');
  await page.goto(house.staff + office.talk);
  tokens.length = 0;
  page.on('request', request => MESSAGES.test(request.url()) && remember({ request: () => request }));
  const letGo = await held(MESSAGES);
  await field.fill('Chegou tarde.');
  await field.press('Enter');
  await bubble('Chegou tarde.').getByText('Enviando…').waitFor();
  const reason = /<option value="(\d+)"/.exec((await office.broker.page(`${office.talk}/encerramento`)).split('name="motivo"')[1].replace('value=""', ''))[1];
  await office.broker.post(`${office.talk}/encerramento`, { motivo: reason });
  await letGo();
  const refused = bubble('Chegou tarde.');
  await refused.getByText('Esta conversa está fechada').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Reabrir conversa' }).click();
  await refused.getByText('Esta conversa está fechada').waitFor();
  await refused.getByRole('button', { name: 'Tentar de novo' }).click();
  await there('Chegou tarde.');
  assert.equal(await refused.count(), 1);
  assert.ok(tokens.length >= 2 && tokens.every(token => token === tokens[0]), tokens.join());
});

test('q10 a picture is pasted and a file is dropped', async () => {
  await field.evaluate((el, bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'colada.png', { type: 'image/png' }));
    el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, [...png(64, 48)]);
  await page.locator('.chip[data-state=done]', { hasText: 'colada' }).waitFor();
  const drop = async kind => {
    const data = await page.evaluateHandle(bytes => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'solta.pdf', { type: 'application/pdf' }));
      return data;
    }, [...pdf('Solta')]);
    await page.locator('#fluxo').dispatchEvent(kind, { dataTransfer: data });
  };
  await drop('dragover');
  await page.locator('[data-drop].dropping').waitFor();
  await page.locator('.drop-here').waitFor({ state: 'visible' });
  await drop('drop');
  await page.locator('.drop-here').waitFor({ state: 'hidden' });
  await page.locator('.chip[data-state=done]', { hasText: 'solta.pdf' }).waitFor();
  await page.getByRole('button', { name: 'Enviar', exact: true }).click();
  await page.locator('#fluxo').getByText('solta.pdf').waitFor();
  const photo = page.locator('#fluxo a.photo').last();
  await photo.click();
  await page.locator('#luz img').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#luz').waitFor({ state: 'hidden' });
});

test('q10 an upload shows how far it is and can be called off; the message waits for it', async () => {
  const line = await broker.context.newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 300_000 });
  const big = { name: 'longo.txt', mimeType: 'text/plain', buffer: Buffer.alloc(3_000_000, 'Texto sem fim. ') };
  await page.locator('form[data-composer] input[type=file]').setInputFiles(big);
  const bar = chip(page).locator('progress');
  await eventually('it moves', async () => {
    const value = await bar.evaluate(el => el.value / el.max);
    return value > 0.05 && value < 0.95;
  });
  await field.fill('Segue sem o arquivo.');
  await field.press('Enter');
  assert.equal(await bubble('Segue sem o arquivo.').count(), 0, 'it waits');
  const aborted = page.waitForEvent('requestfailed');
  await page.getByRole('button', { name: 'Remover arquivo' }).click();
  await aborted;
  await there('Segue sem o arquivo.');
  assert.equal(await bubble('Segue sem o arquivo.').locator('.file').count(), 0);
  await line.detach();
});

test('q10 a photo chosen without a connection goes by itself when it is back, and the message with it', async () => {
  await broker.context.setOffline(true);
  await page.locator('form[data-composer] input[type=file]').setInputFiles({ name: 'fachada.png', mimeType: 'image/png', buffer: png(40, 30) });
  await chip(page).getByText('espera a conexão').waitFor();
  await page.getByText('Os arquivos seguem sozinhos').waitFor();
  await field.fill('A fachada.');
  await field.press('Enter');
  await page.getByText('A mensagem segue com os arquivos').waitFor();
  assert.equal(await page.getByText('Os arquivos seguem sozinhos').isVisible(), false, 'one sentence at a time');
  assert.equal(await field.inputValue(), 'A fachada.', 'what was typed stands there');
  const warned = await page.evaluate(() => {
    const leaving = new Event('beforeunload', { cancelable: true });
    dispatchEvent(leaving);
    return leaving.defaultPrevented;
  });
  assert.ok(warned, 'closing the page asks first');
  await broker.context.setOffline(false);
  await there('A fachada.');
  assert.equal(await bubble('A fachada.').locator('a.photo').count(), 1, 'with its photo');
  assert.equal(await field.inputValue(), '');
  assert.equal(await page.locator('.stranded:visible').count(), 0);
  assert.equal(await chip(page).count(), 0);
});

test('q10 a photo that nobody sent yet only goes up, and is sent when one says so', async () => {
  await page.route(/\/arquivos\?/, route => route.abort()); // the live line stands: no event says that it is back
  await page.locator('form[data-composer] input[type=file]').setInputFiles({ name: 'quintal.png', mimeType: 'image/png', buffer: png(41, 30) });
  await chip(page).getByText('espera a conexão').waitFor();
  await page.unroute(/\/arquivos\?/);
  await page.locator('.chip[data-state=done]', { hasText: 'quintal.png' }).waitFor();
  assert.equal(await page.locator('.stranded:visible').count(), 0);
  assert.equal(await page.locator('article.bubble', { hasText: 'quintal' }).count(), 0);
  await page.getByRole('button', { name: 'Remover arquivo' }).click();
});

test('q10 what is too big is not sent, what is of a wrong kind is refused, and both say so', async () => {
  const files = page.locator('form[data-composer] input[type=file]');
  let sent = 0;
  page.on('request', request => (sent += /\/arquivos\?/.test(request.url()) ? 1 : 0));
  await files.evaluate(el => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(25 * 1024 * 1024 + 1)], 'enorme.pdf', { type: 'application/pdf' }));
    el.files = data.files;
    el.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await page.locator('.chip[data-state=error]', { hasText: 'enorme.pdf' }).getByText('grande demais').waitFor();
  assert.equal(sent, 0);
  await page.getByRole('button', { name: 'Remover arquivo' }).click();
  await files.setInputFiles({ name: 'foto.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('MZ\x90\0\x03\0\0\0 este é um programa') });
  await page.locator('.chip[data-state=error]', { hasText: 'foto.jpg' }).getByText('Este tipo de arquivo não é aceito').waitFor();
  assert.equal(sent, 1);
  await field.fill('Fica aqui.');
  await field.press('Enter');
  await page.getByRole('button', { name: 'Remover arquivo' }).waitFor();
  assert.equal(await field.inputValue(), 'Fica aqui.', 'with a file that is not up nothing leaves');
  await field.fill('');
});

test('q10 an audio is heard from where one points, by a range', async () => {
  const id = await office.broker.upload('recado.mp3', mp3(30));
  await office.broker.post(`${office.talk}/mensagens`, { texto: '', arquivo: id });
  const audio = page.locator('#fluxo audio').last();
  await eventually('its length is known', () => audio.evaluate(el => el.readyState >= 1 && el.duration > 25));
  const at = await audio.evaluate(el => new Promise(resolve => {
    el.onseeked = () => resolve(el.currentTime);
    el.currentTime = 20;
  }));
  assert.ok(Math.abs(at - 20) < 0.1, `${at}`);
  const address = new URL(await audio.getAttribute('src'), house.staff).pathname;
  const part = await office.broker.ask(address, { headers: { Range: 'bytes=1000-1999' } });
  assert.deepEqual([part.status, part.headers.get('Content-Range'), (await part.arrayBuffer()).byteLength], [206, `bytes 1000-1999/${mp3(30).length}`, 1000]);
  assert.equal((await office.broker.ask(address, { headers: { Range: 'bytes=99999999-' } })).status, 416);
});

test('r1 a half-filled dialog asks before a slip of Esc closes it', async () => {
  await page.goto(house.staff + office.deal);
  await page.getByRole('link', { name: 'Criar acesso externo' }).click();
  const window = page.getByRole('dialog');
  await window.getByLabel('Mensagem').fill('Meia mensagem');
  page.once('dialog', question => question.dismiss());
  await page.keyboard.press('Escape');
  assert.equal(await window.getByLabel('Mensagem').inputValue(), 'Meia mensagem');
  page.once('dialog', question => question.accept());
  await page.keyboard.press('Escape');
  await window.waitFor({ state: 'hidden' });
});

test('no page complained and nothing left for another host', async () => {
  await sees({ page: await page.goto(house.staff + office.talk).then(() => page) }, 'Primeira linha');
  assert.deepEqual(street.wrong, []);
});
