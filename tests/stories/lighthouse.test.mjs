// An outside judge: Lighthouse finds the main screens accessible and well made.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import lighthouse from 'lighthouse';
import { CHROMIUM, FLAGS, House, eventually, freePort, furnish } from './office.mjs';

const LEAST = 0.95;
let house, office, port, browser, profile;

before(async () => {
  house = await House.open();
  office = await furnish(house);
  port = await freePort();
  profile = mkdtempSync(join(tmpdir(), 'balcao-lighthouse-'));
  browser = spawn(CHROMIUM, [...FLAGS, '--headless=new', `--remote-debugging-port=${port}`, `--user-data-dir=${profile}`, 'about:blank'], { stdio: 'ignore' });
  await eventually('the browser answers', () => fetch(`http://127.0.0.1:${port}/json/version`).then(answer => answer.ok, () => false));
});

after(async () => {
  if (browser?.exitCode === null) {
    browser.kill();
    await once(browser, 'exit');
  }
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  await house?.close();
});

for (const [name, form, where] of [
  ['login', 'desktop', () => [house.staff, '/entrar']],
  ['inbox', 'desktop', () => [house.staff, office.talk, office.broker]],
  ['opportunity', 'desktop', () => [house.staff, office.deal, office.broker]],
  ['portal', 'mobile', () => [house.public, office.portal, office.client]],
]) {
  test(`lighthouse: ${name}`, async () => {
    const [base, path, hand] = where();
    const screen = form === 'mobile' ? { mobile: true, width: 360, height: 740, deviceScaleFactor: 2 } : { mobile: false, width: 1440, height: 900, deviceScaleFactor: 1 };
    const { lhr } = await lighthouse(base + path, {
      port, formFactor: form, screenEmulation: screen, throttlingMethod: 'provided', disableStorageReset: true, maxWaitForLoad: 20_000, logLevel: 'silent',
      onlyCategories: ['accessibility', 'best-practices'], extraHeaders: hand ? { Cookie: hand.cookie } : undefined,
    });
    assert.equal(new URL(lhr.finalDisplayedUrl).pathname, path, 'the very screen was judged');
    const failed = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 1).map(({ id, details }) => `${id} ${(details?.items ?? []).map(item => item.node?.selector ?? item.description ?? '').slice(0, 3).join(' | ')}`);
    for (const category of Object.values(lhr.categories)) assert.ok(category.score >= LEAST, `${category.id} ${category.score}: ${failed.join('; ')}`);
    if (process.env.SHOTS) console.log(name, Object.values(lhr.categories).map(({ id, score }) => `${id} ${score}`).join(' '), failed.join('; '));
  });
}
