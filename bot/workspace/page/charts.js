// data_visualization: bar, line, area and pie as inline SVG. Every chart has its numbers in a table
// beside it, because a chart never carries the only copy of a number.
import { freshId, h, s } from './dom.js';

const height = 232;
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const short = (value) => compact.format(value).replace('-', '−');
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });

export function chart(block) {
  const { chart: data, title } = block;
  if (!['bar', 'line', 'area', 'pie'].includes(data?.type)) throw new Error(`unknown chart: ${data?.type}`);
  const titleId = freshId('chart');
  const table = data.type === 'pie' ? pieTable(data) : axisTable(data);
  const plot = h('div', { class: 'chart-plot' });
  const draw = data.type === 'pie' ? drawPie : drawAxes;
  // Drawn at its real width, so that the words keep their size on narrow screens.
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (width === 0 || width === drawn) return;
    drawn = width;
    plot.replaceChildren(draw(data, width, summary(block)), ...(data.type === 'pie' ? [] : [tip(plot, data)]));
  }).observe(plot);
  const numbers = h('details', { class: 'chart-numbers' }, h('summary', {}, 'Show as a table'), h('div', { class: 'table-scroll' }, table));
  return h('figure', { class: `chart chart-${data.type}`, 'aria-labelledby': titleId },
    h('figcaption', { id: titleId }, title), plot, legend(data), numbers);
}

function summary({ title, chart: data }) {
  const kind = { bar: 'Bar chart', line: 'Line chart', area: 'Area chart', pie: 'Pie chart' }[data.type];
  const of = data.type === 'pie'
    ? data.segments.map((p) => `${p.label} ${exact.format(p.value)}`).join(', ')
    : `${data.series.map((one) => one.name).join(', ')} by ${data.axis_config.categories.join(', ')}`;
  return `${kind}: ${title}. ${of}. The numbers are in the table below.`;
}

function legend(data) {
  const names = data.type === 'pie'
    ? data.segments.map((p) => [p.label, exact.format(p.value)])
    : data.series.map((one) => [one.name]);
  if (data.type !== 'pie' && names.length < 2) {
    const { x_label: x, y_label: y } = data.axis_config;
    return h('p', { class: 'legend-single' }, [y || names[0][0], x].filter(Boolean).join(' · '));
  }
  return h('ul', { class: 'legend', 'aria-label': 'Legend' },
    names.map(([name, value], i) => h('li', {},
      h('span', { class: `swatch ink-${i % 8}`, 'aria-hidden': 'true' }), name, value ? h('b', {}, value) : null)));
}

function pieTable(data) {
  return numbersTable(['', 'Value'], data.segments.map((p) => [p.label, p.value]));
}

function axisTable({ series, axis_config: axis }) {
  return numbersTable([axis.x_label || '', ...series.map((one) => one.name)],
    axis.categories.map((category) => [category, ...series.map((one) => valueAt(one, category))]));
}

function numbersTable(head, rows) {
  return h('table', {},
    h('thead', {}, h('tr', {}, head.map((name, i) => h('th', { scope: 'col', class: i ? 'align-right' : 'align-left' }, name)))),
    h('tbody', {}, rows.map(([name, ...values]) => h('tr', {}, h('th', { scope: 'row' }, name),
      values.map((v) => h('td', { class: 'align-right' }, v === null ? '—' : exact.format(v)))))));
}

const valueAt = (series, category) => series.data.find((point) => point.label === category)?.value ?? null;

/** Round steps that cover the values and always include zero. */
export function scale(values, steps = 5) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const raw = (high - low || 1) / steps;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((nice) => nice * power >= raw * 0.999) * power;
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.max(Math.ceil(high / step - 1e-9) * step, from + step);
  const ticks = [];
  for (let i = 0; from + i * step <= to + step / 2; i++) ticks.push(Number((from + i * step).toPrecision(12)));
  return { from: ticks[0], to: ticks[ticks.length - 1], ticks };
}

/** Where things stand in a chart with axes. */
function layout({ series, axis_config: axis }, width) {
  const values = series.flatMap((one) => one.data.map((point) => point.value)).filter(Number.isFinite);
  const range = scale(values);
  const labels = range.ticks.map(short);
  const left = Math.max(...labels.map((l) => l.length)) * 7 + 12;
  const right = 12;
  const band = (width - left - right) / axis.categories.length;
  const longest = Math.max(...axis.categories.map((c) => c.length)) * 6.6;
  const tilted = longest > band - 6;
  const bottom = tilted ? Math.min(longest * 0.62 + 20, 96) : 26;
  const every = Math.ceil(19 / band); // names that would run into each other are left out
  const top = axis.y_label && series.length > 1 ? 30 : 18; // room for the axis' name
  const total = height + (tilted ? bottom - 26 : 0);
  const y = (v) => top + (range.to - v) / (range.to - range.from) * (total - top - bottom);
  return { range, labels, left, right, band, every, tilted, bottom, top, total, width, y, x: (i) => left + band * (i + 0.5) };
}

function drawAxes(data, width, label) {
  const at = layout(data, width);
  const marks = { bar: bars, line: lines, area: lines }[data.type];
  return s('svg', { role: 'img', 'aria-label': label, width, height: at.total, viewBox: `0 0 ${width} ${at.total}` },
    at.range.ticks.map((tick, i) => s('g', { class: tick === 0 ? 'tick zero' : 'tick' },
      s('line', { x1: at.left, x2: width - at.right, y1: at.y(tick), y2: at.y(tick) }),
      s('text', { x: at.left - 8, y: at.y(tick) + 4, 'text-anchor': 'end' }, at.labels[i]))),
    data.axis_config.categories.map((name, i) => (i % at.every ? null : category(name, at.x(i), at))),
    data.axis_config.y_label && data.series.length > 1 ? s('text', { x: 2, y: 10 }, data.axis_config.y_label) : null,
    marks(data, at));
}

function category(name, x, at) {
  const y = at.total - at.bottom + 17;
  if (!at.tilted) return s('text', { class: 'category', x, y, 'text-anchor': 'middle' }, name);
  return s('text', { class: 'category', x: x + 4, y: y - 3, 'text-anchor': 'end', transform: `rotate(-36 ${x + 4} ${y - 3})` }, name);
}

function bars(data, at) {
  const group = Math.min(at.band * 0.72, 64 * data.series.length);
  const each = group / data.series.length;
  const roomy = each >= 30;
  return data.axis_config.categories.map((name, i) => data.series.map((one, k) => {
    const value = valueAt(one, name);
    if (value === null) return null;
    const x = at.x(i) - group / 2 + each * k + 1;
    const top = Math.min(at.y(value), at.y(0));
    const tall = Math.max(Math.abs(at.y(value) - at.y(0)), value === 0 ? 0 : 1);
    return s('g', {},
      s('rect', { class: `column ink-${k % 8}`, x, y: top, width: Math.max(each - 2, 1), height: tall, rx: Math.min(3, tall / 2) },
        s('title', {}, `${one.name}, ${name}: ${exact.format(value)}`)),
      roomy ? s('text', {
        class: 'column-value', x: x + each / 2 - 1, y: value < 0 ? top + tall + 12 : top - 5, 'text-anchor': 'middle',
      }, short(value)) : null);
  }));
}

function lines(data, at) {
  return data.series.map((one, k) => {
    const points = data.axis_config.categories
      .map((name, i) => [at.x(i), valueAt(one, name), name])
      .filter(([, value]) => value !== null);
    if (points.length === 0) return null;
    const path = points.map(([x, value], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${at.y(value).toFixed(1)}`).join('');
    const base = at.y(0).toFixed(1);
    return s('g', {},
      data.type === 'area' ? s('path', {
        class: `area ink-${k % 8}`, d: `${path}L${points.at(-1)[0].toFixed(1)} ${base}L${points[0][0].toFixed(1)} ${base}Z`,
      }) : null,
      s('path', { class: `line ink-${k % 8} dash-${k % 4}`, d: path }),
      points.map(([x, value, name]) => s('circle', { class: `point ink-${k % 8}`, cx: x, cy: at.y(value), r: 3.5 },
        s('title', {}, `${one.name}, ${name}: ${exact.format(value)}`))));
  });
}

/** The values under the pointer. The table says the same to everybody else. */
function tip(plot, data) {
  const box = h('div', { class: 'chart-tip', 'aria-hidden': 'true', hidden: true });
  plot.onpointermove = (event) => {
    const frame = plot.getBoundingClientRect();
    const at = layout(data, Math.floor(frame.width));
    const i = Math.floor((event.clientX - frame.left - at.left) / at.band);
    const name = data.axis_config.categories[i];
    box.hidden = name === undefined;
    if (box.hidden) return;
    box.replaceChildren(h('b', {}, name), ...data.series.map((one, k) => h('span', {},
      h('i', { class: `swatch ink-${k % 8}` }), `${one.name} `, h('b', {}, valueAt(one, name) === null ? '—' : exact.format(valueAt(one, name))))));
    const onRight = at.x(i) > frame.width / 2;
    box.style.left = onRight ? 'auto' : `${at.x(i) + 12}px`;
    box.style.right = onRight ? `${frame.width - at.x(i) + 12}px` : 'auto';
  };
  plot.onpointerleave = () => { box.hidden = true; };
  return box;
}

function drawPie({ segments }, width, label) {
  const size = Math.min(width, 208);
  const [c, outer, inner] = [size / 2, size / 2 - 4, size / 2 * 0.56];
  const total = segments.reduce((sum, p) => sum + p.value, 0);
  let turned = 0;
  const slices = segments.map((p, i) => {
    const from = turned / total;
    turned += p.value;
    return s('path', { class: `slice ink-${i % 8}`, 'fill-rule': 'evenodd', d: ring(c, outer, inner, from, turned / total) },
      s('title', {}, `${p.label}: ${exact.format(p.value)}`));
  });
  return s('svg', { role: 'img', 'aria-label': label, width: size, height: size, viewBox: `0 0 ${size} ${size}` }, slices);
}

function ring(c, outer, inner, from, to) {
  if (to - from > 0.9999) {
    const circle = (r) => `M${c - r} ${c}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    return circle(outer) + circle(inner);
  }
  const on = (r, part) => `${(c + r * Math.sin(part * 2 * Math.PI)).toFixed(2)} ${(c - r * Math.cos(part * 2 * Math.PI)).toFixed(2)}`;
  const large = to - from > 0.5 ? 1 : 0;
  return `M${on(outer, from)}A${outer} ${outer} 0 ${large} 1 ${on(outer, to)}L${on(inner, to)}A${inner} ${inner} 0 ${large} 0 ${on(inner, from)}Z`;
}
