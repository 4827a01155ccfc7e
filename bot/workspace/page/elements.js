// The interactive elements of Block Kit. Every one tells the bot through place.ctx.act.
//
// place says where an element stands: {ctx, blockId, labelledBy, label, input, dispatch}. ctx is the
// surface: act(blockId, actionId, value), options(blockId, actionId, text), chosen(blockId, actionId).
import { freshId, h, icon, safeURL } from './dom.js';
import { openMenu, confirmed, putAt } from './menu.js';
import { plain } from './mrkdwn.js';
import { botUser, people, world } from './world.js';

const makers = {
  button, workflow_button: button, icon_button: iconButton, feedback_buttons: feedbackButtons, overflow,
  static_select: select, users_select: select, conversations_select: select, channels_select: select,
  external_select: picker, multi_static_select: picker, multi_external_select: picker, multi_users_select: picker,
  multi_conversations_select: picker, multi_channels_select: picker,
  checkboxes: choices, radio_buttons: choices,
  datepicker: input, timepicker: input, datetimepicker: input,
  plain_text_input: input, number_input: input, email_text_input: input, url_text_input: input, rich_text_input: input,
};

export const knows = (type) => type in makers;

export function element(el, place) {
  const make = makers[el.type];
  if (!make) throw new Error(`unknown element: ${el.type}`);
  const node = make(el, place);
  node.dataset.block = place.blockId || '';
  node.dataset.action = el.action_id || '';
  return node;
}

const words = (text, otherwise = '') => text?.text ?? otherwise;
const isVisible = (el) => !el.visible_to_user_ids || el.visible_to_user_ids.includes(world.me?.id);

/** Asks first where the element says so, then tells the bot; the control is busy meanwhile. */
async function tell(control, el, place, value) {
  if (el.confirm && !(await confirmed(el.confirm, control))) return false;
  control.setAttribute('aria-busy', 'true');
  try {
    await place.ctx.act(place.blockId, el.action_id, value);
  } finally {
    control.removeAttribute('aria-busy');
  }
  return true;
}

function button(el, place) {
  const label = el.accessibility_label || null;
  const kind = el.style === 'primary' ? 'primary' : el.style === 'danger' ? 'danger' : '';
  const node = h('button', { type: 'button', class: `button ${kind}`, 'aria-label': label, hidden: !isVisible(el) }, plain(words(el.text)));
  const href = el.url && safeURL(el.url);
  if (href) node.append(h('span', { class: 'opens', 'aria-hidden': 'true' }, '↗'));
  node.addEventListener('click', () => {
    if (href) window.open(href, '_blank', 'noopener');
    if (node.getAttribute('aria-busy') !== 'true') tell(node, el, place);
  });
  return node;
}

function iconButton(el, place) {
  return h('button', {
    type: 'button', class: 'icon-button framed', hidden: !isVisible(el),
    'aria-label': el.accessibility_label || words(el.text, el.icon), title: words(el.text, el.icon),
    onclick: (event) => tell(event.currentTarget, el, place, el.value),
  }, icon(el.icon === 'trash' ? 'trash' : 'more'));
}

function feedbackButtons(el, place) {
  const chosen = place.ctx.chosen(place.blockId, el.action_id)?.value;
  const one = (option, name) => h('button', {
    type: 'button', class: 'icon-button framed', title: words(option.text), 'aria-label': option.accessibility_label || words(option.text),
    'aria-pressed': String(chosen === option.value),
    onclick: async (event) => {
      const pressed = event.currentTarget;
      await tell(pressed, el, place, option.value);
      for (const b of pressed.parentElement.children) b.setAttribute('aria-pressed', String(b === pressed));
    },
  }, icon(name));
  return h('span', { class: 'feedback', role: 'group', 'aria-label': 'Was this useful?' },
    one(el.positive_button, 'up-thumb'), one(el.negative_button, 'down-thumb'));
}

function overflow(el, place) {
  return h('button', {
    type: 'button', class: 'icon-button framed', 'aria-label': 'More actions', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
    onclick: (event) => {
      const anchor = event.currentTarget;
      openMenu(anchor, 'More actions', el.options.map((option) => ({
        label: words(option.text), detail: words(option.description),
        pick: () => {
          const href = option.url && safeURL(option.url);
          if (href) window.open(href, '_blank', 'noopener');
          tell(anchor, el, place, option.value);
        },
      })));
    },
  }, icon('more'));
}

// What an element holds: what was typed here, else what the workspace remembers, else its initial value.

function current(el, place) {
  const draft = place.ctx.draft?.(place.blockId, el.action_id);
  if (draft !== undefined) return draft;
  const state = place.ctx.chosen(place.blockId, el.action_id);
  return state ? stateValue(state) : initialValue(el);
}

function stateValue(state) {
  return state.value ?? state.selected_option?.value ?? state.selected_options?.map((o) => o.value) ?? state.selected_user
    ?? state.selected_users ?? state.selected_conversation ?? state.selected_conversations ?? state.selected_channel
    ?? state.selected_channels ?? state.selected_date ?? state.selected_time ?? state.selected_date_time ?? null;
}

function initialValue(el) {
  if (typeof el.initial_value === 'object' && el.initial_value) return '';
  return el.initial_value ?? el.initial_option?.value ?? el.initial_options?.map((o) => o.value) ?? el.initial_user ?? el.initial_users
    ?? el.initial_conversation ?? el.initial_conversations ?? el.initial_channel ?? el.initial_channels ?? el.initial_date
    ?? el.initial_time ?? el.initial_date_time ?? null;
}

/** Marks a node as one that holds a value, so that a form can read it. */
function field(node, el, place, read) {
  node.dataset.field = '';
  node.field = { block: place.blockId, action: el.action_id, read, touched: false };
  return node;
}

/** The names a control is known by to a screen reader. */
function named(el, place) {
  if (place.labelledBy) return { 'aria-labelledby': place.labelledBy, 'aria-describedby': place.describedBy };
  return { 'aria-label': words(el.placeholder) || place.label || el.action_id };
}

function optionsOf(el) {
  const person = (u) => ({ text: u.real_name || u.name, value: u.id, detail: u.title });
  const channel = (c) => ({ text: `#${c.name}`, value: c.id });
  const named = world.channels.filter((c) => !c.is_im && !c.is_archived && (!c.is_private || c.members.includes(world.me?.id)));
  if (el.type.includes('users')) return [{ options: [...people(), botUser()].filter(Boolean).map(person) }];
  if (el.type.includes('channels')) return [{ options: named.filter((c) => !c.is_private).map(channel) }];
  if (el.type.includes('conversations')) {
    const ims = people().filter((u) => u.id === world.me?.id && u.dm).map((u) => ({ text: world.bot.name, value: u.dm }));
    return [{ options: [...named.map(channel), ...ims] }];
  }
  return optionGroups(el);
}

export function optionGroups({ options, option_groups: groups }) {
  const one = (o) => ({ text: words(o.text), value: o.value, detail: words(o.description) });
  if (groups?.length) return groups.map((g) => ({ label: words(g.label), options: g.options.map(one) }));
  return [{ options: (options || []).map(one) }];
}

function select(el, place) {
  const value = current(el, place);
  const option = (o) => h('option', { value: o.value, selected: o.value === value }, o.text);
  const node = h('select', { ...named(el, place), id: place.id, autofocus: el.focus_on_load || null },
    h('option', { value: '' }, words(el.placeholder, 'Choose…')),
    optionsOf(el).map((g) => (g.label ? h('optgroup', { label: g.label }, g.options.map(option)) : g.options.map(option))));
  let before = node.value;
  const wrapper = field(h('span', { class: 'select' }, node, icon('chevron')), el, place, () => node.value || null);
  node.addEventListener('change', async () => {
    wrapper.field.touched = true;
    if (await tell(node, el, place, node.value || null)) before = node.value;
    else node.value = before;
  });
  return wrapper;
}

function choices(el, place) {
  const single = el.type === 'radio_buttons';
  const name = freshId('choice');
  const held = [current(el, place) ?? []].flat();
  const boxes = el.options.map((o) => h('input', { type: single ? 'radio' : 'checkbox', name, value: o.value, checked: held.includes(o.value) }));
  const read = () => {
    const on = boxes.filter((b) => b.checked).map((b) => b.value);
    return single ? on[0] ?? null : on;
  };
  const node = field(h('div', { class: 'choices', role: single ? 'radiogroup' : 'group', ...named(el, place) },
    el.options.map((o, i) => h('label', { class: 'choice' }, boxes[i],
      h('span', {}, optionText(o.text), o.description ? h('small', {}, optionText(o.description)) : null)))), el, place, read);
  node.addEventListener('change', () => {
    node.field.touched = true;
    tell(node, el, place, read());
  });
  return node;
}

const optionText = (text) => plain(words(text));

const inputTypes = {
  datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local', number_input: 'number',
  email_text_input: 'email', url_text_input: 'url', plain_text_input: 'text',
};

function input(el, place) {
  const long = el.multiline || el.type === 'rich_text_input';
  const held = current(el, place);
  const node = h(long ? 'textarea' : 'input', {
    ...named(el, place), id: place.id, type: long ? null : inputTypes[el.type], rows: long ? 4 : null,
    placeholder: words(el.placeholder) || null, autocomplete: 'off', autofocus: el.focus_on_load || null,
    maxlength: el.max_length || null, min: el.min_value ?? null, max: el.max_value ?? null,
    step: el.type === 'number_input' ? (el.is_decimal_allowed ? 'any' : '1') : null,
    'aria-required': place.required ? 'true' : null,
    value: held === null ? '' : el.type === 'datetimepicker' ? localMinute(held) : String(held),
  });
  const read = () => (el.type === 'datetimepicker' ? secondsOf(node.value) : node.value === '' ? null : node.value);
  field(node, el, place, read);
  node.addEventListener('input', () => { node.field.touched = true; });
  whenToTell(node, el, place, () => tell(node, el, place, read()));
  return node;
}

/** Texts in input blocks that dispatch do so on Enter or on every letter; all others when they are left. */
function whenToTell(node, el, place, say) {
  const isText = ['plain_text_input', 'number_input', 'email_text_input', 'url_text_input', 'rich_text_input'].includes(el.type);
  if (!isText || !place.dispatch) {
    node.addEventListener('change', say);
    return;
  }
  const on = el.dispatch_action_config?.trigger_actions_on || ['on_enter_pressed'];
  if (on.includes('on_character_entered')) node.addEventListener('input', say);
  if (on.includes('on_enter_pressed')) {
    node.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing || (node.tagName === 'TEXTAREA' && event.shiftKey)) return;
      event.preventDefault();
      say();
    });
  }
}

function localMinute(seconds) {
  const at = new Date(seconds * 1000);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const secondsOf = (text) => (text ? Math.round(new Date(text).getTime() / 1000) : null);

/** A text box with a list under it: for several choices, and for choices the bot looks up. */
function picker(el, place) {
  const many = el.type.startsWith('multi_');
  const external = el.type.includes('external');
  const seen = new Map(optionsOf(el).flatMap((g) => g.options).map((o) => [o.value, o.text]));
  rememberLabels(seen, el, place);
  let picked = [current(el, place) ?? []].flat();
  let found = [];
  let at = -1;
  const listId = freshId('list');
  const box = h('input', {
    ...named(el, place), id: place.id, type: 'text', role: 'combobox', autocomplete: 'off', 'aria-expanded': 'false',
    'aria-controls': listId, 'aria-autocomplete': 'list', placeholder: words(el.placeholder, external ? 'Type to search…' : 'Choose…'),
  });
  const chips = h('span', { class: 'chips' });
  const list = h('ul', { class: 'popup list', id: listId, role: 'listbox', popover: 'manual', 'aria-label': words(el.placeholder, 'Choices') });
  const node = field(h('span', { class: 'picker' }, chips, box, list), el, place, () => (many ? picked : picked[0] ?? null));

  function showPicked() {
    const label = (value) => seen.get(value) || value;
    if (!many) box.value = picked.length ? label(picked[0]) : '';
    chips.replaceChildren(...(many ? picked.map((value) => h('button', {
      type: 'button', class: 'chip', 'aria-label': `Remove ${label(value)}`, onclick: () => { set(picked.filter((v) => v !== value)); box.focus(); },
    }, label(value), icon('close'))) : []));
  }
  function set(values) {
    picked = values;
    node.field.touched = true;
    showPicked();
    tell(node, el, place, node.field.read());
  }
  function pick(option) {
    seen.set(option.value, option.text);
    if (many && el.max_selected_items && picked.length >= el.max_selected_items && !picked.includes(option.value)) return;
    set(many ? (picked.includes(option.value) ? picked.filter((v) => v !== option.value) : [...picked, option.value]) : [option.value]);
    if (many) box.value = '';
    close();
  }
  async function look() {
    const text = !many && picked.length && box.value === seen.get(picked[0]) ? '' : box.value.trim();
    const groups = external ? await searched(text) : optionsOf(el);
    if (!groups) return;
    const match = (o) => external || o.text.toLowerCase().includes(text.toLowerCase());
    found = groups.flatMap((g) => g.options.filter(match).map((o, i) => ({ ...o, group: i === 0 ? g.label : null })));
    at = found.length ? 0 : -1;
    showFound();
  }
  async function searched(text) {
    if (text.length < (el.min_query_length ?? 3) && !(el.min_query_length === 0)) return void showHint(`Type at least ${el.min_query_length ?? 3} letters`);
    const answer = await place.ctx.options(place.blockId, el.action_id, text);
    if (text !== box.value.trim()) return null; // typed on meanwhile
    if (!answer) return void showHint('The bot did not answer');
    return optionGroups(answer);
  }
  function showHint(text) {
    found = [];
    list.replaceChildren(h('li', { class: 'list-hint' }, text));
    open();
  }
  function showFound() {
    if (found.length === 0) return showHint('Nothing found');
    list.replaceChildren(...found.flatMap((o, i) => [
      o.group ? h('li', { class: 'list-group', role: 'presentation' }, o.group) : null,
      h('li', {
        id: `${listId}-${i}`, role: 'option', class: 'list-item', 'aria-selected': String(i === at),
        onpointerdown: (event) => { event.preventDefault(); pick(o); },
      }, h('span', {}, o.text), o.detail ? h('small', {}, o.detail) : null, picked.includes(o.value) ? icon('check') : null),
    ].filter(Boolean)));
    open();
    box.setAttribute('aria-activedescendant', `${listId}-${at}`);
    list.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }
  function open() {
    if (!node.isConnected || document.activeElement !== box) return;
    list.showPopover();
    box.setAttribute('aria-expanded', 'true');
    putAt(list, node, true);
  }
  function close() {
    if (list.matches(':popover-open')) list.hidePopover();
    box.setAttribute('aria-expanded', 'false');
    box.removeAttribute('aria-activedescendant');
  }
  const isOpen = () => box.getAttribute('aria-expanded') === 'true';

  box.addEventListener('focus', () => { if (!many) box.select(); look(); });
  box.addEventListener('click', () => { if (!isOpen()) look(); });
  box.addEventListener('input', look);
  box.addEventListener('blur', () => { close(); showPicked(); if (many) box.value = ''; });
  box.addEventListener('change', (event) => event.stopPropagation());
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Backspace' && box.value === '' && picked.length) return set(picked.slice(0, -1));
    if (event.key === 'ArrowDown' && !isOpen()) { event.preventDefault(); return look(); }
    if (!isOpen()) return;
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); return close(); }
    if (event.key === 'Enter' && found[at]) { event.preventDefault(); return pick(found[at]); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || found.length === 0) return;
    event.preventDefault();
    at = (at + step + found.length) % found.length;
    showFound();
  });
  showPicked();
  return node;
}

/** Options that are chosen already carry their own words. */
function rememberLabels(seen, el, place) {
  const state = place.ctx.chosen(place.blockId, el.action_id) || {};
  const known = [el.initial_option, ...(el.initial_options || []), state.selected_option, ...(state.selected_options || [])];
  for (const option of known) if (option) seen.set(option.value, words(option.text, option.value));
}
