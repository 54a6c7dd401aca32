// Three languages, each whole: nobody reads a word of another one's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CLIENT, House, Street, eventually, furnish, phone, screens, sees } from './office.mjs';

// What stands in every language as it is: names, data, a language by its own name.
const DATA = /Zzz|Aurora|Marta Pedro|Helena Prado|Carla Nunes|Beatriz Lemos|Rosa Prado|Olga Reis|Rui Dias|Loft 12|Quer a segunda via\.|Boa tarde, Marta\.|Português \((?:Brasil|Portugal)\)|São Paulo|Brasília|Balcão|maré alta às nove/g;
const word = list => new RegExp(`(?<!\\p{L})(?:${list})(?!\\p{L})`, 'giu');
const LISTS = {
  // A Portuguese word, or any letter that English does not have.
  en: word(String.raw`\p{L}*[ãõçáéíóúâêôà]\p{L}*|salvar|guardar|conversas?|senha|palavra-passe|enviar|enviada|fechar|fechad[oa]s?|abrir|abertos|voltar|nome|telefone|contat?os?|contactos|mensagem|mensagens|oportunidades?|sistema|sair|entrar|nov[oa]s?|criar|editar|arquivos?|ficheiros?|idioma|cancelar|hoje|ontem|buscar|procurar|fila|motivo|setor|departamento|canal|perfil|lida|documentos|detalhes|gerar|copiar|adicionar|remover|escolha|nenhum|nenhuma|ainda|para|de|da|em|por|uma|valor|corretor|consultor`),
  'pt-PT': word(String.raw`usuári[oa]s?|arquivos?|senhas?|salvar|salv[oa]s?|contat(?:o|os|ar)|equipe|celular(?:es)?|tela|buscar|deletar|digite|digitando|digitado|digitou|baixar|conosco|planejar|gerenciar|cadastr\p{L}*|aceit[oa]|corretor(?:es)?|recepcionista|setor(?:es)?|conversas|enviando|carregando|aguardando|registro|conexão|confira|locação|criptografia|endereço de IP|você está|ônibus`),
  'pt-BR': word(String.raw`utilizador(?:es)?|ficheiros?|palavras?-passe|guardar|contactos?|equipa|telemóvel|ecrã|connosco|conversação|conversações|departamentos?|rececionista|demasiado`),
};

let house, street, office, all;

before(async () => {
  house = await House.open();
  street = await Street.open();
  office = await furnish(house, { language: 'en' });
  all = await screens(office);
});

after(async () => {
  await street?.close();
  await house?.close();
});

const ENTITY = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
/** All that somebody reads or hears of a page: its texts, and those that wait in attributes for a screen reader or a script. */
function texts(html) {
  const body = html.replace(/<(script|style)[^]*?<\/\1>/g, '').replace(/<option[^>]*value="[A-Z]\w+\/\w+"[^>]*>[^<]*/g, '');
  const spoken = [...body.matchAll(/\s(?:aria-label|title|placeholder|alt|data-say-?[\w-]*|data-placeholder|data-done|data-audio-name)="([^"]*)"/g)].map(([, text]) => text);
  const read = body.replace(/<input[^>]*>/g, ' ').replace(/<[^>]+>/g, '\n').split('\n');
  return [...spoken, ...read].map(text => text.replace(/&([\w#]+);/g, (whole, name) => ENTITY[name] ?? whole).replace(/\S+@\S+/g, ' ').replace(DATA, ' ').trim()).filter(Boolean);
}

/** The page as its reader in this language gets it. */
async function draw({ who, address, path, dialog }, language) {
  if (who === 'nobody') return (await fetch(address, { headers: { 'Accept-Language': language } })).text();
  return office[who].page(dialog ?? path);
}

for (const language of ['en', 'pt-PT', 'pt-BR']) {
  test(`every screen is whole in ${language}`, async () => {
    await Promise.all(['admin', 'broker', 'client'].map(who => office[who].post('/idioma', { idioma: language })));
    const wrong = new Set();
    for (const screen of all) {
      const html = await draw(screen, language);
      assert.match(html, new RegExp(`<html lang="${language}"`), screen.name);
      for (const text of texts(html)) {
        for (const [word] of text.matchAll(LISTS[language])) wrong.add(`${screen.name}: "${word}" in "${text.slice(0, 80)}"`);
      }
    }
    assert.deepEqual([...wrong], []);
  });
}

test('a user chooses the language of their screens, and only of theirs', async () => {
  await Promise.all(['admin', 'broker'].map(who => office[who].post('/idioma', { idioma: 'pt-BR' })));
  const { page } = await office.broker.sits(await street.person('broker'));
  await page.goto(`${house.staff}/perfil`);
  await page.getByLabel('Idioma').selectOption('pt-PT');
  await page.getByRole('button', { name: 'Salvar' }).first().click();
  await page.getByText('Guardado.').waitFor();
  await page.getByRole('link', { name: 'Conversações' }).click();
  await page.getByRole('heading', { name: 'Conversações' }).waitFor();
  assert.match(await office.admin.page('/conversas'), /Conversas/);
  await page.goto(`${house.staff}/perfil`);
  await page.getByLabel('Idioma').selectOption('en');
  await page.getByRole('button', { name: 'Guardar' }).first().click();
  await page.getByText('Saved.').waitFor();
});

test('a visitor chooses the language of the portal; what comes live is in it too', async () => {
  await office.client.post('/idioma', { idioma: 'pt-BR' });
  await office.broker.post('/idioma', { idioma: 'pt-BR' });
  const owner = await office.client.sits(await street.person('owner', phone));
  const { page } = owner;
  await page.goto(house.public + office.portal);
  await page.getByLabel(`Menu de ${CLIENT.email}`).click();
  await page.getByLabel('Idioma').selectOption('en');
  await page.getByPlaceholder('New message…').waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  const reason = /<option value="(\d+)"/.exec((await office.broker.page(`${office.talk}/encerramento`)).split('name="motivo"')[1])[1];
  await office.broker.post(`${office.talk}/encerramento`, { motivo: reason });
  await sees(owner, 'Conversation closed');
  await page.getByText('This conversation was closed.').waitFor();
  await page.reload();
  await sees(owner, 'Conversation closed');
});

test('the login speaks the browser’s language', async () => {
  for (const [locale, title] of [['pt-BR', 'Entrar no portal'], ['pt-PT', 'Entrar no portal'], ['en-GB', 'Log in to the portal']]) {
    const { page } = await street.person(locale, { locale });
    await page.goto(`${house.public}/entrar`);
    await page.getByRole('heading', { name: title }).waitFor();
    await eventually(`${locale} is said`, async () => locale.startsWith(await page.locator('html').getAttribute('lang')));
  }
  assert.deepEqual(street.wrong, []);
});
