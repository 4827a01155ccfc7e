// Slack's own text markup ("mrkdwn"), and rich text, as DOM nodes.
import { h, link } from './dom.js';
import { glyph } from './emoji.js';
import { channelName, nameOf, userById, world } from './world.js';

/** A text object of Block Kit: plain_text or mrkdwn. */
export function textObject(text) {
  if (text === null || text === undefined) return document.createTextNode('');
  if (typeof text === 'string') return document.createTextNode(text);
  return text.type === 'mrkdwn' ? mrkdwn(text.text || '') : plain(text.text || '', text.emoji !== false);
}

/** Text without markup; emoji names are still shown as emoji. */
export function plain(text, withEmoji = true) {
  const out = document.createDocumentFragment();
  text.split('\n').forEach((line, i) => {
    if (i > 0) out.append(h('br'));
    if (!withEmoji) return out.append(line);
    for (const piece of line.split(/(:[a-z0-9_+-]+:)/)) out.append(emoji(piece) || piece);
  });
  return out;
}

export function mrkdwn(text) {
  const out = document.createDocumentFragment();
  const pieces = text.split(/```\n?([\s\S]*?)\n?```/); // odd pieces are preformatted
  pieces.forEach((piece, i) => {
    if (i % 2) out.append(h('pre', {}, h('code', {}, unescape(piece))));
    else lines(out, i > 0 ? piece.replace(/^\n/, '') : piece);
  });
  return out;
}

/** Quotes are lines that begin with ">"; ">>>" quotes everything that follows. */
function lines(out, text) {
  if (text === '') return;
  let quote = null;
  let everything = false;
  let pendingBreak = false;
  for (let line of text.split('\n')) {
    const mark = everything ? ['', ''] : line.match(/^(?:&gt;|>)(&gt;&gt;|>>)? ?/);
    if (mark) {
      everything = everything || Boolean(mark[1]);
      line = line.slice(mark[0].length);
      if (quote) quote.append(h('br'));
      else out.append(quote = h('blockquote'));
      inline(quote, line);
      pendingBreak = false;
      continue;
    }
    quote = null;
    if (pendingBreak) out.append(h('br'));
    inline(out, line);
    pendingBreak = true;
  }
}

// One alternative a kind of token, in the order in which Slack resolves them. Styles may hold
// other tokens, so their content is read again.
const content = (mark) => `((?:<[^<>]*>|[^${mark}])+?)`;
const style = (mark) => `(?<![\\p{L}\\p{N}${mark}])[${mark}](?!\\s)${content(mark)}(?<!\\s)[${mark}](?![\\p{L}\\p{N}${mark}])`;
const token = new RegExp([
  '`([^`]+)`', '<([^<>]+)>', style('*'), style('_'), style('~'),
  ':([a-z0-9_+\\-]+(?:::skin-tone-\\d)?):', '(https?://[^\\s<>|]*[^\\s<>|.,;:!?\'")\\]])',
].join('|'), 'gu');

function inline(out, text) {
  let from = 0;
  for (const found of text.matchAll(token)) {
    const [whole, code, angle, bold, italic, strike, name, url] = found;
    if (found.index > from) out.append(unescape(text.slice(from, found.index)));
    from = found.index + whole.length;
    if (code !== undefined) out.append(h('code', {}, unescape(code)));
    else if (angle !== undefined) out.append(inAngles(angle));
    else if (bold !== undefined) out.append(styled('strong', bold));
    else if (italic !== undefined) out.append(styled('em', italic));
    else if (strike !== undefined) out.append(styled('s', strike));
    else if (name !== undefined) out.append(emoji(whole) || whole);
    else out.append(link(unescape(url), unescape(url)));
  }
  if (from < text.length) out.append(unescape(text.slice(from)));
}

function styled(tag, text) {
  const node = h(tag);
  inline(node, text);
  return node;
}

/** <@U…>, <#C…>, <!here>, <!date^…>, <url|label>. */
function inAngles(body) {
  const bar = body.indexOf('|');
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? '' : unescape(body.slice(bar + 1));
  if (/^@[A-Z0-9]+$/.test(target)) return userMention(target.slice(1), label);
  if (/^#[A-Z0-9]+$/.test(target)) return h('span', { class: 'mention' }, `#${label || channelName(target.slice(1))}`);
  if (target.startsWith('!date^')) return slackDate(target, label);
  if (target.startsWith('!subteam^')) return h('span', { class: 'mention' }, label || '@group');
  if (target.startsWith('!')) return h('span', { class: 'mention loud' }, `@${label || target.slice(1)}`);
  if (/^(https?:|mailto:|tel:)/i.test(target)) {
    return link(unescape(target), label || unescape(target).replace(/^(mailto|tel):/, ''));
  }
  return document.createTextNode(unescape(`<${body}>`));
}

export function userMention(id, label = '') {
  const known = userById(id);
  const mine = world.me && id === world.me.id;
  return h('span', { class: mine ? 'mention mine' : 'mention', title: known ? known.title || null : null },
    `@${known ? known.name : label || nameOf(id)}`);
}

/** Slack escapes exactly three characters. */
function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&' })[name]);
}

function emoji(text) {
  const name = text.match(/^:(.+):$/)?.[1];
  const found = name && glyph(name);
  return found ? h('span', { class: 'emoji', role: 'img', 'aria-label': name.replaceAll('_', ' ') }, found) : null;
}

function slackDate(target, fallback) {
  const [, seconds, format = '{date}', url] = target.split('^');
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return document.createTextNode(fallback);
  const text = dateWords(at, format);
  const time = h('time', { datetime: at.toISOString(), title: fallback || null }, text);
  return url ? link(url, time) : time;
}

/** The tokens of Slack's date formats, in the reader's own zone. */
export function dateWords(at, format) {
  const day = (options) => at.toLocaleDateString('en', options);
  const pretty = (plainDay) => dayName(at) || plainDay;
  const long = day({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' });
  const medium = day({ month: 'long', day: 'numeric', year: 'numeric' });
  const short = day({ month: 'short', day: 'numeric', year: 'numeric' });
  const words = {
    date_num: day({ year: 'numeric', month: '2-digit', day: '2-digit' }), date: medium, date_short: short, date_long: long,
    date_pretty: pretty(medium), date_short_pretty: pretty(short), date_long_pretty: pretty(long),
    time: clock(at), time_secs: at.toLocaleTimeString('en', { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    ago: ago(at),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => words[name] ?? whole);
}

export const clock = (at) => at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/** "today", "yesterday", "tomorrow", or nothing. */
export function dayName(at, now = new Date()) {
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
  const days = Math.round((midnight(at) - midnight(now)) / 86_400_000);
  return { 0: 'today', '-1': 'yesterday', 1: 'tomorrow' }[days] || '';
}

function ago(at) {
  const seconds = Math.round((at - Date.now()) / 1000);
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [unit, size] of [['day', 86_400], ['hour', 3_600], ['minute', 60]]) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(seconds, 'second');
}

// Rich text: already parsed by Slack, and literal. No markup is looked for in it.

export function richText(block) {
  return h('div', { class: 'rich' }, (block.elements || []).map(richPart));
}

function richPart(part) {
  switch (part.type) {
    case 'rich_text_section': return h('div', { class: 'rich-section' }, richInline(part.elements));
    case 'rich_text_quote': return h('blockquote', {}, richInline(part.elements));
    case 'rich_text_preformatted': return h('pre', {}, h('code', {}, richInline(part.elements)));
    case 'rich_text_list': return richList(part);
    default: throw new Error(`unknown part of rich text: ${part.type}`);
  }
}

function richList(part) {
  const tag = part.style === 'ordered' ? 'ol' : 'ul';
  return h(tag, { class: `indent-${Math.min(part.indent || 0, 8)}`, start: part.offset ? part.offset + 1 : null },
    part.elements.map((item) => h('li', {}, item.type === 'rich_text_section' ? richInline(item.elements) : richPart(item))));
}

export const richInline = (elements = []) => elements.map((e) => withStyle(richLeaf(e), e.style));

function richLeaf(e) {
  switch (e.type) {
    case 'text': return literal(e.text);
    case 'link': return link(e.url, e.text || e.url);
    case 'user': return userMention(e.user_id);
    case 'channel': return h('span', { class: 'mention' }, `#${channelName(e.channel_id)}`);
    case 'usergroup': return h('span', { class: 'mention' }, '@group');
    case 'broadcast': return h('span', { class: 'mention loud' }, `@${e.range}`);
    case 'emoji': return richEmoji(e);
    case 'color': return h('code', {}, e.value);
    case 'tag': return h('span', { class: 'tag' }, e.text);
    case 'date': return slackDate(`!date^${e.timestamp}^${e.format || '{date}'}${e.url ? `^${e.url}` : ''}`, e.fallback || '');
    default: return e.url ? link(e.url, e.text || e.url) : document.createTextNode(e.text || e.label || `[${e.type}]`);
  }
}

function richEmoji(e) {
  const found = glyph(e.name || '', e.unicode);
  return found
    ? h('span', { class: 'emoji', role: 'img', 'aria-label': (e.name || '').replaceAll('_', ' ') }, found)
    : document.createTextNode(`:${e.name}:`);
}

function literal(text) {
  const out = document.createDocumentFragment();
  text.split('\n').forEach((line, i) => out.append(...(i ? [h('br')] : []), line));
  return out;
}

function withStyle(node, marks = {}) {
  const tags = { code: 'code', bold: 'strong', italic: 'em', strike: 's', underline: 'u', highlight: 'mark' };
  for (const [mark, tag] of Object.entries(tags)) {
    if (marks?.[mark]) node = h(tag, {}, node);
  }
  return node;
}

/** Rich text as one plain line, for labels and for sorting. */
export function richWords(node) {
  if (node.type === 'user') return nameOf(node.user_id);
  if (node.type === 'emoji') return glyph(node.name || '', node.unicode) || `:${node.name}:`;
  if (node.elements) return node.elements.map(richWords).join('');
  return node.text || node.url || '';
}
