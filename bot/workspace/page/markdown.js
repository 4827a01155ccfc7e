// The "markdown" block: real Markdown, as far as Slack shows it.
import { h, link } from './dom.js';
import { glyph } from './emoji.js';

export function markdown(text) {
  const reader = { lines: text.replace(/\r/g, '').split('\n'), at: 0 };
  const out = h('div', { class: 'markdown' });
  while (reader.at < reader.lines.length) {
    const node = part(reader);
    if (node) out.append(node);
  }
  return out;
}

function part(reader) {
  const line = reader.lines[reader.at];
  if (line.trim() === '') return void reader.at++;
  if (/^\s*(```|~~~)/.test(line)) return fence(reader);
  if (/^#{1,6}\s/.test(line)) return heading(reader);
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return reader.at++, h('hr');
  if (/^\s*>/.test(line)) return quote(reader);
  if (isTable(reader)) return table(reader);
  if (item.test(line)) return list(reader, indentOf(line));
  return paragraph(reader);
}

/** Takes lines while `want` holds, at least one. */
function take(reader, want) {
  const taken = [reader.lines[reader.at++]];
  while (reader.at < reader.lines.length && want(reader.lines[reader.at])) taken.push(reader.lines[reader.at++]);
  return taken;
}

function fence(reader) {
  const mark = reader.lines[reader.at].trim().slice(0, 3);
  const [, ...code] = take(reader, (line) => !line.trim().startsWith(mark));
  reader.at++; // the closing fence
  return h('pre', {}, h('code', {}, code.join('\n')));
}

function heading(reader) {
  const [, marks, words] = reader.lines[reader.at++].match(/^(#+)\s+(.*?)\s*#*$/);
  // The page's own headings are the first two levels.
  return h(`h${Math.min(marks.length + 2, 6)}`, {}, inline(words));
}

function quote(reader) {
  const inner = take(reader, (line) => /^\s*>/.test(line)).map((line) => line.replace(/^\s*> ?/, ''));
  return h('blockquote', {}, markdown(inner.join('\n')));
}

const item = /^\s*([-*+]|\d+[.)])\s+/;
const indentOf = (line) => line.match(/^\s*/)[0].length;

function list(reader, indent) {
  const ordered = /^\s*\d/.test(reader.lines[reader.at]);
  const node = h(ordered ? 'ol' : 'ul');
  while (reader.at < reader.lines.length && item.test(reader.lines[reader.at])) {
    const line = reader.lines[reader.at];
    if (indentOf(line) < indent) break;
    if (indentOf(line) > indent + 1 && node.lastChild) node.lastChild.append(list(reader, indentOf(line)));
    else node.append(listItem(reader));
  }
  return node;
}

function listItem(reader) {
  const words = reader.lines[reader.at++].replace(item, '');
  const task = words.match(/^\[([ xX])\]\s+(.*)/);
  if (!task) return h('li', {}, inline(words));
  const done = task[1] !== ' ';
  return h('li', { class: 'task' }, h('span', { role: 'img', 'aria-label': done ? 'done' : 'to do' }, done ? '☑' : '☐'), ' ', inline(task[2]));
}

const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const isTable = ({ lines, at }) => lines[at].includes('|') && tableRule.test(lines[at + 1] || '');

function table(reader) {
  const [head, rule, ...rows] = take(reader, (line) => line.includes('|')).map(cells);
  const align = rule.map((r) => (r.endsWith(':') ? (r.startsWith(':') ? 'center' : 'right') : 'left'));
  const row = (tag) => (values) => h('tr', {}, head.map((_, i) => h(tag, { class: `align-${align[i] || 'left'}` }, inline(values[i] || ''))));
  return h('div', { class: 'table-scroll' }, h('table', {}, h('thead', {}, row('th')(head)), h('tbody', {}, rows.map(row('td')))));
}

const cells = (line) => line.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map((c) => c.trim().replaceAll('\\|', '|'));

function paragraph(reader) {
  const text = take(reader, (line) => line.trim() !== '' && !/^(\s*```|#{1,6}\s|\s*>)/.test(line) && !item.test(line));
  return h('p', {}, text.flatMap((line, i) => [i ? h('br') : null, inline(line)]));
}

// One alternative a kind of token, in the order in which they are tried.
const token = new RegExp([
  /\\([\\`*_{}[\]()#+\-.!|~<>])/, /`([^`]+)`/, /!?\[([^\]]*)\]\(([^)\s]+)\)/,
  /\*\*(?=\S)(.+?)(?<=\S)\*\*/, /(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)/, /~~(?=\S)(.+?)(?<=\S)~~/,
  /\*(?=\S)([^*]+?)(?<=\S)\*/, /(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)/,
  /:([a-z0-9_+-]+):/, /(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]])/,
].map((one) => one.source).join('|'), 'g');

function inline(text) {
  const out = document.createDocumentFragment();
  let from = 0;
  for (const found of text.matchAll(token)) {
    const [whole, escaped, code, label, url, bold, bold2, strike, italic, italic2, name, bare] = found;
    out.append(text.slice(from, found.index));
    from = found.index + whole.length;
    if (escaped) out.append(escaped);
    else if (code) out.append(h('code', {}, code));
    else if (url) out.append(link(url, label ? inline(label) : url));
    else if (bold || bold2) out.append(h('strong', {}, inline(bold || bold2)));
    else if (strike) out.append(h('s', {}, inline(strike)));
    else if (italic || italic2) out.append(h('em', {}, inline(italic || italic2)));
    else if (name) out.append(glyph(name) || whole);
    else out.append(link(bare, bare));
  }
  out.append(text.slice(from));
  return out;
}
