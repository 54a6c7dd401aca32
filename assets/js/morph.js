// Makes what is on the page equal to what the server drew, touching only what differs: focus, caret, scroll,
// a playing recording and an opened <details> stay. What a person changed and did not send yet is theirs.

const KEEP = '[data-composer], [data-chips], [data-keep]';
const OURS = new Set(['open', 'aria-busy', 'aria-expanded']); // state of this page, unknown to the server
const later = new WeakMap(); // a control in use -> what it shall become when it is let go

/** Changes `from` into `to` and gives the element that is on the page afterwards. */
export function morph(from, to) {
  if (from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return to;
  }
  later.delete(from);
  if (from.isEqualNode(to)) return from;
  if (from.nodeType !== Node.ELEMENT_NODE) {
    from.data = to.data;
    return from;
  }
  if (from.matches(KEEP)) return from;
  if (inUse(from)) {
    later.set(from, to);
    return from;
  }
  const after = values(from, to);
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !OURS.has(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes)
    if (!OURS.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  morphChildren(from, to);
  after();
  return from;
}

/** The same for the content alone. */
export function morphChildren(from, to) {
  const wanted = new Set(Array.from(to.children, c => c.id).filter(Boolean));
  let at = from.firstChild;
  for (const want of [...to.childNodes]) {
    let have = at;
    // Loose text is not worth searching for: what stands before a match is moved or removed.
    while (have && !alike(have, want)) have = want.nodeType === Node.ELEMENT_NODE ? have.nextSibling : null;
    if (!have) {
      from.insertBefore(want, at);
      continue;
    }
    // Bring `have` to its place by moving what stands before it: moving an element takes its focus away.
    while (at !== have) {
      const next = at.nextSibling;
      if (at.contains(document.activeElement) && wanted.has(at.id)) {
        from.insertBefore(have, at);
        break;
      }
      if (wanted.has(at.id)) from.append(at);
      else at.remove();
      at = next;
    }
    if (at === have) at = at.nextSibling;
    morph(have, want);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const alike = (a, b) => a.nodeName === b.nodeName && (a.id ?? '') === (b.id ?? '');

const inUse = el =>
  (el === document.activeElement && el.matches('input, select, textarea')) || el.matches('details[data-menu][open]');

/** Form values follow the server only where the server's own value changed and the person's did not. */
function values(from, to) {
  if (from instanceof HTMLSelectElement) {
    const pick = s => s.querySelector('option[selected]')?.value;
    const now = pick(to);
    return pick(from) === now ? () => {} : () => { from.value = now ?? from.options[0]?.value; };
  }
  if (from.type === 'checkbox' || from.type === 'radio') {
    return from.defaultChecked === to.defaultChecked ? () => {} : () => { from.checked = to.defaultChecked; };
  }
  if ('defaultValue' in from && from.type !== 'file' && from.value === from.defaultValue) {
    return () => { from.value = to.defaultValue; };
  }
  return () => {};
}

/** A control that was let go catches up with what came meanwhile. */
function release(e) {
  const to = later.get(e.target);
  if (to) setTimeout(() => later.has(e.target) && morph(e.target, to));
}
document.addEventListener('focusout', release);
document.addEventListener('toggle', release, true);
