// A list of messages that changes without jumping: what has not changed keeps its node.
import { attachment, fileChip, showBlocks } from './blocks.js';
import { announce, calm, freshId, h, hueOf, icon } from './dom.js';
import { glyph } from './emoji.js';
import { openMenu } from './menu.js';
import { clock, dateWords, dayName, mrkdwn } from './mrkdwn.js';
import { nameOf, userById, world } from './world.js';

const nearEnd = 90; // pixels within which the reader counts as being at the end
const windowSize = 150; // messages shown at first; earlier ones on demand

export const timeOf = (ts) => new Date(Number(ts) * 1000);

/**
 * desk: {context(message), openThread(ts), react, edit, remove, report}: what can be done with a message.
 */
export class MessageList {
  #list; #scroller; #newer; #desk;
  #nodes = new Map(); // key → node
  #messages = [];
  #place = '';
  #shown = windowSize;
  #inThread;
  #stick = true; // the reader is at the end and wants to stay there

  constructor(list, scroller, desk, { newer = null, inThread = false } = {}) {
    this.#list = list;
    this.#scroller = scroller;
    this.#newer = newer;
    this.#desk = desk;
    this.#inThread = inThread;
    scroller.addEventListener('scroll', () => {
      this.#stick = this.#atEnd();
      if (this.#stick) this.#hideNewer();
    }, { passive: true });
    newer?.addEventListener('click', () => this.scrollToEnd());
    list.addEventListener('keydown', (event) => this.#walk(event));
    // Pictures and charts grow after they were put in; who was at the end stays there.
    const grown = new ResizeObserver(() => { if (this.#stick) this.#jumpToEnd(); });
    grown.observe(list);
    grown.observe(scroller);
  }

  get newest() {
    return this.#messages.at(-1);
  }

  /** Shows the messages of a place; returns those that are new since the last time there. */
  show(messages, place) {
    const moved = place !== this.#place;
    const known = new Set(moved ? [] : this.#messages.map(keyOf));
    const fresh = moved ? [] : messages.filter((m) => !known.has(keyOf(m)));
    if (moved) {
      this.#nodes.clear();
      this.#list.replaceChildren();
      this.#shown = windowSize;
      this.#stick = true;
    }
    this.#place = place;
    this.#messages = messages;
    const following = this.#stick;
    this.#reconcile();
    if (moved) this.#jumpToEnd();
    else if (fresh.length) this.#arrived(fresh, following);
    return fresh;
  }

  scrollToEnd() {
    this.#stick = true;
    this.#hideNewer();
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: calm() ? 'auto' : 'smooth' });
  }

  #jumpToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #arrived(fresh, following) {
    const mine = fresh.some((m) => m.user === world.me.id);
    if (following || mine) this.scrollToEnd();
    else if (this.#newer) this.#newer.hidden = false;
    const others = fresh.filter((m) => m.user !== world.me.id);
    if (others.length) announce(others.map((m) => `${authorOf(m)}: ${m.text.replace(/[*_~`]/g, '') || 'a message'}`).join('. ').slice(0, 400));
  }

  #atEnd() {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight < nearEnd;
  }

  #hideNewer() {
    if (this.#newer) this.#newer.hidden = true;
  }

  #reconcile() {
    const rows = this.#rows();
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, node] of this.#nodes) {
      if (keys.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
    let cursor = this.#list.firstChild;
    for (const row of rows) {
      let node = this.#nodes.get(row.key);
      if (!node) this.#nodes.set(row.key, node = row.make());
      row.update?.(node);
      if (node === cursor) cursor = cursor.nextSibling;
      else this.#list.insertBefore(node, cursor);
    }
    const nodes = [...this.#list.querySelectorAll('.message')];
    if (nodes.length && !nodes.some((n) => n.tabIndex === 0)) nodes.at(-1).tabIndex = 0;
  }

  /** Days and messages in order. */
  #rows() {
    const rows = [];
    const visible = this.#messages.slice(-this.#shown);
    if (visible.length < this.#messages.length) rows.push(this.#earlierRow());
    let before = null;
    for (const message of visible) {
      const day = timeOf(message.ts).toDateString();
      if (!before || timeOf(before.ts).toDateString() !== day) rows.push({ key: `day ${day}`, make: () => dayNode(timeOf(message.ts)) });
      const follows = belongsTo(before, message);
      rows.push({
        key: keyOf(message),
        make: () => h('li', { class: 'message', tabindex: '-1', 'data-ts': message.ts }),
        update: (node) => {
          fillMessage(node, message, this.#desk, this.#inThread);
          node.classList.toggle('follows', follows);
        },
      });
      before = message;
    }
    return rows;
  }

  #earlierRow() {
    return {
      key: 'earlier',
      make: () => h('li', { class: 'earlier' }, h('button', {
        type: 'button', class: 'button small',
        onclick: () => {
          const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
          this.#shown += windowSize;
          this.#reconcile();
          this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
        },
      }, 'Show earlier messages')),
    };
  }

  /** Arrow keys go from message to message while a message itself has the focus. */
  #walk(event) {
    const message = event.target;
    if (!message.classList.contains('message')) {
      if (event.key === 'Escape') message.closest('.message')?.focus();
      return;
    }
    const nodes = [...this.#list.querySelectorAll('.message')];
    const to = { ArrowUp: nodes.indexOf(message) - 1, ArrowDown: nodes.indexOf(message) + 1, Home: 0, End: nodes.length - 1 }[event.key];
    if (to === undefined || !nodes[to]) return;
    event.preventDefault();
    message.tabIndex = -1;
    nodes[to].tabIndex = 0;
    nodes[to].focus();
  }
}

const keyOf = (m) => `${m.ts}${m.ephemeral ? ' alone' : ''}`;

const authorOf = (m) => (m.bot ? m.name || world.bot.name : nameOf(m.user) || m.name);

/** A line directly after another by the same author needs no name of its own; an answer of the bot always has one. */
function belongsTo(before, m) {
  return Boolean(before) && !m.bot && before.user === m.user && before.ephemeral === m.ephemeral && !m.subtype && !before.subtype
    && Number(m.ts) - Number(before.ts) < 300 && timeOf(before.ts).toDateString() === timeOf(m.ts).toDateString();
}

function dayNode(at) {
  const name = dayName(at);
  return h('li', { class: 'day' }, h('span', {}, name ? name[0].toUpperCase() + name.slice(1) : dateWords(at, '{date_long}')));
}

export function avatar(name, id, isBot = false) {
  const node = h('span', { class: isBot ? 'avatar bot' : 'avatar', 'aria-hidden': 'true' });
  if (isBot) {
    node.append(h('img', { src: 'icon.svg', alt: '' }));
  } else {
    const initials = name.split(/[\s._-]+/).filter(Boolean).map((w) => [...w][0]);
    node.append((initials.length > 1 ? initials[0] + initials.at(-1) : name.slice(0, 2)).toUpperCase());
    node.style.setProperty('--hue', hueOf(id || name));
  }
  return node;
}

function fillMessage(node, m, desk, inThread) {
  const json = JSON.stringify(m);
  if (node.shownMessage === json) return;
  const first = node.shownMessage === undefined;
  node.shownMessage = json;
  if (first) buildMessage(node);
  node.classList.toggle('ephemeral', Boolean(m.ephemeral));
  const { side, head, content, foot, tools } = node.parts;
  side.replaceChildren(avatar(authorOf(m), m.user, m.bot || m.user === 'USLACKBOT'),
    h('span', { class: 'side-time', 'aria-hidden': 'true' }, clock(timeOf(m.ts))));
  head.replaceChildren(...byline(m));
  fillContent(content, m, desk);
  foot.replaceChildren(...footOf(m, desk, inThread));
  if (!tools.contains(document.activeElement)) tools.replaceChildren(...toolsOf(m, desk, inThread));
}

function buildMessage(node) {
  const side = h('div', { class: 'message-side' });
  const head = h('div', { class: 'byline', id: freshId('by') });
  const content = h('div', { class: 'content blocks' });
  const foot = h('div', { class: 'message-foot' });
  const tools = h('div', { class: 'message-tools', role: 'group', 'aria-label': 'What to do with this message' });
  node.parts = { side, head, content, foot, tools };
  node.setAttribute('aria-labelledby', head.id);
  node.append(side, h('div', { class: 'message-body' }, head, content, foot), tools);
}

function byline(m) {
  const at = timeOf(m.ts);
  return [
    h('strong', { class: 'author', title: userById(m.user)?.title || null }, authorOf(m)),
    m.bot ? h('span', { class: 'tag' }, 'App') : null,
    h('time', { datetime: at.toISOString(), title: at.toLocaleString('en-GB') }, clock(at)),
    m.edited ? h('span', { class: 'mark', title: `Edited ${timeOf(m.edited.ts).toLocaleString('en-GB')}` }, '(edited)') : null,
    m.subtype === 'slash_command' ? h('span', { class: 'mark' }, 'used a command') : null,
    m.subtype === 'thread_broadcast' ? h('span', { class: 'mark' }, 'replied in a thread') : null,
    m.ephemeral ? h('span', { class: 'only-you' }, icon('eye'), 'Only visible to you') : null,
  ].filter(Boolean);
}

function fillContent(content, m, desk) {
  if (m.deleted || m.subtype === 'tombstone') {
    content.replaceChildren(h('p', { class: 'gone' }, 'This message was deleted.'));
    return;
  }
  if (m.blocks?.length) {
    // The context is made once, so that blocks that stay keep talking for the right message.
    content.context ||= desk.context(m);
    content.context.learn(m);
    showBlocks(content, m.blocks, content.context);
    return;
  }
  content.shown = undefined;
  content.replaceChildren(...(m.text ? [h('div', { class: 'text' }, mrkdwn(m.text))] : []),
    ...(m.attachments || []).map((one) => attachment(one, desk.context(m))));
}

function footOf(m, desk, inThread) {
  return [
    m.files?.length ? h('div', { class: 'files' }, m.files.map(fileChip)) : null,
    m.reactions?.length ? h('div', { class: 'reactions' }, m.reactions.map((r) => reaction(r, m, desk))) : null,
    m.reply_count && !inThread ? threadLink(m, desk) : null,
  ].filter(Boolean);
}

function reaction(r, m, desk) {
  const mine = r.users?.includes(world.me.id);
  return h('button', {
    type: 'button', class: 'reaction', 'aria-pressed': String(Boolean(mine)), title: (r.users || []).map(nameOf).join(', '),
    'aria-label': `${r.name.replaceAll('_', ' ')}, ${r.count}`, onclick: () => desk.react(m, r.name),
  }, h('span', {}, glyph(r.name) || `:${r.name}:`), String(r.count));
}

function threadLink(m, desk) {
  const last = m.latest_reply ? timeOf(m.latest_reply) : null;
  return h('button', { type: 'button', class: 'thread-link', onclick: () => desk.openThread(m.ts) },
    h('span', { class: 'faces' }, (m.reply_users || []).slice(0, 3).map((id) => avatar(nameOf(id), id, Boolean(userById(id)?.is_bot)))),
    h('b', {}, m.reply_count === 1 ? '1 reply' : `${m.reply_count} replies`),
    last ? h('span', { class: 'mark' }, `last ${dayName(last) || dateWords(last, '{date_short}')} at ${clock(last)}`) : null);
}

const reactions = ['thumbsup', 'eyes', 'white_check_mark', 'tada', 'thinking_face'];

function toolsOf(m, desk, inThread) {
  if (m.deleted || m.subtype === 'tombstone') return [];
  const mine = m.user === world.me.id && !m.subtype?.startsWith('slash');
  const tool = (name, words, pick) => h('button', {
    type: 'button', class: 'icon-button', 'aria-label': words, title: words, onclick: (event) => pick(event.currentTarget),
  }, icon(name));
  if (m.ephemeral) return [tool('close', 'Dismiss this message', () => desk.remove(m))];
  return [
    tool('smile', 'React', (anchor) => openMenu(anchor, 'React', reactions.map((name) => ({
      label: `${glyph(name)} ${name.replaceAll('_', ' ')}`, pick: () => desk.react(m, name),
    })))),
    inThread ? null : tool('reply', 'Reply in a thread', () => desk.openThread(m.thread_ts || m.ts)),
    mine ? tool('edit', 'Edit', () => desk.edit(m)) : null,
    mine ? tool('trash', 'Delete', () => desk.remove(m)) : null,
  ].filter(Boolean);
}
