// table and data_table blocks.
import { h, icon } from './dom.js';
import { richInline, richWords } from './mrkdwn.js';

/** A plain table: the first row is its head. */
export function tableBlock(block) {
  const [head = [], ...rows] = block.rows;
  const settings = block.column_settings || [];
  const cell = (tag) => (value, i) => h(tag, { scope: tag === 'th' ? 'col' : null, class: cellClass(value, settings[i]) }, cellContent(value));
  return scroll('Table', h('table', {},
    h('thead', {}, h('tr', {}, head.map(alignLike(rows, cell('th'), settings)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map(cell('td')))))));
}

/** A head without its own alignment stands over its column: right over numbers. */
function alignLike(rows, make, settings) {
  return (value, i) => {
    const node = make(value, i);
    if (!settings[i]?.align && isNumeric(rows, i)) node.className = 'align-right';
    return node;
  };
}

const isNumeric = (rows, i) => rows.length > 0 && rows.every((row) => row[i]?.type === 'raw_number');

function cellClass(cell, setting = {}) {
  const align = setting?.align || (cell?.type === 'raw_number' ? 'right' : 'left');
  return `align-${align}${setting?.is_wrapped ? ' wraps' : ''}`;
}

function cellContent(cell) {
  if (!cell) return '';
  if (cell.type === 'raw_text') return cell.text;
  if (cell.type === 'raw_number') return cell.text || String(cell.value);
  if (cell.type === 'rich_text') return cell.elements.map((part) => (part.elements ? richInline(part.elements) : richInline([part])));
  throw new Error(`unknown table cell: ${cell.type}`);
}

/** Wide tables scroll inside their own frame, also from the keyboard, so that the page never does. */
function scroll(label, table) {
  return h('div', { class: 'table-scroll', role: 'region', 'aria-label': label, tabindex: '0' }, table);
}

/** A data_table: sorted by its heads, shown a page at a time. `button` makes the control of an action cell. */
export function dataTable(block, button) {
  const [head, ...rows] = block.rows;
  const view = { column: -1, down: false, page: 0, size: block.page_size || 5 };
  const rowHead = block.row_header_column_index || 0;
  const caption = h('caption', {}, block.caption);
  const body = h('tbody');
  const heads = head.map((cell, i) => sortHead(cell, i, rows, (column) => {
    view.down = view.column === column ? !view.down : false;
    view.column = column;
    view.page = 0;
    show();
  }));
  const pager = h('div', { class: 'pager' });
  const frame = h('div', { class: 'data-table' },
    scroll(block.caption, h('table', {}, caption, h('thead', {}, h('tr', {}, heads)), body)), pager);

  function show() {
    const sorted = view.column < 0 ? rows : [...rows].sort(by(view.column, view.down, isNumeric(rows, view.column)));
    const first = view.page * view.size;
    body.replaceChildren(...sorted.slice(first, first + view.size).map((row) => dataRow(row, rowHead, button)));
    heads.forEach((node, i) => node.setAttribute('aria-sort', i !== view.column ? 'none' : view.down ? 'descending' : 'ascending'));
    turn(first);
  }
  function turn(first) {
    if (rows.length <= view.size) return;
    const focused = pager.contains(document.activeElement) ? document.activeElement.dataset.step : null;
    const go = (step, words, enabled) => h('button', {
      type: 'button', class: 'button small', 'data-step': step, disabled: !enabled,
      onclick: () => { view.page += step; show(); },
    }, words);
    const last = Math.min(first + view.size, rows.length);
    pager.replaceChildren(
      h('span', { role: 'status' }, `${first + 1}–${last} of ${rows.length}`),
      go(-1, 'Previous', first > 0), go(1, 'Next', last < rows.length));
    if (focused) (pager.querySelector(`[data-step="${focused}"]:not(:disabled)`) || pager.querySelector('button:not(:disabled)'))?.focus();
  }
  show();
  return frame;
}

function sortHead(cell, i, rows, sort) {
  return h('th', { scope: 'col', class: isNumeric(rows, i) ? 'align-right' : 'align-left', 'aria-sort': 'none' },
    h('button', { type: 'button', class: 'sort', onclick: () => sort(i) }, cellContent(cell), icon('chevron')));
}

function dataRow(row, rowHead, button) {
  return h('tr', {}, row.map((cell, i) => h(i === rowHead ? 'th' : 'td',
    { scope: i === rowHead ? 'row' : null, class: cellClass(cell) },
    cell.type === 'action_cell' ? button(cell.element) : cellContent(cell))));
}

function by(column, down, numeric) {
  const words = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const order = numeric
    ? (a, b) => a[column].value - b[column].value
    : (a, b) => words.compare(cellWords(a[column]), cellWords(b[column]));
  return (a, b) => (down ? -order(a, b) : order(a, b));
}

function cellWords(cell) {
  if (cell.type === 'action_cell') return cell.element?.text?.text || '';
  if (cell.type === 'raw_number') return String(cell.value);
  return cell.type === 'rich_text' ? richWords(cell) : cell.text || '';
}
