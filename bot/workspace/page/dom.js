// Making elements. Data only ever becomes a text node or a plain attribute, never markup.

const svgSpace = 'http://www.w3.org/2000/svg';

/** h('a', {class: 'x', href, onclick}, 'text', child): an element. null and false are left out. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(svgSpace, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'selected') node[name] = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/** An icon of icons.svg; it is decoration, so the control around it carries the words. */
export function icon(name) {
  return s('svg', { class: `icon icon-${name}`, 'aria-hidden': 'true' }, s('use', { href: `icons.svg#${name}` }));
}

export const byId = (id) => document.getElementById(id);

let serial = 0;
/** An id for labels and descriptions, unique in the page. */
export const freshId = (prefix) => `${prefix}-${++serial}`;

/** Links may lead to the web, to mail and to the workspace's own files, and nowhere else. */
export function safeURL(url) {
  try {
    const parsed = new URL(url, location.href);
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** The address of a shared file under the origin of this page, or null for anything else: the bot
 *  may know the workspace by another host name than the browser. */
export function ownFile(url) {
  try {
    const { pathname } = new URL(url, location.href);
    return pathname.startsWith('/files/') ? pathname : null;
  } catch {
    return null;
  }
}

export function link(url, label, props = {}) {
  const href = safeURL(url);
  if (!href) return h('span', {}, label);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer', ...props }, label);
}

/** Says something to people who listen to the page. */
export function announce(text) {
  byId('live').textContent = text;
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** A deterministic hue: the same person has the same colour on every machine. */
export function hueOf(text) {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + letter.codePointAt(0)) % 9973;
  return Math.round(hash * 137.508) % 360; // the golden angle keeps neighbours apart
}
