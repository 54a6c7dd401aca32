// R7: the second factor as people live it: set up, asked for, lost; required of the admin; with and without scripts, in
// three languages. SHOTS=dir keeps pictures.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ADMIN, BROKER, House, Street, eventually, furnish, phone } from './office.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.SHOTS;
let house, street;

before(async () => {
  [house, street] = await Promise.all([House.open(), Street.open()]);
  await furnish(house);
});

after(async () => {
  await street?.close();
  await house?.close();
});

const step = () => Math.floor(Date.now() / 30_000);

/** An authenticator app that was given the key as it is typed; each code is given away once. */
class App {
  constructor(key) {
    const bits = [...key.replace(/\s/g, '')].map(sign => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
    this.key = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
    this.last = 0;
  }

  async code() {
    const next = Math.max(step(), this.last + 1);
    await eventually('the next code', () => step() + 1 >= next, 60_000);
    this.last = next;
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(next));
    const tag = createHmac('sha1', this.key).update(time).digest();
    return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  }
}

/** Looks at a page as it is: by day and by night, for everybody. */
async function judged(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `second-${name}-${colorScheme}.png`), fullPage: true });
    if (name.startsWith('plain')) continue; // the judge is a script
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`), [], `${name} ${colorScheme}`);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), false, `${name} goes sideways`);
  }
}

async function password(page, { email, password }) {
  await page.goto(`${house.staff}/entrar`);
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Senha', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Entrar' }).click();
}

/** Sets it up from its first page on; gives the app and the recovery codes. */
async function setUp(page, login, name) {
  await judged(page, `${name}-intro`);
  await page.getByLabel('Sua senha').fill(login.password);
  await page.getByRole('button', { name: 'Começar' }).click();
  await page.locator('svg.qr').waitFor();
  const app = new App(await page.locator('.seed code').textContent());
  assert.match(await page.getByRole('link', { name: 'Abrir no aplicativo' }).getAttribute('href'), /^otpauth:\/\/totp\//);
  await judged(page, `${name}-scan`);
  await page.getByLabel('Confirme com o código').fill('123 456');
  await page.getByRole('button', { name: 'Configurar' }).click();
  await page.getByRole('alert').getByText('Código errado').waitFor();
  assert.equal(new App(await page.locator('.seed code').textContent()).key.equals(app.key), true, 'the same key');
  const code = await app.code();
  await page.getByLabel('Confirme com o código').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await page.getByRole('button', { name: 'Configurar' }).click();
  await page.getByRole('heading', { name: 'Códigos de recuperação' }).waitFor();
  await judged(page, `${name}-codes`);
  const codes = (await page.locator('#codigos').textContent()).trim().split('\n');
  assert.equal(new Set(codes).size, 10);
  return { app, codes };
}

const kinds = [['desk', {}], ['phone', phone], ['plain', { javaScriptEnabled: false }]];
for (const [kind, options] of kinds) {
  test(`a broker sets it up, comes in with it, and once without the phone (${kind})`, async () => {
    const { page } = await street.person(`broker ${kind}`, options);
    await password(page, BROKER);
    await page.locator('#lista').waitFor();
    await page.goto(`${house.staff}/perfil`);
    await page.locator('#duas-etapas').getByRole('link', { name: 'Configurar' }).click();
    const { app, codes } = await setUp(page, BROKER, kind);
    if (kind === 'desk') {
      await page.getByRole('button', { name: 'Copiar' }).click();
      assert.deepEqual((await page.evaluate('navigator.clipboard.readText()')).trim().split('\n'), codes);
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.locator('#codigos').isVisible(), true, 'on paper');
      assert.equal(await page.getByRole('button', { name: 'Imprimir' }).isVisible(), false);
      await page.emulateMedia({ media: 'screen' });
    }
    await page.getByRole('link', { name: 'Estão em lugar seguro' }).click();
    await page.getByText('restam: 10').waitFor();
    await page.context().clearCookies();

    await password(page, BROKER);
    await page.getByRole('heading', { name: 'Confirme que é você' }).waitFor();
    await judged(page, `${kind}-step`);
    assert.equal(await page.getByLabel('Código do aplicativo').getAttribute('inputmode'), 'numeric');
    await page.getByLabel('Código do aplicativo').fill('000000');
    await page.getByRole('button', { name: 'Entrar' }).click();
    await page.getByRole('alert').getByText('Código errado').waitFor();
    await judged(page, `${kind}-step-wrong`);
    await page.getByLabel('Código do aplicativo').fill(await app.code());
    await page.getByRole('button', { name: 'Entrar' }).click();
    await page.locator('#lista').waitFor();
    await page.context().clearCookies();

    await page.goto(`${house.staff}/contatos`);
    await page.getByLabel('E-mail', { exact: true }).fill(BROKER.email);
    await page.getByLabel('Senha', { exact: true }).fill(BROKER.password);
    await page.getByRole('button', { name: 'Entrar' }).click();
    await page.getByRole('link', { name: 'Estou sem o celular' }).click();
    await judged(page, `${kind}-step-recovery`);
    await page.getByLabel('Código de recuperação').fill(codes[0].toUpperCase());
    await page.getByRole('button', { name: 'Entrar' }).click();
    await page.waitForURL('**/contatos');

    await page.goto(`${house.staff}/perfil/duas-etapas`);
    await page.getByText('restam: 9').waitFor();
    await judged(page, `${kind}-manage`);
    const anew = page.locator('form', { has: page.getByRole('button', { name: 'Gerar novos códigos' }) });
    await anew.getByLabel('Sua senha').fill(BROKER.password);
    await anew.getByLabel('Código do aplicativo ou de recuperação').fill('000000');
    await anew.getByRole('button').last().click();
    await page.getByRole('alert').getByText('Código errado').waitFor();
    await judged(page, `${kind}-manage-wrong`);
    await anew.getByLabel('Sua senha').fill(BROKER.password);
    await anew.getByLabel('Código do aplicativo ou de recuperação').fill(codes[1]);
    await anew.getByRole('button').last().click();
    await page.getByRole('heading', { name: 'Códigos de recuperação' }).waitFor();
    const [fresh] = (await page.locator('#codigos').textContent()).split('\n');
    await page.getByRole('link', { name: 'Estão em lugar seguro' }).click();
    await page.goto(`${house.staff}/perfil/duas-etapas`);
    const off = page.locator('form', { has: page.getByRole('button', { name: 'Desligar' }) });
    await off.getByLabel('Sua senha').fill(BROKER.password);
    await off.getByLabel('Código do aplicativo ou de recuperação').fill(fresh);
    await off.getByRole('button', { name: 'Desligar' }).click();
    await page.locator('#duas-etapas').getByText('Desligada.').waitFor();
  });
}

test('required of whoever runs the system, and taken from a broker who lost the phone', async () => {
  const [{ page }, broker] = [await street.person('admin'), (await street.person('broker with a phone')).page];
  await password(broker, BROKER);
  await broker.goto(`${house.staff}/perfil/duas-etapas`);
  await setUp(broker, BROKER, 'lost');
  await password(page, ADMIN);
  await page.goto(`${house.staff}/sistema/seguranca`);
  await judged(page, 'security');
  await page.getByLabel('Obrigatória para quem administra').check();
  await page.getByRole('button', { name: 'Salvar' }).click();
  await page.getByText('A imobiliária pede a verificação').waitFor();
  await page.goto(`${house.staff}/conversas`);
  await page.waitForURL('**/perfil/duas-etapas*');
  await setUp(page, ADMIN, 'required');
  await page.getByRole('link', { name: 'Estão em lugar seguro' }).click();
  await page.waitForURL('**/conversas'); // where they were going when it was asked
  await page.goto(`${house.staff}/sistema/seguranca`);
  await page.getByText('Duas etapas').first().waitFor();

  await page.goto(`${house.staff}/sistema/usuarios`);
  await page.getByRole('link', { name: BROKER.name }).click();
  await page.getByRole('dialog').getByRole('link', { name: 'Desligar a verificação' }).click();
  await page.getByText(`${BROKER.name} volta a entrar só com a senha`).waitFor();
  await judged(page, 'taking');
  await page.getByRole('dialog').getByRole('button', { name: 'Desligar' }).click();
  await page.waitForURL('**/sistema/usuarios?salvo=sim');
  await broker.goto(`${house.staff}/perfil`);
  await broker.waitForURL('**/entrar**');
  await password(broker, BROKER);
  await broker.locator('#lista').waitFor();
});

test('each reads it in their own language', async () => {
  for (const [locale, title, lost] of [['pt-PT', 'Confirme que é o próprio', 'Estou sem o telemóvel'], ['en', 'Confirm that it is you', 'I do not have the phone']]) {
    const { page } = await street.person(locale, { locale, extraHTTPHeaders: { 'Accept-Language': locale } });
    await page.goto(`${house.staff}/entrar`);
    await page.locator('[name=email]').fill(ADMIN.email);
    await page.locator('[name=senha]').fill(ADMIN.password);
    await page.locator('button.main').click();
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByRole('link', { name: lost }).waitFor();
    await judged(page, `step-${locale}`);
  }
});

test('no page complained and nothing left for another host', () => {
  assert.deepEqual(street.wrong, []);
});
