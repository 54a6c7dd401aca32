// Every screen on the desk and on the phone, by day and by night: readable for all, nothing sideways, nothing too small
// for a hand. SHOTS=dir keeps pictures.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CLIENT, Hand, House, Street, atCounter, eventually, furnish, letIn, newDeal, phone, screens } from './office.mjs';
import { mp3, pdf, png } from './paper.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.SHOTS;
const LONG = 'Maria Antonieta Albuquerque de Vasconcelos e Sá Figueiredo da Cunha Menezes Prado';
const WIDTHS = [['1440', 1440, 36, {}], ['360', 360, 44, phone]];

let house, empty, street, office, all;
const people = {};

before(async () => {
  [house, empty, street] = await Promise.all([House.open(), House.open(), Street.open()]);
  office = await furnish(house);
  await fill();
  all = [{ name: 'setup', who: 'nobody', address: `${empty.staff}/instalacao` }, ...(await screens(office))];
  for (const [width, , , options] of WIDTHS) {
    for (const [who, hand] of [['nobody'], ['admin', office.admin], ['broker', office.broker], ['client', office.client]]) {
      const person = (people[who + width] = await street.person(`${who} ${width}`, options));
      await hand?.sits(person);
    }
  }
});

after(async () => {
  await street?.close();
  await Promise.all([house?.close(), empty?.close()]);
});

/** Much of everything: long names, long words, files of each kind, a second access. */
async function fill() {
  const { broker, client } = office;
  const second = await newDeal(broker, 'Apartamento T4 com varanda, garagem para dois carros e vista para o parque, Setor Bueno', { cliente_nome: LONG, procura: 'x'.repeat(300), imovel: 'Rua '.repeat(40) });
  await letIn(house, broker, second, { name: 'Marta', email: CLIENT.email, password: CLIENT.password }, 'Segunda conversa.');
  await letIn(house, broker, office.deal, { name: LONG, email: `${'a'.repeat(50)}@${'b'.repeat(40)}.example`, password: 'perito-das-14-horas' }, 'Boa tarde.');
  for (let n = 0; n < 12; n++) await atCounter(broker, n ? `Pessoa ${n}` : LONG, n % 3 ? 'eu' : 'fila', 'Uma mensagem que não cabe numa linha só da lista de conversas.');
  const say = (texto, modo = 'mensagem', ...files) => broker.post(`${office.talk}/mensagens`, [['texto', texto], ['modo', modo], ...files.map(id => ['arquivo', id])]);
  await say('A proposta é boa. '.repeat(40));
  await say(`${'M'.repeat(200)} https://exemplo.com/${'caminho/'.repeat(30)}`);
  await say('Só entre nós.', 'anotacao');
  await say('', 'mensagem', await broker.upload('sala.png', png(640, 400)), await broker.upload('recado.mp3', mp3(5)), await broker.upload(`${'autorizacao-'.repeat(10)}.pdf`, pdf('Autorização')));
  await client.post(`${office.portal}/mensagens`, { texto: 'Recebi, obrigada.' });
  for (const nome of ['Secretária', 'Estagiário de vendas', 'Gerente de locação e administração', 'Captador', 'Jurídico', 'Financeiro']) await office.admin.post('/sistema/papeis', { nome, ativo: 'sim', pode: 'read_audit' });
}

async function axe(page, rules) {
  await page.evaluate(AXE);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: { type: 'rule', values: rules } }) };
  const { violations } = await page.evaluate(options => window.axe.run(document, options), options);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.target.join(' ')} ${(node.any[0]?.message ?? node.failureSummary ?? '').slice(0, 160)}`));
}

/** What a hand shall hit and is too small for it; links in running text are text. */
const small = (page, least) => page.evaluate(least => {
  const name = el => `${el.closest('[id]')?.id ?? ''} ${el.tagName.toLowerCase()}${[...el.classList].map(c => `.${c}`).join('')} "${(el.getAttribute('aria-label') ?? el.textContent).trim().slice(0, 30)}"`;
  const found = new Set();
  const inner = document.querySelector('dialog[open]') ?? document;
  for (const el of inner.querySelectorAll('a[href], button, summary, select, textarea, label.icon, label.button, input:not([type=hidden]):not([type=file])')) {
    if (!el.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const around = el.matches('[type=checkbox], [type=radio]') ? 'label, .tick' : '.search'; // the frame is drawn by what is around
    const hit = el.closest(around) ?? el;
    const { width, height, right, bottom } = hit.getBoundingClientRect();
    if (width <= 1 || height <= 1 || right < 0 || bottom < 0) continue; // for screen readers, or shown on focus
    if (el.matches('a') && getComputedStyle(el).display === 'inline') continue;
    if (height < least - 0.5 || (width < least - 0.5 && !el.matches('a'))) found.add(`${name(el)} ${Math.round(width)}×${Math.round(height)}`);
  }
  return [...found];
}, least);

/** Fields whose letters are so small that an iPhone zooms into the page when one types there. */
const zoomed = page => page.evaluate(() => [...document.querySelectorAll('textarea, select, input:not([type=hidden], [type=checkbox], [type=radio], [type=file])')]
  .filter(el => el.checkVisibility({ visibilityProperty: true }) && el.clientWidth > 1 && parseFloat(getComputedStyle(el).fontSize) < 16)
  .map(el => `${el.tagName.toLowerCase()} "${el.name}" has letters of ${getComputedStyle(el).fontSize}`));

/** Whatever is wider than the screen, scrolls sideways within it, spills over its own edge, or can be pressed but is cut off. */
const sideways = (page, width) => page.evaluate(width => {
  const name = el => `${el.closest('[id]')?.id ?? ''} ${el.tagName.toLowerCase()}${[...el.classList].map(c => `.${c}`).join('')}`;
  const shown = [...document.body.querySelectorAll('*')].filter(el => el.checkVisibility({ visibilityProperty: true }));
  const beyond = shown.filter(el => el.getBoundingClientRect().right > width + 1);
  const found = [];
  if (document.documentElement.scrollWidth > width) {
    const leaves = beyond.filter(el => !beyond.some(other => other !== el && el.contains(other)));
    found.push(`the page is ${document.documentElement.scrollWidth} wide: ${leaves.slice(0, 4).map(name).join(', ')}`);
  }
  for (const el of shown) {
    if (/auto|scroll/.test(getComputedStyle(el).overflowX) && el.scrollWidth > el.clientWidth + 1) found.push(`${name(el)} scrolls sideways: ${el.scrollWidth} in ${el.clientWidth}`);
  }
  for (const el of shown) {
    const { overflowX, display } = getComputedStyle(el);
    if (el.matches('a, button, summary, label, h1, h2, h3, p, dd, li, b, small') && overflowX === 'visible' && display !== 'inline' && el.scrollWidth > el.clientWidth + 8 && el.clientWidth > 1) {
      found.push(`${name(el)} "${el.textContent.trim().slice(0, 30)}" spills over its edge: ${el.scrollWidth} in ${el.clientWidth}`);
    }
  }
  for (const el of beyond) if (el.matches('a[href], button, select, input, summary')) found.push(`${name(el)} is cut off`);
  return found;
}, width);

/** Judges a screen by day and by night. */
async function judge(page, { name, address, dialog }, [width, pixels, least]) {
  const wrong = [];
  const tell = (theme, list) => wrong.push(...list.map(one => `${name} ${width}${theme}: ${one}`));
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(address);
  if (dialog) {
    await page.locator(`[data-dialog][href="${dialog}"]`).first().evaluate(link => link.click());
    await page.locator('dialog#janela[open]').waitFor();
  }
  tell('', await sideways(page, pixels));
  tell('', await small(page, least));
  if (pixels < 761) tell('', await zoomed(page));
  tell(' light', await axe(page));
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}-light.png`) });
  await page.emulateMedia({ colorScheme: 'dark' });
  tell(' dark', await axe(page, ['color-contrast']));
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}-dark.png`) });
  return wrong;
}

for (const size of WIDTHS) {
  test(`every screen at ${size[0]} pixels, light and dark`, async () => {
    const wrong = [];
    for (const screen of all) wrong.push(...(await judge(people[screen.who + size[0]].page, screen, size)));
    assert.equal(wrong.length, 0, `${wrong.length} findings\n${wrong.join('\n')}`);
  });
}

test('the demo’s year of work: long lists and long conversations', async () => {
  const demo = await House.open({ arguments: ['demo'] });
  try {
    await eventually('it tells who may log in', () => demo.said.includes('}\n'));
    const { users, portal } = JSON.parse(/\{.*\}/.exec(demo.said)[0]);
    const staff = await Hand.enter(demo.staff, users.find(({ role }) => role === 'manager'));
    const outside = await Hand.enter(demo.public, portal[0]);
    const first = async (hand, path, link) => link.exec(await hand.page(path))[0];
    const screens = [
      ['demo-queue', '/conversas?aba=fila'], ['demo-open', '/conversas?aba=abertos'], ['demo-closed', '/conversas?aba=fechados'],
      ['demo-talk', await first(staff, '/conversas?aba=abertos', /\/conversas\/\d+(?=\?|")/)],
      ['demo-deals', '/oportunidades?de=todas'], ['demo-deal', await first(staff, '/oportunidades?de=todas', /\/oportunidades\/\d+/)],
      ['demo-contacts', '/contatos'], ['demo-contact', await first(staff, '/contatos', /\/contatos\/\d+/)],
    ].map(([name, path]) => ({ name, hand: staff, address: demo.staff + path }));
    screens.push({ name: 'demo-portal', hand: outside, address: demo.public });
    const wrong = [];
    for (const size of WIDTHS) {
      const person = await street.person(`demo ${size[0]}`, size[3]);
      await Promise.all([staff, outside].map(hand => hand.sits(person)));
      for (const screen of screens) wrong.push(...(await judge(person.page, screen, size)));
    }
    assert.equal(wrong.length, 0, `${wrong.length} findings\n${wrong.join('\n')}`);
  } finally {
    await demo.close();
  }
});

test('no page complained and nothing left for another host', () => {
  assert.deepEqual(street.wrong, []);
});
