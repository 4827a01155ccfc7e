// Block Kit: blocks as DOM nodes. One broken block never takes its message with it.
import { chart } from './charts.js';
import { freshId, h, icon, link, ownFile } from './dom.js';
import { element, knows } from './elements.js';
import { markdown } from './markdown.js';
import { mrkdwn, plain, richText, textObject } from './mrkdwn.js';
import { dataTable, tableBlock } from './tables.js';

const makers = {
  section, header, divider, context, context_actions: contextActions, actions, image, input: inputBlock,
  rich_text: richText, markdown: (b) => markdown(b.text), table: tableBlock,
  data_table: (b, ctx) => dataTable(b, (el) => element(el, placeIn(b, ctx))),
  data_visualization: chart, card, carousel, container, layout, alert, plan, task_card: taskCard, file: fileBlock, video,
};

/**
 * Shows blocks in a container. Blocks that have not changed keep their nodes, and with them the
 * focus, the order of a table and what is being typed.
 */
export function showBlocks(container, blocks, ctx) {
  const old = new Map((container.shown || []).map((one) => [one.key, one.node]));
  const seen = new Map();
  container.shown = blocks.map((block) => {
    const plainKey = JSON.stringify([block, ctx.stateOf?.(block.block_id)]);
    const nth = (seen.get(plainKey) || 0) + 1; // the same divider may come twice
    seen.set(plainKey, nth);
    const key = `${nth} ${plainKey}`;
    return { key, node: old.get(key) || blockNode(block, ctx) };
  });
  const focus = focusMark(container);
  const nodes = container.shown.map((one) => one.node);
  const same = nodes.length === container.children.length && nodes.every((node, i) => node === container.children[i]);
  if (!same) container.replaceChildren(...nodes);
  restoreFocus(container, focus);
}

function focusMark(container) {
  const active = document.activeElement;
  if (!container.contains(active)) return null;
  const control = active.closest('[data-action]');
  return { active, block: control?.dataset.block, action: control?.dataset.action };
}

function restoreFocus(container, mark) {
  if (!mark || document.activeElement === mark.active) return;
  if (container.contains(mark.active)) return mark.active.focus({ preventScroll: true });
  const same = [...container.querySelectorAll('[data-action]')]
    .find((node) => node.dataset.action === mark.action && node.dataset.block === mark.block);
  (same?.matches('button, input, select, textarea') ? same : same?.querySelector('button, input, select, textarea'))
    ?.focus({ preventScroll: true });
}

function blockNode(block, ctx) {
  const type = String(block?.type).replace(/[^a-z_]/g, '');
  const node = h('div', { class: `block block-${type}`, 'data-block-id': block?.block_id || null });
  try {
    const make = makers[block.type];
    if (!make) throw new Error('this page does not know it');
    node.append(make(block, ctx));
  } catch (error) {
    node.replaceChildren(brokenBlock(block, error));
  }
  return node;
}

function brokenBlock(block, error) {
  return h('div', { class: 'broken', role: 'group' },
    h('p', {}, icon('alert'), `A block of type ${block?.type || 'unknown'} could not be shown`),
    h('details', {}, h('summary', {}, 'Why, and its JSON'), h('p', {}, error.message),
      h('pre', {}, h('code', {}, JSON.stringify(block, null, 2)))));
}

const placeIn = (block, ctx, more = {}) => ({ ctx, blockId: block.block_id, dispatch: true, ...more });
const children = (blocks, ctx) => {
  const node = h('div', { class: 'blocks' });
  showBlocks(node, blocks || [], ctx);
  return node;
};

function section(block, ctx) {
  const label = block.text?.text;
  const words = h('div', { class: 'section-words' },
    block.text ? h('div', { class: 'text' }, textObject(block.text)) : null,
    block.fields?.length ? h('div', { class: 'fields' }, block.fields.map((f) => h('div', { class: 'text' }, textObject(f)))) : null);
  if (!block.accessory) return words;
  const accessory = block.accessory.type === 'image'
    ? thumbnail(block.accessory, ctx)
    : element(block.accessory, placeIn(block, ctx, { label }));
  return h('div', { class: `section with-${block.accessory.type}` }, words, h('div', { class: 'accessory' }, accessory));
}

function header(block) {
  return h(`h${Math.min((block.level || 1) + 2, 6)}`, { class: `level-${block.level || 1}` }, plain(block.text.text));
}

function divider() {
  return h('hr');
}

function context(block, ctx) {
  return h('div', { class: 'context' }, block.elements.map((e) => (
    e.type === 'image' ? thumbnail(e, ctx) : h('span', { class: 'text' }, textObject(e)))));
}

function contextActions(block, ctx) {
  return h('div', { class: 'context-actions' }, block.elements.map((e) => element(e, placeIn(block, ctx))));
}

function actions(block, ctx) {
  const one = (e) => (knows(e.type) ? element(e, placeIn(block, ctx)) : brokenBlock(e, new Error('this page does not know it')));
  return h('div', { class: 'actions' }, block.elements.map(one));
}

function inputBlock(block, ctx) {
  const el = block.element;
  const id = freshId('input');
  const [labelId, hintId, errorId] = [`${id}-label`, `${id}-hint`, `${id}-error`];
  const place = {
    ctx, blockId: block.block_id, id, input: true, dispatch: Boolean(block.dispatch_action), labelledBy: labelId,
    describedBy: `${hintId} ${errorId}`, required: !block.optional,
  };
  return h('div', { class: 'field' },
    h('label', { for: id, id: labelId }, plain(block.label.text), block.optional ? h('span', { class: 'optional' }, ' (optional)') : null),
    element(el, place),
    h('p', { class: 'field-error', id: errorId, role: 'alert' }),
    block.hint ? h('p', { class: 'hint', id: hintId }, plain(block.hint.text)) : null);
}

/** Where a picture comes from. Only the workspace's own files are loaded: the page asks nobody else for anything. */
function pictureSource(picture, ctx) {
  const url = picture.image_url || picture.slack_file?.url;
  if (url) return ownFile(url);
  const file = (ctx.files || []).find((f) => f.id === picture.slack_file?.id);
  return file ? ownFile(file.url_private) : null;
}

function image(block, ctx) {
  const source = pictureSource(block, ctx);
  return h('figure', { class: 'picture' },
    block.title ? h('figcaption', {}, plain(block.title.text)) : null,
    source ? h('img', { src: source, alt: block.alt_text || '', loading: 'lazy' }) : absentPicture(block));
}

function absentPicture(picture) {
  const url = picture.image_url;
  return h('p', { class: 'absent' }, icon('eye'), picture.alt_text || 'A picture', url ? [' · ', link(url, 'open it')] : null);
}

function thumbnail(picture, ctx) {
  const source = pictureSource(picture, ctx);
  if (source) return h('img', { class: 'thumbnail', src: source, alt: picture.alt_text || '' });
  return h('span', { class: 'thumbnail absent', role: 'img', 'aria-label': picture.alt_text || 'picture', title: picture.alt_text || null }, icon('dot'));
}

function card(block, ctx) {
  const line = (name) => (block[name] ? h('div', { class: `card-${name}` }, textObject(block[name])) : null);
  return h('article', { class: 'card' },
    block.hero_image ? image(block.hero_image, ctx) : null,
    h('div', { class: 'card-head' }, block.icon ? thumbnail(block.icon, ctx) : null, h('div', {}, line('title'), line('subtitle'))),
    line('body'), line('subtext'),
    block.actions?.length ? h('div', { class: 'actions' }, block.actions.map((e) => element(e, placeIn(block, ctx)))) : null);
}

function carousel(block, ctx) {
  return h('div', { class: 'carousel', role: 'group', 'aria-label': 'Cards', tabindex: '0' },
    block.elements.map((one) => blockNode({ ...one, type: 'card' }, ctx)));
}

function container(block, ctx) {
  const title = [
    block.icon ? thumbnail(block.icon, ctx) : null,
    h('span', { class: 'container-words' },
      h('span', { class: 'container-title' }, block.rich_text_title ? richText(block.rich_text_title) : textObject(block.title)),
      block.subtitle ? h('span', { class: 'container-subtitle' }, textObject(block.subtitle)) : null)];
  const inner = children(block.child_blocks, ctx);
  if (block.is_collapsible) {
    return h('details', { class: 'container', open: !block.default_collapsed }, h('summary', {}, title), inner);
  }
  return h('section', { class: 'container' }, h('div', { class: 'container-head' }, title), inner);
}

function layout(block, ctx) {
  return h('div', { class: 'layout', role: 'group', 'aria-label': block.label },
    block.is_label_visible ? h('div', { class: 'container-title' }, block.label) : null,
    block.rows.map((row) => h('div', { class: 'layout-row' },
      row.items.map((item) => h('div', { class: 'layout-item' }, blockNode(item.block, ctx))))));
}

function alert(block) {
  const level = ['info', 'warning', 'error', 'success'].includes(block.level) ? block.level : 'info';
  return h('div', { class: `alert ${level}`, role: level === 'error' ? 'alert' : 'note' },
    icon({ info: 'info', success: 'check' }[level] || 'alert'), h('div', {}, textObject(block.text)));
}

function plan(block) {
  return h('section', { class: 'plan' }, h('div', { class: 'container-title' }, words(block.title)), (block.tasks || []).map(taskCard));
}

const words = (text) => (typeof text === 'string' ? text : text?.text || '');

function taskCard(task) {
  const status = task.status || 'in_progress';
  const sign = { complete: 'check', error: 'alert', in_progress: 'spin' }[status] || 'dot';
  const more = [task.details && richText(task.details), task.output && richText(task.output), sources(task.sources)].filter(Boolean);
  const title = [icon(sign), task.hide_title ? null : h('span', {}, words(task.title)), h('span', { class: 'sr-only' }, ` (${status.replace('_', ' ')})`)];
  if (more.length === 0) return h('div', { class: `task ${status}` }, h('div', { class: 'task-title' }, title));
  return h('details', { class: `task ${status}`, open: status !== 'complete' },
    h('summary', { class: 'task-title' }, title), h('div', { class: 'task-body' }, more));
}

const sources = (list) => list?.length && h('p', { class: 'context' }, list.map((one) => link(one.url, one.text || one.url)));

function fileBlock(block, ctx) {
  const file = (ctx.files || []).find((f) => f.id === block.file_id || f.id === block.external_id);
  return file ? fileChip(file) : h('p', { class: 'absent' }, icon('file'), block.external_id || block.file_id || 'A file');
}

/** A shared file: a picture is shown, anything else can be downloaded. */
export function fileChip(file) {
  const href = ownFile(file.url_private);
  const name = file.title || file.name;
  if (href && /^image\//.test(file.mimetype || '')) {
    return h('figure', { class: 'picture' }, h('figcaption', {}, name),
      h('a', { href, target: '_blank', rel: 'noopener' }, h('img', { src: href, alt: file.alt_txt || name, loading: 'lazy' })));
  }
  const inside = [icon('file'), h('span', {}, name, h('small', {}, size(file.size)))];
  return href ? h('a', { class: 'file', href, target: '_blank', rel: 'noopener' }, inside) : h('span', { class: 'file' }, inside);
}

function size(bytes) {
  if (!bytes) return '';
  return bytes < 1024 ? `${bytes} bytes` : bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

function video(block) {
  return h('p', { class: 'absent' }, icon('eye'), h('span', {}, link(block.title_url || block.video_url, words(block.title)),
    block.description ? [' — ', words(block.description)] : null));
}

/** Old-style attachments: a bar beside their text or blocks. */
export function attachment(one, ctx) {
  return h('div', { class: 'attachment' },
    one.pretext ? h('div', { class: 'text' }, mrkdwn(one.pretext)) : null,
    one.title ? h('strong', {}, one.title_link ? link(one.title_link, one.title) : one.title) : null,
    one.text ? h('div', { class: 'text' }, mrkdwn(one.text)) : null,
    one.blocks ? children(one.blocks, ctx) : null,
    !one.text && !one.blocks && one.fallback ? h('div', { class: 'text' }, one.fallback) : null);
}
