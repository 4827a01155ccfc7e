// The page: who is acting, where, and what they see. One long poll tells that something changed;
// then what is on the screen is read again. (Browsers allow six connections to a server, so one
// waiting request a tab leaves room for two people side by side.)
import { announce, byId, h, icon } from './dom.js';
import { Composer } from './composer.js';
import { openMenu } from './menu.js';
import { avatar, MessageList } from './messages.js';
import { Forms, lookUp, reportDelivery, showHome } from './modal.js';
import { get, outcome, post, Refused } from './sim.js';
import { Faults, WireLog } from './tools.js';
import {
  channelById, channelName, channelsOf, dmOf, findChannel, findUser, isIn, learn, nameOf, people, roleOf, world,
} from './world.js';

const here = { channel: null, thread: null, tab: 'messages' };
const unread = { seen: new Map(), marked: new Set(), busy: false };
const store = {
  get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* private windows may forbid it */ } },
};

// ---- reading: one poll, then everything on the screen ----

let version; // what the screen shows; undefined asks for everything at once
let reading = 0;

async function follow() {
  let failures = 0;
  for (;;) {
    try {
      const state = await get('state', { after: version, wait: version === undefined ? undefined : 25_000 });
      version = state.version;
      if (failures > 0) online();
      failures = 0;
      learn(state);
      settle();
      showSide();
      await refresh();
    } catch {
      version = undefined;
      await offline(Math.min(500 * 2 ** failures++, 8_000));
    }
  }
}

/** Reads the open conversation, the open thread and the forms again. */
async function refresh() {
  if (!world.me || !here.channel) return;
  const turn = ++reading;
  const [as, channel, thread] = [world.me.id, here.channel, here.thread];
  const [seen, replies, views] = await Promise.all([
    see({ as, channel }), thread ? see({ as, channel, thread_ts: thread }) : null, get('views', { as }),
  ]);
  if (turn !== reading) return; // somebody went elsewhere, or a later reading is on its way
  showConversation(seen);
  if (thread) showThread(replies);
  forms.show(views.stack);
  showHome(byId('home'), views.home, desk);
  lookElsewhere();
}

async function see(where) {
  try {
    return await get('see', where);
  } catch (error) {
    if (error instanceof Refused) return { messages: [], refused: error };
    throw error;
  }
}

const readAgain = () => refresh().catch(() => { /* the poll notices and says so */ });

function online() {
  banner();
  composer.say('');
  announce('The workspace is answering again');
}

/** Says that nobody answers and waits; "Try now" ends the wait. */
function offline(pause) {
  byId('presence').textContent = 'Not answering';
  byId('presence').classList.remove('on');
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pause);
    const retry = h('button', { type: 'button', class: 'button small', onclick: () => { clearTimeout(timer); resolve(); } }, 'Try now');
    setBanner('down', 'The workspace is not answering. It may have been stopped; trying again.', retry);
  });
}

function banner() {
  if (world.connections > 0) byId('banner').hidden = true;
  else setBanner('calm', `${world.bot.name} is not connected. Messages to it are delivered when it is; commands and buttons fail until then, as in Slack.`);
}

function setBanner(kind, text, ...more) {
  const node = byId('banner');
  if (node.dataset.text === text && !node.hidden) return;
  node.dataset.text = text;
  node.className = `banner ${kind}`;
  node.replaceChildren(h('span', { class: 'pulse', 'aria-hidden': 'true' }), h('span', {}, text), ...more);
  node.hidden = false;
}

// ---- where we are: the address, the storage, the first sensible place ----

/** Makes sure that there is a person and a place that exist. */
function settle() {
  if (!world.me) {
    const wanted = new URLSearchParams(location.hash.slice(1));
    world.me = findUser(wanted.get('as') || '') || findUser(store.get('as') || '') || people().find((u) => !u.deleted) || null;
    here.thread = wanted.get('thread');
    if (world.me) enter(wanted.get('channel') || store.get(`channel ${world.me.id}`) || 'dm', { thread: here.thread });
  }
  const place = here.channel && channelById(here.channel);
  if (world.me && !place) enter('dm');
}

function enter(key, { thread = null, tab = 'messages' } = {}) {
  const place = findChannel(key, world.me) || dmOf(world.me) || channelsOf(world.me)[0];
  if (!place) return;
  Object.assign(here, { channel: place.id, thread, tab });
  reading++; // what is being read for the place before does not matter any more
  unread.marked.delete(place.id);
  store.set('as', world.me.id);
  store.set(`channel ${world.me.id}`, place.id);
  const hash = new URLSearchParams({ as: world.me.id, channel: place.id, ...(thread ? { thread } : {}) });
  history.replaceState(null, '', `#${hash}`);
  showSide();
  showBar();
  showTab();
  byId('thread').hidden = !thread;
}

function goTo(key, options) {
  enter(key, options);
  closeSide();
  readAgain();
  const place = channelById(here.channel);
  // Slack tells the bot when somebody opens its messages.
  if (place?.is_im && !options && world.connections > 0) post('home', { as: world.me.id, tab: 'messages' }).catch(() => {});
}

function become(user) {
  world.me = user;
  unread.seen.clear();
  unread.marked.clear();
  // Other people have other messages and forms at the same places.
  byId('messages').replaceChildren();
  forms.show([]);
  enter(store.get(`channel ${user.id}`) || 'dm');
  readAgain();
  announce(`You are now ${nameOf(user.id)}`);
}

window.addEventListener('hashchange', () => {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const user = findUser(wanted.get('as') || '');
  if (user && user.id !== world.me?.id) become(user);
  if (wanted.get('channel')) enter(wanted.get('channel'), { thread: wanted.get('thread') });
  readAgain();
});

// ---- the left side ----

function showSide() {
  byId('team').textContent = world.team.name || 'Local workspace';
  const on = world.connections > 0;
  byId('presence').textContent = on ? `${world.bot.name} is connected` : `${world.bot.name} is away`;
  byId('presence').classList.toggle('on', on);
  document.title = `${unread.marked.size ? `(${unread.marked.size}) ` : ''}${here.channel ? title() : 'Workspace'} · ${world.team.name || 'Local workspace'}`;
  if (byId('banner').className !== 'banner down' || byId('banner').hidden) banner();
  faults.show();
  if (!world.me) return;
  const me = byId('me');
  const signature = JSON.stringify([world.me, here.channel, world.channels, [...unread.marked]]);
  if (me.dataset.shown === signature) return;
  me.dataset.shown = signature;
  me.replaceChildren(avatar(nameOf(world.me.id), world.me.id),
    h('span', { class: 'person-words' }, h('b', {}, nameOf(world.me.id)), h('small', {}, roleOf(world.me))), icon('chevron'));
  showPlaces();
}

function showPlaces() {
  const focused = document.activeElement?.dataset?.place;
  const dm = dmOf(world.me);
  const mine = channelsOf(world.me);
  byId('places').replaceChildren(
    ...(dm ? [h('h2', { class: 'eyebrow' }, 'Direct message'), h('ul', {}, placeItem(dm))] : []),
    h('h2', { class: 'eyebrow' }, 'Channels'),
    mine.length ? h('ul', {}, mine.map(placeItem)) : h('p', { class: 'hint' }, 'No channels for this person.'));
  if (focused) byId('places').querySelector(`[data-place="${focused}"]`)?.focus();
}

function placeItem(channel) {
  const joined = channel.is_im || isIn(world.me, channel);
  const marked = unread.marked.has(channel.id);
  const sign = channel.is_im ? h('img', { src: 'icon.svg', alt: '', class: 'icon', width: 18, height: 18 }) : icon(channel.is_private ? 'lock' : 'hash');
  return h('li', {}, h('button', {
    type: 'button', 'data-place': channel.id, 'aria-current': channel.id === here.channel ? 'page' : null,
    class: `place ${joined ? '' : 'not-joined'} ${marked ? 'unread' : ''}`, onclick: () => goTo(channel.id),
  }, sign, h('span', {}, channel.is_im ? world.bot.name : channel.name),
  channel.is_ext_shared ? h('span', { class: 'tag', title: 'Shared with another organisation' }, 'shared') : null,
  channel.is_archived ? h('span', { class: 'tag' }, 'archived') : null,
  marked ? h('span', { class: 'unread-dot' }, h('span', { class: 'sr-only' }, ' has new messages')) : null));
}

function choosePerson() {
  openMenu(byId('me'), 'Be somebody else', people().map((user) => ({
    label: nameOf(user.id), detail: roleOf(user), current: user.id === world.me?.id,
    lead: avatar(nameOf(user.id), user.id), pick: () => become(user),
  })));
}

/** Marks the places where something new was said. Cheap, and at most one round at a time. */
async function lookElsewhere() {
  unread.seen.set(here.channel, list.newest?.ts || '0');
  if (unread.busy) return;
  unread.busy = true;
  try {
    const me = world.me.id;
    for (const channel of [dmOf(world.me), ...channelsOf(world.me)]) {
      if (!channel || channel.id === here.channel || !(channel.is_im || isIn(world.me, channel))) continue;
      const newest = (await get('see', { as: me, channel: channel.id })).messages.at(-1);
      if (world.me.id !== me) return;
      const before = unread.seen.get(channel.id);
      if (before !== undefined && newest && newest.ts > before && newest.user !== me) unread.marked.add(channel.id);
      if (channel.id !== here.channel) unread.seen.set(channel.id, newest?.ts || '0');
    }
    showSide();
  } catch {
    // Only marks; the next change tries again.
  } finally {
    unread.busy = false;
  }
}

// ---- the middle ----

function title() {
  const channel = channelById(here.channel);
  return !channel ? '' : channel.is_im ? world.bot.name : `#${channel.name}`;
}

function showBar() {
  const channel = channelById(here.channel);
  byId('title').textContent = title();
  byId('tabs').hidden = !channel.is_im || world.bot.home === false;
  byId('subtitle').textContent = channel.is_im ? 'Only the two of you see this' : placeWords(channel);
  const refusal = refusalHere(channel);
  const label = `Message ${title()}`;
  composer.goTo(`${world.me.id} ${here.channel}`, label, refusal);
  threadComposer.goTo(`${world.me.id} ${here.channel} ${here.thread}`, 'Reply in the thread', refusal);
  byId('thread-place').textContent = title();
  showJoin(channel);
}

function placeWords(channel) {
  const members = channel.members.length;
  return [channel.is_private ? 'Private' : 'Public', `${members} ${members === 1 ? 'member' : 'members'}`,
    channel.is_ext_shared ? 'shared with another organisation' : null,
    channel.members.includes(world.bot.user_id) ? null : `${world.bot.name} is not in here`].filter(Boolean).join(' · ');
}

function refusalHere(channel) {
  if (world.me.deleted) return 'This account is deactivated';
  if (channel.is_archived) return 'This channel is archived';
  if (!channel.is_im && !isIn(world.me, channel)) return 'Join the channel to write here';
  return '';
}

/** A way into a public channel, and for the bot into one where it is missing. */
function showJoin(channel) {
  byId('join')?.remove();
  if (channel.is_im || channel.is_archived || world.me.deleted) return;
  const inside = isIn(world.me, channel);
  if (inside && channel.members.includes(world.bot.user_id)) return;
  const invite = async () => {
    try {
      await post('invite', { as: world.me.id, channel: channel.id, ...(inside ? { user: world.bot.user_id } : {}) });
    } catch (error) {
      report(error.message, true);
    }
  };
  byId('composer').prepend(h('p', { class: 'join', id: 'join' }, inside ? `${world.bot.name} is not in this channel.` : 'You are reading along.',
    h('button', { type: 'button', class: 'button small', onclick: invite }, inside ? `Invite ${world.bot.name}` : 'Join the channel')));
}

function showConversation(seen) {
  showBar();
  const fresh = list.show(seen.messages, `${world.me.id} ${here.channel}`);
  noteAnswer(fresh);
  showEmpty(seen);
}

function showEmpty(seen) {
  const node = byId('empty');
  node.hidden = seen.messages.length > 0;
  if (node.hidden) return;
  if (seen.refused) {
    node.replaceChildren(h('div', { class: 'empty-words' }, h('h2', {}, 'Not for you'), h('p', {}, `${seen.refused.message}.`)));
    return;
  }
  const signature = `${world.me.id} ${here.channel} ${JSON.stringify(world.commands)} ${JSON.stringify(world.suggestions)}`;
  if (node.dataset.shown === signature) return;
  node.dataset.shown = signature;
  const channel = channelById(here.channel);
  const writable = !refusalHere(channel);
  node.replaceChildren(h('div', { class: 'empty-words' },
    h('img', { src: 'icon.svg', alt: '', width: 56, height: 56 }),
    h('h2', {}, channel.is_im ? `This is your conversation with ${world.bot.name}` : `Welcome to ${title()}`),
    h('p', {}, channel.is_im
      ? 'Ask in your own words, or type / to see what it can do.'
      : `Type / for commands, or mention @${world.bot.name} to ask where everybody sees it.`),
    writable ? tries(suggestions(channel)) : null));
}

function tries(texts) {
  return h('div', { class: 'tries', role: 'group', 'aria-label': 'Things to try' },
    h('p', { class: 'eyebrow' }, 'Things to try'),
    texts.map((text) => h('button', { type: 'button', class: 'try', onclick: () => attempt(text) }, text)));
}

/** What to try here: the workspace's own suggestions, hints that are whole sentences, then general ones. */
function suggestions(channel) {
  const given = world.suggestions.map((one) => (typeof one === 'string' ? one : one.text || one.label)).filter(Boolean);
  const hinted = world.commands
    .filter((c) => c.usage_hint && !/[[\]<>|…]|\.\.\./.test(c.usage_hint))
    .map((c) => `${c.command} ${c.usage_hint}`);
  const known = (text) => !text.startsWith('/') || world.commands.length === 0 || world.commands.some((c) => c.command === text.split(' ')[0]);
  const general = ['won revenue by territory this quarter', '/kpi win rate', '/salesbot help', 'whats my number', 'pipeline closing this month'].filter(known);
  // A command first, then the same in one's own words: both ways work.
  const mixed = [hinted[0], general[0], ...hinted.slice(1), ...general.slice(1)].filter(Boolean);
  const all = [...new Set([...given, ...mixed])].slice(0, 3);
  return all.map((text) => (channel.is_im || text.startsWith('/') ? text : `@${world.bot.name} ${text}`));
}

function attempt(text) {
  if (/[<[…]/.test(text)) composer.put(text);
  else composer.send(text);
  composer.focus();
}

// ---- threads ----

function openThread(ts) {
  enter(here.channel, { thread: ts });
  byId('thread').hidden = false;
  readAgain();
  threadComposer.focus();
}

function closeThread() {
  const back = byId('messages').querySelector(`[data-ts="${here.thread}"]`);
  enter(here.channel);
  back?.focus();
}

function showThread(replies) {
  noteAnswer(threadList.show(replies.messages, `${world.me.id} ${here.channel} ${here.thread}`));
}

// ---- tabs of the conversation with the bot ----

function showTab() {
  const home = here.tab === 'home';
  byId('home').hidden = byId('home-status').hidden = !home;
  byId('home-status').textContent = '';
  byId('conversation').hidden = home;
  byId('tab-home').setAttribute('aria-selected', String(home));
  byId('tab-messages').setAttribute('aria-selected', String(!home));
  byId('tab-home').tabIndex = home ? 0 : -1;
  byId('tab-messages').tabIndex = home ? -1 : 0;
}

async function openTab(tab) {
  enter(here.channel, { tab });
  byId(`tab-${tab}`).focus();
  try {
    const answer = await post('home', { as: world.me.id, tab });
    if (tab === 'home') showHome(byId('home'), answer.home, desk);
    if (answer.delivery?.acked === false) reportDelivery(answer.delivery, desk);
  } catch (error) {
    report(error.message, true);
  }
  readAgain();
}

// ---- acting ----

let asked = null; // {at, text, composer}: what was sent and not yet answered

async function send(target, { text, files }) {
  const started = performance.now();
  const answer = await sendTo(target, text, files);
  const { text: words, bad } = outcome(answer.delivery, world.bot.name);
  if (bad) asked = null;
  target.composer.say(words, bad);
  if (answer.delivery?.acked) asked = { at: started, words, composer: target.composer };
  list.scrollToEnd();
}

function sendTo(target, text, files) {
  const command = text.match(/^(\/\S+)\s*([\s\S]*)$/);
  const where = { as: world.me.id, channel: here.channel };
  if (!command) {
    const more = { ...(target.thread() ? { thread_ts: target.thread() } : {}), ...(files.length ? { files } : {}) };
    return post('say', { ...where, text, ...more });
  }
  if (target.thread()) throw new Error(`${command[1]} is not supported in threads. Sorry!`);
  return post('command', { ...where, command: command[1], text: command[2] });
}

/** The first word of the bot after something was asked. */
function noteAnswer(fresh) {
  if (!asked || !fresh.some((m) => m.bot || m.user === 'USLACKBOT')) return;
  asked.composer.say(`${asked.words} · answered in ${Math.round(performance.now() - asked.at)} ms`);
  asked = null;
}

/** Says what became of something, near to where the person is. */
function report(text, bad = false) {
  if (here.tab === 'home') {
    byId('home-status').textContent = text;
    byId('home-status').classList.toggle('bad', bad);
    return;
  }
  const target = here.thread && byId('thread').contains(document.activeElement) ? threadComposer : composer;
  target.say(text, bad);
}

/** What the elements of a message need to reach the bot. It follows the message through its changes. */
function messageContext(message) {
  let known = message;
  const where = () => ({ as: world.me.id, channel: message.channel, ts: message.ts });
  return {
    surface: 'message',
    learn: (m) => { known = m; },
    get files() { return known.files; },
    chosen: (block, action) => known.state?.[block]?.[action],
    stateOf: (block) => known.state?.[block],
    options: (block, action, value) => lookUp({ ...where(), block_id: block, action_id: action, value }, desk),
    act: async (block, action, value) => {
      const body = { ...where(), action_id: action, value };
      if (block) body.block_id = block;
      const started = performance.now();
      try {
        const answer = await post('act', body);
        if (!answer.delivery) return;
        reportDelivery(answer.delivery, desk);
        if (answer.delivery.acked) asked = { at: started, words: outcome(answer.delivery, world.bot.name).text, composer };
      } catch (error) {
        report(error.message, true);
      }
    },
  };
}

async function change(act, body) {
  try {
    const answer = await post(act, { as: world.me.id, channel: here.channel, ...body });
    if (answer.delivery?.acked === false) reportDelivery(answer.delivery, desk);
  } catch (error) {
    report(error.message, true);
  }
}

/** Editing happens in a small form, so that the list stays where it is. */
function edit(m) {
  const box = h('textarea', { rows: 4, 'aria-label': 'Text', value: editable(m.text) });
  const dialog = h('dialog', { class: 'modal small', 'aria-label': 'Edit the message' },
    h('form', { method: 'dialog' }, h('header', {}, h('h2', {}, 'Edit the message')), h('div', { class: 'modal-body' }, box),
      h('footer', {}, h('button', { class: 'button', value: '' }, 'Cancel'), h('button', { class: 'button primary', value: 'save' }, 'Save'))));
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (dialog.returnValue === 'save' && box.value.trim()) change('edit', { ts: m.ts, text: box.value });
  });
  document.body.append(dialog);
  dialog.showModal();
  box.focus();
}

/** Stored text, as its author typed it. */
function editable(text) {
  return text.replace(/<@([A-Z0-9]+)(\|[^>]*)?>/g, (whole, id) => `@${findUser(id)?.name || id}`)
    .replace(/<#([A-Z0-9]+)(\|[^>]*)?>/g, (whole, id) => `#${channelName(id)}`)
    .replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&' })[name]);
}

const desk = {
  refresh, report, openThread, edit,
  context: messageContext,
  react: (m, name) => change('react', { ts: m.ts, name }),
  remove: (m) => change('delete', { ts: m.ts }),
};

// ---- drawers, theme, keys ----

function openSide() {
  document.body.classList.add('side-open');
  byId('veil').hidden = false;
  byId('open-side').setAttribute('aria-expanded', 'true');
  byId('me').focus();
}

function closeSide() {
  if (!document.body.classList.contains('side-open')) return;
  document.body.classList.remove('side-open');
  byId('veil').hidden = true;
  byId('open-side').setAttribute('aria-expanded', 'false');
  byId('open-side').focus();
}

function toggle(section, button, open) {
  byId(section).hidden = !open;
  byId(button).setAttribute('aria-expanded', String(open));
  if (section === 'log') open ? wire.open() : wire.shut();
  if (open) closeSide();
  if (open) byId(section).focus({ preventScroll: true });
}

const isDark = () => (document.documentElement.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

function switchTheme() {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  store.set('theme', theme);
}

/** F6 goes round the regions of the page, as it does in browsers and in other chat clients. */
function nextRegion(back) {
  const targets = [
    byId('me'), document.querySelector('#messages .message[tabindex="0"]') || byId('scroller'), byId('say'),
    byId('thread-say'), byId('faults'), byId('log'),
  ].filter((node) => node && node.getClientRects().length > 0);
  const regions = ['side', 'scroller', 'composer', 'thread', 'faults', 'log'].map(byId);
  const at = targets.findIndex((node) => regions.some((r) => r?.contains(node) && r.contains(document.activeElement)));
  targets.at((at + (back ? -1 : 1) + targets.length) % targets.length)?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'F6') {
    event.preventDefault();
    nextRegion(event.shiftKey);
  } else if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]')) {
    if (document.body.classList.contains('side-open')) closeSide();
    else if (here.thread && byId('thread').contains(document.activeElement)) closeThread();
  }
});

byId('tabs').addEventListener('keydown', (event) => {
  if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') openTab(here.tab === 'home' ? 'messages' : 'home');
});

// ---- putting it together ----

const list = new MessageList(byId('messages'), byId('scroller'), desk, { newer: byId('newer') });
const threadList = new MessageList(byId('thread-messages'), byId('thread-scroller'), desk, { inThread: true });
const composer = new Composer(byId('composer'), {
  id: 'say', commands: true, send: (what) => send({ composer, thread: () => null }, what),
});
const threadComposer = new Composer(byId('thread-composer'), {
  id: 'thread-say', commands: false, send: (what) => send({ composer: threadComposer, thread: () => here.thread }, what),
});
const forms = new Forms(desk);
const faults = new Faults(byId('faults'));
const wire = new WireLog(byId('log'));

byId('me').addEventListener('click', choosePerson);
byId('open-side').addEventListener('click', openSide);
byId('close-side').addEventListener('click', closeSide);
byId('veil').addEventListener('click', closeSide);
byId('close-thread').addEventListener('click', closeThread);
byId('tab-home').addEventListener('click', () => openTab('home'));
byId('tab-messages').addEventListener('click', () => openTab('messages'));
byId('toggle-theme').addEventListener('click', switchTheme);
byId('toggle-faults').addEventListener('click', () => toggle('faults', 'toggle-faults', byId('faults').hidden));
byId('toggle-log').addEventListener('click', () => toggle('log', 'toggle-log', byId('log').hidden));
wire.close.addEventListener('click', () => { toggle('log', 'toggle-log', false); byId('toggle-log').focus(); });

follow();
