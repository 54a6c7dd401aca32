// Choosing a contact while typing: an editable combobox with a list (ARIA Authoring Practices). The server says who fits
// and draws the options; without this file it asks once the form arrives.
import { ask, parse } from './kit.js';

let timer, running;

/** The parts of the picker that this element stands in. */
function around(el) {
  const box = el?.closest?.('[data-picker]');
  const get = what => box.querySelector(what);
  return box && {
    box, field: get('[role="combobox"]'), list: get('[role="listbox"]'), said: get('.hint'), status: get('[role="status"]'),
    number: get('input[type="hidden"][name="contato"]'), of: get('[name="contato_para"]'),
  };
}

const options = p => [...p.list.children];
const active = p => options(p).find(o => o.id === p.field.getAttribute('aria-activedescendant'));

function activate(p, option) {
  for (const o of options(p)) o.setAttribute('aria-selected', o === option);
  if (!option) return p.field.removeAttribute('aria-activedescendant');
  p.field.setAttribute('aria-activedescendant', option.id);
  option.scrollIntoView({ block: 'nearest' });
}

/** One up or down, round the ends. */
function step(p, by) {
  const all = options(p);
  const at = all.indexOf(active(p));
  activate(p, all.at(at < 0 ? Math.min(by, 0) : (at + by) % all.length));
}

function close(p) {
  clearTimeout(timer);
  running?.abort();
  running = null;
  activate(p, null);
  p.list.hidden = true;
  p.field.setAttribute('aria-expanded', 'false');
}

/** Asks who fits what is typed; before anything is, who was talked with lately. */
async function look(p) {
  close(p);
  const typed = p.field.value.trim();
  if (typed.length === 1) return;
  const mine = running = new AbortController();
  try {
    const answer = await ask(`${p.box.dataset.picker}?${new URLSearchParams({ q: typed })}`, { signal: mine.signal });
    const drawn = answer?.ok && parse(await answer.text()).firstElementChild;
    if (!drawn || mine !== running || document.activeElement !== p.field) return;
    p.list.replaceChildren(...drawn.children);
    p.status.textContent = drawn.dataset.say;
    if (!p.list.firstChild) return;
    p.list.hidden = false;
    p.field.setAttribute('aria-expanded', 'true');
    p.list.scrollIntoView({ block: 'nearest' });
  } catch { /* nothing is offered then; what is typed is understood when it is sent */ }
}

/** Whom the form means from now on; nothing until the text is sent, where `number` is empty. */
function mean(p, state, number, said) {
  Object.assign(p.box.dataset, { state });
  [p.number.value, p.of.value, p.said.textContent] = [number, p.field.value, said];
  p.box.querySelector('[data-which]')?.remove();
}

function choose(p, option) {
  const { value, name } = option.dataset;
  const fresh = option.matches('.pick-new');
  p.field.value = name;
  mean(p, fresh ? 'new' : 'known', value, fresh ? p.box.dataset.new : option.querySelector('small').textContent);
  p.status.textContent = p.said.textContent;
  close(p);
}

document.addEventListener('input', e => {
  const p = around(e.target);
  if (e.target !== p?.field) return;
  mean(p, 'open', '', p.box.dataset.hint);
  clearTimeout(timer);
  timer = setTimeout(look, 120, p);
});

document.addEventListener('keydown', e => {
  const p = around(e.target);
  if (e.target !== p?.field || e.isComposing || e.ctrlKey || e.metaKey) return;
  const open = !p.list.hidden;
  const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (by && open) step(p, by);
  else if (by) look(p);
  else if (e.key === 'Enter' && open) active(p) ? choose(p, active(p)) : step(p, 1);
  else if (e.key === 'Escape' && open) close(p);
  else return;
  e.preventDefault();
});

document.addEventListener('mousedown', e => {
  if (e.target.closest?.('.pick-list')) e.preventDefault(); // the focus stays in the field
});

document.addEventListener('click', e => {
  const p = around(e.target);
  if (!p) return;
  const option = e.target.closest('[role="option"]');
  if (option) choose(p, option);
  else if (e.target.closest('[data-act="unpick"]')) {
    p.field.value = '';
    p.field.focus();
    p.field.dispatchEvent(new Event('input', { bubbles: true }));
    look(p);
  } else if (e.target === p.field && p.list.hidden && p.box.dataset.state === 'open') look(p);
});

document.addEventListener('focusout', e => {
  const p = around(e.target);
  if (e.target === p?.field && !p.list.contains(e.relatedTarget)) close(p);
});
