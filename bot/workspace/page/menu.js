// Small pop-ups: menus, suggestion lists and "are you sure?". They live in the browser's top layer,
// so no scrolling frame cuts them off.
import { freshId, h, icon } from './dom.js';

/** Opens a menu at a button. items: {label, detail?, lead?, current?, pick}. */
export function openMenu(anchor, label, items) {
  const menu = h('div', { class: 'popup menu', role: 'menu', 'aria-label': label, popover: 'auto' },
    items.map((item) => h('button', {
      type: 'button', class: 'menu-item', tabindex: '-1',
      role: item.current === undefined ? 'menuitem' : 'menuitemradio',
      'aria-checked': item.current === undefined ? null : String(item.current),
      disabled: item.disabled,
      onclick: () => { menu.hidePopover(); item.pick(); },
    }, item.lead || null, menuWords(item), item.current ? icon('check') : null)));
  hostOf(anchor).append(menu);
  menu.addEventListener('keydown', (event) => walk(event, menu));
  menu.addEventListener('toggle', (event) => {
    anchor.setAttribute('aria-expanded', String(event.newState === 'open'));
    if (event.newState === 'open') return;
    menu.remove();
    if (document.activeElement === document.body) anchor.focus();
  });
  menu.showPopover();
  putAt(menu, anchor);
  (menu.querySelector('[aria-checked=true]') || menu.querySelector('.menu-item:not(:disabled)'))?.focus();
}

function menuWords(item) {
  return h('span', { class: 'menu-words' }, h('span', { class: 'menu-label' }, item.label),
    item.detail ? h('span', { class: 'menu-detail' }, item.detail) : null);
}

/** A modal dialog makes the rest of the page inert, so its pop-ups must live inside it. */
const hostOf = (anchor) => anchor.closest('dialog') || document.body;

function walk(event, menu) {
  const items = [...menu.querySelectorAll('.menu-item:not(:disabled)')];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length).focus();
  } else if (event.key === 'Tab') {
    menu.hidePopover();
  } else if (event.key.length === 1 && /\S/.test(event.key)) {
    const key = event.key.toLowerCase();
    [...items.slice(at + 1), ...items].find((i) => i.querySelector('.menu-label').textContent.toLowerCase().startsWith(key))?.focus();
  }
}

/** Below the anchor where there is room, else above it; never outside the window. */
export function putAt(popup, anchor, asWide = false) {
  const a = anchor.getBoundingClientRect();
  if (asWide) popup.style.width = `${a.width}px`;
  const p = popup.getBoundingClientRect();
  const below = window.innerHeight - a.bottom - 12;
  const above = a.top - 12;
  const up = p.height > below && above > below;
  popup.style.maxHeight = `${Math.max(up ? above : below, 120)}px`;
  popup.style.top = up ? `${Math.max(a.top - Math.min(p.height, above) - 6, 6)}px` : `${a.bottom + 6}px`;
  popup.style.left = `${Math.max(8, Math.min(a.left, window.innerWidth - p.width - 8))}px`;
}

/** Block Kit's confirm object as a dialog; resolves to whether the person agreed. */
export function confirmed(confirm, anchor) {
  const id = freshId('confirm');
  const words = (text, otherwise) => text?.text || otherwise;
  const yes = confirm.style === 'danger' ? 'button danger solid' : 'button primary';
  const dialog = h('dialog', { class: 'modal small', 'aria-labelledby': id },
    h('form', { method: 'dialog' },
      h('header', {}, h('h2', { id }, words(confirm.title, 'Are you sure?'))),
      h('div', { class: 'modal-body' }, h('p', {}, words(confirm.text, ''))),
      h('footer', {},
        h('button', { class: 'button', value: '' }, words(confirm.deny, 'Cancel')),
        h('button', { class: yes, value: 'yes' }, words(confirm.confirm, 'Yes')))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      anchor?.focus();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
