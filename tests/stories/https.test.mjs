// "Ativar HTTPS" as the admin lives it: prepared, installed, demanded; with it the browser lets a page record sound.
// SHOTS=dir keeps pictures.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { ADMIN, CHROMIUM, FLAGS, Hand, House, Street, atCounter, logIn, phone, setUp } from './office.mjs';

let house, street, home, admin;

before(async () => {
  [house, street] = await Promise.all([House.open(), Street.open()]);
  home = mkdtempSync(join(tmpdir(), 'balcao-home-'));
  admin = await street.person('admin');
  await setUp(house, admin);
});

after(async () => {
  await street?.close();
  await house?.close();
  rmSync(home, { recursive: true, force: true });
});

const secure = () => house.staff.replace('http:', 'https:');

async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
}

/** Installs the certificate as the guide for Chromium on Linux says; gives a browser that then starts anew. */
async function installed(pem) {
  const shelf = join(home, '.pki/nssdb');
  mkdirSync(shelf, { recursive: true });
  const file = join(home, 'balcao-ca.crt');
  writeFileSync(file, pem);
  execFileSync('certutil', ['-d', `sql:${shelf}`, '-N', '--empty-password']);
  execFileSync('certutil', ['-d', `sql:${shelf}`, '-A', '-t', 'C,,', '-n', 'balcao', '-i', file]);
  const browser = new Street();
  browser.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, env: { ...process.env, HOME: home } });
  browser.people = [];
  return browser;
}

test('the admin switches HTTPS on without being locked out, and a page may then record sound', async () => {
  const { page } = admin;
  await page.goto(`${house.staff}/sistema/agencia`);
  await page.getByText('Conexão sem HTTPS').waitFor();
  await page.getByRole('link', { name: 'Ativar HTTPS' }).click();
  await shot(page, 'https-1440-before');
  await page.getByRole('button', { name: 'Preparar o certificado' }).click();
  await page.getByRole('heading', { name: '1. Certificado pronto' }).waitFor();
  await page.locator('svg.qr').waitFor();
  await shot(page, 'https-1440-prepared');
  assert.equal(await page.getByRole('button', { name: 'Usar só HTTPS' }).count(), 0, 'not before it works here');
  const fingerprint = await page.locator('.fingerprint code').textContent();

  // Whoever installs it finds the same fingerprint, and the file.
  const visitor = await street.person('visitor', phone);
  await visitor.page.goto(`${house.staff}/certificado`);
  assert.equal(await visitor.page.locator('.fingerprint code').textContent(), fingerprint);
  await visitor.page.getByText('iPhone e iPad').click();
  await shot(visitor.page, 'certificate-360');
  const sideways = await visitor.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.ok(!sideways, 'the guide fits a phone');
  const download = visitor.page.waitForEvent('download');
  await visitor.page.getByRole('link', { name: 'Baixar o certificado' }).click();
  assert.equal((await download).suggestedFilename(), 'balcao-ca.crt');
  const pem = await (await fetch(`${house.staff}/certificado/balcao-ca.crt`)).text();

  // Who has not installed it is warned by the browser.
  await assert.rejects(visitor.page.goto(`${secure()}/entrar`), /ERR_CERT_AUTHORITY_INVALID/);

  const trusting = await installed(pem);
  try {
    const person = await trusting.person('admin by https');
    await logIn({ staff: secure() }, person, ADMIN);
    assert.equal(await person.page.evaluate(() => isSecureContext), true);
    const sound = await person.page.evaluate(async () => (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks().length);
    assert.equal(sound, 1, 'the microphone can be had');

    // What happens on the plain side is seen at once on this one: the stream speaks wss.
    await person.page.goto(`${secure()}/conversas?aba=fila`);
    await atCounter(await Hand.enter(house.staff, ADMIN), 'Visita da rua', 'fila');
    await person.page.getByText('Visita da rua').first().waitFor();

    await person.page.goto(`${secure()}/sistema/https`);
    await shot(person.page, 'https-1440-step3');
    await person.page.getByRole('button', { name: 'Usar só HTTPS' }).click();
    await person.page.getByText('Ligado: toda a equipe usa HTTPS').waitFor();
    const there = await person.page.goto(`${house.staff}/oportunidades`);
    assert.equal(there.url(), `${secure()}/oportunidades`);
    await person.page.getByRole('heading', { name: 'Oportunidades' }).waitFor();
    await person.page.setViewportSize(phone.viewport);
    await person.page.goto(`${secure()}/sistema/https`);
    await shot(person.page, 'https-360-strict');
    assert.ok(!(await person.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)), 'it fits a phone');

    await person.page.getByRole('button', { name: 'Voltar a aceitar http://' }).click();
    await person.page.getByRole('button', { name: 'Usar só HTTPS' }).waitFor();
    assert.deepEqual(trusting.wrong, []);
  } finally {
    await trusting.close();
  }
  await page.goto(`${house.staff}/sistema/https`);
  page.once('dialog', dialog => dialog.accept());
  await page.getByRole('button', { name: 'Desligar e apagar o certificado' }).click();
  await page.getByRole('button', { name: 'Preparar o certificado' }).waitFor();
  assert.deepEqual(street.wrong, []);
});
